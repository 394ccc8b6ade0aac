"""Statements that make, change, drop, grant or write what belongs to Supabase."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lockstitch.database.hosted.names import object_name, relation, roles, schema_of
from lockstitch.database.hosted.possessions import (
    API_ROLES,
    OPEN_ROWS,
    OPEN_TABLES,
    SCHEMAS,
)
from lockstitch.database.hosted.reading import Node
from lockstitch.database.hosted.rules import ROWS, SCHEMA, Objection

_OWN_SCHEMA: Final = "Put it into public or into a schema of your own, such as private."
_LEAVE: Final = "Leave it to Supabase, which changes it with its own releases."

# Where a statement has the name of what it makes or changes.
_RELATIONS: Final = {
    "CreateStmt": "relation",
    "ViewStmt": "view",
    "CreateSeqStmt": "sequence",
    "CompositeTypeStmt": "typevar",
    "IndexStmt": "relation",
    "RuleStmt": "relation",
    "AlterTableStmt": "relation",
    "AlterSeqStmt": "sequence",
    "RefreshMatViewStmt": "relation",
}
_OBJECTS: Final = {
    "CreateEnumStmt": "typeName",
    "CreateRangeStmt": "typeName",
    "CreateDomainStmt": "domainname",
    "CreateFunctionStmt": "funcname",
    "DefineStmt": "defnames",
    "AlterEnumStmt": "typeName",
    "AlterTypeStmt": "typeName",
    "AlterDomainStmt": "typeName",
    "AlterFunctionStmt": "func",
}
_MADE: Final = frozenset({"DefineStmt", "ViewStmt", "CompositeTypeStmt"})
# They belong to a table, whose name stands before theirs.
_MEMBERS: Final = frozenset(
    {
        "OBJECT_COLUMN",
        "OBJECT_POLICY",
        "OBJECT_RULE",
        "OBJECT_TABCONSTRAINT",
        "OBJECT_TRIGGER",
    }
)
_OPEN_MEMBERS: Final = frozenset({"OBJECT_POLICY", "OBJECT_TRIGGER"})
_WRITES: Final = {
    "InsertStmt": "inserts into",
    "UpdateStmt": "updates",
    "DeleteStmt": "deletes from",
    "MergeStmt": "merges into",
}


def judge_objects(node: Node) -> Iterator[Objection]:
    """Yield what a statement does to the possessions of Supabase."""
    if node.kind in _RELATIONS:
        name = relation(node, node.fields.get(_RELATIONS[node.kind]))
        yield from _touched(node.kind, name)
    elif node.kind in _OBJECTS:
        yield from _touched(node.kind, object_name(node, node.fields.get(_OBJECTS[node.kind])))
    elif node.kind in _WRITES:
        name = relation(node, node.fields.get("relation"))
        yield from _written(node.kind, _WRITES[node.kind], name)
    elif node.kind in _JUDGES:
        yield from _JUDGES[node.kind](node)


def _touched(kind: str, name: str) -> Iterator[Objection]:
    schema = schema_of(name)
    if schema not in SCHEMAS:
        return
    if kind == "IndexStmt":
        yield _refused(
            f"an index on {name}",
            f"makes an index on {name}, which belongs to Supabase",
            "Index a table of your own, or ask Supabase for the index.",
        )
    elif kind.startswith("Create") or kind in _MADE:
        yield _refused(f"makes {name}", f"makes {name} in a schema of Supabase", _OWN_SCHEMA)
    else:
        yield _refused(f"changes {name}", f"changes {name}, which belongs to Supabase", _LEAVE)


def _refused(subject: str, does: str, fix: str) -> Objection:
    return Objection(SCHEMA, subject, f"The statement {does}; a hosted project refuses it.", fix)


# Names in other places


def _made_by_query(node: Node) -> Iterator[Objection]:
    """`create table … as`, `create materialized view` and `select … into`."""
    into = node.fields.get("into") or node.fields.get("intoClause") or {}
    yield from _touched("CreateTableAsStmt", relation(node, into.get("rel")))


def _changed_object(node: Node) -> Iterator[Objection]:
    """`alter … rename`, `owner to` and `set schema`, and `comment on`."""
    fields = node.fields
    kind = str(fields.get("renameType") or fields.get("objectType") or fields.get("objtype"))
    if kind == "OBJECT_SCHEMA":
        name = str(fields.get("subname") or object_name(node, fields.get("object"), least=1))
        if name in SCHEMAS:
            yield _refused(f"changes {name}", f"changes the schema {name} of Supabase", _LEAVE)
        return
    if fields.get("newschema") in SCHEMAS:
        moved = str(fields["newschema"])
        yield _refused(f"moves into {moved}", f"moves something into {moved}", _OWN_SCHEMA)
    if fields.get("relation"):
        name = relation(node, fields["relation"])
        is_policy = kind == "OBJECT_POLICY" and name in OPEN_TABLES
        yield from () if is_policy else _touched(node.kind, name)
    elif fields.get("object") and kind not in {"OBJECT_ROLE", "OBJECT_EXTENSION"}:
        least = 3 if kind in _MEMBERS else 2
        yield from _touched(node.kind, object_name(node, fields["object"], least=least))


def _dropped(node: Node) -> Iterator[Objection]:
    kind = str(node.fields.get("removeType"))
    for one in node.fields.get("objects", ()):
        least = {"OBJECT_SCHEMA": 1}.get(kind, 3 if kind in _MEMBERS else 2)
        name = object_name(node, one, least=least)
        if kind == "OBJECT_SCHEMA" and name in SCHEMAS:
            yield _refused(f"drops {name}", f"drops the schema {name} of Supabase", _LEAVE)
        table = name.rpartition(".")[0] if kind in _MEMBERS else name
        if schema_of(name) not in SCHEMAS or kind == "OBJECT_SCHEMA":
            continue
        if kind in _OPEN_MEMBERS and table in OPEN_TABLES:
            continue
        yield _refused(f"drops {name}", f"drops {name}, which belongs to Supabase", _LEAVE)


def _made_schema(node: Node) -> Iterator[Objection]:
    name = node.fields.get("schemaname")
    if name in SCHEMAS and not node.fields.get("if_not_exists"):
        yield _refused(
            f"makes {name}",
            f"makes the schema {name}, which every project has",
            "Remove it, or write `create schema if not exists`.",
        )


def _added_to_table(node: Node) -> Iterator[Objection]:
    """A trigger or a policy."""
    name = relation(node, node.fields.get("relation") or node.fields.get("table"))
    if schema_of(name) in SCHEMAS and name not in OPEN_TABLES:
        what = "a trigger" if node.kind == "CreateTrigStmt" else "a policy"
        yield _refused(
            f"{what} on {name}",
            f"puts {what} on {name}",
            "Supabase opens these tables to triggers and policies: "
            f"{', '.join(sorted(OPEN_TABLES))}.",
        )


def _published(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("pubobjects", ()):
        table = one.get("PublicationObjSpec", {}).get("pubtable", {})
        name = relation(node, table.get("relation"))
        if schema_of(name) in SCHEMAS:
            yield _refused(
                f"publishes {name}",
                f"publishes {name}, which takes its owner",
                "Publish tables of your own.",
            )


def _granted(node: Node) -> Iterator[Objection]:
    fields = node.fields
    if fields.get("objtype") == "OBJECT_SCHEMA":
        yield from _granted_schemas(fields)
    elif not fields.get("is_grant"):
        takers = set(roles(fields.get("grantees", [])))
        if takers & (API_ROLES | {"public"}):
            yield from _revoked(node)


def _granted_schemas(fields: Mapping[str, Any]) -> Iterator[Objection]:
    privileges = {one["AccessPriv"].get("priv_name") for one in fields.get("privileges", ())}
    if not fields.get("is_grant") or (privileges and "create" not in privileges):
        return
    for one in fields.get("objects", ()):
        name = one.get("String", {}).get("sval")
        if name in SCHEMAS:
            yield _refused(
                f"grants create on {name}",
                f"grants the right to make something in {name}, which postgres does not have",
                "Grant usage alone.",
            )


def _revoked(node: Node) -> Iterator[Objection]:
    whole = node.fields.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA"
    for one in node.fields.get("objects", ()):
        if whole:
            schema = str(one.get("String", {}).get("sval"))
            name = f"everything in {schema}"
        else:
            table = one.get("RangeVar")
            name = relation(node, table) if table else object_name(node, one)
            schema = schema_of(name)
        if schema in SCHEMAS:
            yield _refused(
                f"revokes {name}",
                f"revokes rights of the API's roles on {name}, which Supabase granted",
                "Restrict the rows by a policy instead.",
            )


# Rows


def _emptied(node: Node) -> Iterator[Objection]:
    for one in node.fields.get("relations", ()):
        yield from _written(node.kind, "truncates", relation(node, one.get("RangeVar")))


def _copied(node: Node) -> Iterator[Objection]:
    if node.fields.get("is_from"):
        name = relation(node, node.fields.get("relation"))
        yield from _written(node.kind, "copies into", name)


def _written(kind: str, does: str, name: str) -> Iterator[Objection]:
    schema = schema_of(name)
    if schema not in SCHEMAS or kind in OPEN_ROWS.get(name, ()):
        return
    yield Objection(
        ROWS,
        f"{does} {name}",
        f"The statement {does} {name}, whose rows are the work of a service of Supabase.",
        _SERVICES[schema],
    )


_SERVICES: Final = {
    "auth": "Use the API of Supabase Auth; on the embedded server Lockstitch keeps accounts.",
    "storage": "Use the API of Supabase Storage, which keeps row and file together.",
    "realtime": "Call realtime.send or realtime.broadcast_changes.",
}
_JUDGES: Final[dict[str, Callable[[Node], Iterator[Objection]]]] = {
    "CreateTableAsStmt": _made_by_query,
    "SelectStmt": _made_by_query,
    "RenameStmt": _changed_object,
    "AlterOwnerStmt": _changed_object,
    "AlterObjectSchemaStmt": _changed_object,
    "CommentStmt": _changed_object,
    "SecLabelStmt": _changed_object,
    "DropStmt": _dropped,
    "CreateSchemaStmt": _made_schema,
    "CreateTrigStmt": _added_to_table,
    "CreatePolicyStmt": _added_to_table,
    "AlterPolicyStmt": _added_to_table,
    "CreatePublicationStmt": _published,
    "AlterPublicationStmt": _published,
    "GrantStmt": _granted,
    "TruncateStmt": _emptied,
    "CopyStmt": _copied,
}
