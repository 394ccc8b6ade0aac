"""Statements about roles, and those that only a superuser may run."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from lockstitch.database.hosted.dynamic import UNKNOWN, constant_text
from lockstitch.database.hosted.names import role, roles
from lockstitch.database.hosted.possessions import (
    EXTENSIONS,
    LANGUAGES,
    RESERVED_MEMBERSHIPS,
    RESERVED_ROLES,
    SERVER_FILE_FUNCTIONS,
    SETTABLE_ROLES,
)
from lockstitch.database.hosted.reading import Node
from lockstitch.database.hosted.rules import EXTENSION, ROLE, SUPERUSER, Objection

_OWN_ROLE: Final = "Make a role of your own, and grant it to authenticator if the API needs it."

_FOR_SUPERUSERS: Final = {
    "AlterSystemStmt": "changes the configuration of the server",
    "CreateTableSpaceStmt": "makes a tablespace",
    "CreateAmStmt": "makes an access method",
    "CreateOpClassStmt": "makes an operator class",
    "CreateOpFamilyStmt": "makes an operator family",
    "CreatePLangStmt": "makes a language",
    "LoadStmt": "loads a library into the server",
    "CreateTransformStmt": "makes a transform",
}
# Recent projects take these from postgres, and older ones do not.
_SINCE_LATELY: Final = {
    "CreateEventTrigStmt": "makes an event trigger",
    "AlterEventTrigStmt": "changes an event trigger",
    "CreateSubscriptionStmt": "makes a subscription",
}


def judge_principals(node: Node) -> Iterator[Objection]:
    """Yield what a statement asks of roles, superusers and extensions."""
    if node.kind in _FOR_SUPERUSERS:
        yield _superuser(_FOR_SUPERUSERS[node.kind])
    elif node.kind in _SINCE_LATELY:
        does = _SINCE_LATELY[node.kind]
        yield Objection(
            SUPERUSER,
            does,
            f"The statement {does}; older projects of Supabase and every other Postgres want a "
            "superuser for it.",
            "Use triggers on tables, or accept the finding where the project is known to take it.",
            severity="warning",
        )
    elif node.kind in _JUDGES:
        yield from _JUDGES[node.kind](node)


def _superuser(does: str, fix: str = "Do without it; no setting makes postgres one.") -> Objection:
    return Objection(
        SUPERUSER, does, f"The statement {does}, for which one must be a superuser.", fix
    )


def _reserved(name: str, does: str) -> Objection:
    return Objection(
        ROLE, f"{does} {name}", f"The statement {does} {name}, a reserved role.", _OWN_ROLE
    )


# Roles


def _made_role(node: Node) -> Iterator[Objection]:
    name = str(node.fields.get("role"))
    if name in RESERVED_ROLES:
        yield _reserved(name, "makes")
    yield from _made_superuser(node)


def _altered_role(node: Node) -> Iterator[Objection]:
    name = role(node.fields.get("role", {}))
    if name in RESERVED_ROLES:
        yield _reserved(name, "changes")
    yield from _made_superuser(node)


def _made_superuser(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("options", ()):
        option = one.get("DefElem", {})
        if option.get("defname") == "superuser" and option["arg"]["Boolean"].get("boolval"):
            yield _superuser("makes a superuser")


def _set_for_role(node: Node) -> Iterator[Objection]:
    if "role" not in node.fields:
        yield _superuser("changes a setting of all roles", "Name the role.")
        return
    name = role(node.fields["role"])
    if name in RESERVED_ROLES - SETTABLE_ROLES:
        yield _reserved(name, "changes a setting of")


def _dropped_roles(node: Node) -> Iterator[Objection]:
    for name in roles(node.fields.get("roles", [])):
        if name in RESERVED_ROLES:
            yield _reserved(name, "drops")


def _owned_by(node: Node) -> Iterator[Objection]:
    """`drop owned by` and `reassign owned by`."""
    for name in roles(node.fields.get("roles", [])):
        if name in RESERVED_MEMBERSHIPS:
            yield _reserved(name, "takes what belongs to")
    yield from _given_to(role(node.fields.get("newrole", {})))


def _granted_roles(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("granted_roles", ()):
        name = one.get("AccessPriv", {}).get("priv_name")
        if name in RESERVED_MEMBERSHIPS:
            does = "grants" if node.fields.get("is_grant") else "revokes"
            yield _reserved(name, does)


def _owner(node: Node) -> Iterator[Objection]:
    yield from _given_to(role(node.fields.get("newowner", {})))


def _authorized(node: Node) -> Iterator[Objection]:
    yield from _given_to(role(node.fields.get("authrole", {})))


def _given_to(name: str) -> Iterator[Objection]:
    if name in RESERVED_MEMBERSHIPS:
        yield Objection(
            ROLE,
            f"gives something to {name}",
            f"The statement gives something to {name}, of which postgres is no member.",
            "Leave the ownership with postgres.",
        )


def _renamed(node: Node) -> Iterator[Objection]:
    name = str(node.fields.get("subname"))
    if node.fields.get("renameType") == "OBJECT_ROLE" and name in RESERVED_ROLES:
        yield _reserved(name, "renames")


def _default_rights(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("options", ()):
        option = one.get("DefElem", {})
        if option.get("defname") != "roles":
            continue
        for name in roles(option["arg"]["List"]["items"]):
            if name in RESERVED_MEMBERSHIPS:
                yield _reserved(name, "changes the default rights of")


def _set_variable(node: Node) -> Iterator[Objection]:
    names = [constant_text(one) or "" for one in node.fields.get("args", ())]
    setting = node.fields.get("name")
    if setting == "role" and set(names) & RESERVED_MEMBERSHIPS:
        yield _reserved(names[0], "acts as")
    elif setting == "session_authorization" and names:
        yield _superuser("becomes another session user", "Use `set role` with a role of yours.")


# What only superusers do


def _copied(node: Node) -> Iterator[Objection]:
    if node.fields.get("is_program"):
        yield _superuser("runs a program on the server", "Run it on your machine and copy stdin.")
    elif node.fields.get("filename"):
        yield _superuser("copies a file of the server", "Copy stdin or stdout.")


def _made_function(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("options", ()):
        option = one.get("DefElem", {})
        value = option.get("arg", {})
        name = value.get("String", {}).get("sval", "sql").lower()
        if option.get("defname") == "language" and name not in LANGUAGES:
            yield _superuser(f"makes a function in {name}", "Write it in sql or plpgsql.")
        if option.get("defname") == "leakproof" and value.get("Boolean", {}).get("boolval"):
            yield _superuser("makes a leakproof function", "Leave `leakproof` out.")


def _block(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("args", ()):
        option = one.get("DefElem", {})
        name = option.get("arg", {}).get("String", {}).get("sval", "").lower()
        if option.get("defname") == "language" and name not in LANGUAGES:
            yield _superuser(f"runs a block of {name}", "Write it in plpgsql.")


def _base_type(node: Node) -> Iterator[Objection]:
    # One without a definition only announces the name.
    if node.fields.get("kind") == "OBJECT_TYPE":
        yield _superuser("makes a base type", "Make a domain, an enum or a composite type.")


def _cast(node: Node) -> Iterator[Objection]:
    if not node.fields.get("func") and not node.fields.get("inout"):
        yield _superuser("makes a cast without a function", "Name a function, or `with inout`.")


def _called(node: Node) -> Iterator[Objection]:
    parts: list[Any] = node.fields.get("funcname", [])
    name = parts[-1].get("String", {}).get("sval") if parts else ""
    if name in SERVER_FILE_FUNCTIONS:
        yield _superuser(f"calls {name}", "Bring the content into the migration itself.")


def _extension(node: Node) -> Iterator[Objection]:
    name = str(node.fields.get("extname"))
    if name not in EXTENSIONS and UNKNOWN not in name:
        yield Objection(
            EXTENSION,
            name,
            f"Supabase does not offer the extension {name}.",
            "Do without it, or install it by pg_tle if it is SQL alone.",
        )


_JUDGES: Final[dict[str, Callable[[Node], Iterator[Objection]]]] = {
    "CreateRoleStmt": _made_role,
    "AlterRoleStmt": _altered_role,
    "AlterRoleSetStmt": _set_for_role,
    "DropRoleStmt": _dropped_roles,
    "DropOwnedStmt": _owned_by,
    "ReassignOwnedStmt": _owned_by,
    "GrantRoleStmt": _granted_roles,
    "AlterOwnerStmt": _owner,
    "AlterTableCmd": _owner,
    "CreateSchemaStmt": _authorized,
    "RenameStmt": _renamed,
    "AlterDefaultPrivilegesStmt": _default_rights,
    "VariableSetStmt": _set_variable,
    "CopyStmt": _copied,
    "CreateFunctionStmt": _made_function,
    "DoStmt": _block,
    "DefineStmt": _base_type,
    "CreateCastStmt": _cast,
    "FuncCall": _called,
    "CreateExtensionStmt": _extension,
}
