"""The names in a statement, as `libpg_query` spells them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lockstitch.database.hosted.possessions import OPEN_TABLES
from lockstitch.database.hosted.reading import Node

_MAKING: Final = frozenset(
    {
        "CompositeTypeStmt",
        "CreateDomainStmt",
        "CreateEnumStmt",
        "CreateFunctionStmt",
        "CreateRangeStmt",
        "CreateSeqStmt",
        "CreateStmt",
        "DefineStmt",
        "CreateTableAsStmt",
        "ViewStmt",
    }
)


def relation(node: Node, given: Mapping[str, Any] | None) -> str:
    """Return `schema.name` of a table, or `.name` where nothing tells the schema."""
    if not given:
        return ""
    if given.get("relpersistence") == "t":
        return f".{given.get('relname', '')}"
    return _qualified(node, [str(given.get("schemaname", "")), str(given.get("relname", ""))])


def object_name(node: Node, given: Any, *, least: int = 2) -> str:
    """Return the dotted name of a function, a type or a member of a table.

    Args:
        node: The statement.
        given: The name in it.
        least: How many parts it has with its schema: 3 for a policy of a table.
    """
    parts = list(_parts(given))
    return _qualified(node, [""] * (least - len(parts)) + parts)


def roles(given: Any) -> list[str]:
    """Return the names of the roles in a list of them, `public` for everybody."""
    found = given if isinstance(given, list) else [given or {}]
    return [role(one.get("RoleSpec", one)) for one in found]


def role(given: Mapping[str, Any]) -> str:
    """Return the name of a role; `current_user` and its like have none."""
    if given.get("roletype") == "ROLESPEC_PUBLIC":
        return "public"
    return str(given.get("rolename", ""))


def schema_of(name: str) -> str:
    """Return the schema of a qualified name, or an empty text."""
    first, dot, _ = name.partition(".")
    return first if dot else ""


def _qualified(node: Node, parts: list[str]) -> str:
    """Return the parts with dots; a name begins with one where its schema is not known.

    A file that sets the search path need not name the schema.
    """
    found = ".".join(parts)
    if parts[:1] != [""]:
        return found
    assumed = f"{node.schema}{found}"
    # What is not made here may as well stand in a later schema of the path.
    return assumed if node.kind in _MAKING or assumed in OPEN_TABLES else found


def _parts(given: Any) -> Iterator[str]:
    """Yield the parts of a name, whichever of its many forms it has."""
    if isinstance(given, list):
        for one in given:
            yield from _parts(one)
    elif isinstance(given, dict):
        if "sval" in given:
            yield str(given["sval"])
        for name in ("String", "List", "ObjectWithArgs", "TypeName", "items", "objname", "names"):
            if name in given:
                yield from _parts(given[name])
