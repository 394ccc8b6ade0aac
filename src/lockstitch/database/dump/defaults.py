"""Default privileges: what a new table is open to before anybody says so.

They would open the tables that a restore makes, since a dump says only what was granted beyond
Postgres' own defaults. So they are put aside first, and those of the dump come last.
"""

from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import BaseModel

_READ: Final = """
    select
        defaults.defaclobjtype::text as kind, namespace.nspname::text as schema_name,
        array(
            select coalesce(role.rolname::text, '') from aclexplode(defaults.defaclacl) as given
            left join pg_roles as role on role.oid = given.grantee order by 1
        ) as grantees,
        array(
            select given.privilege_type || case when given.is_grantable then '*' else '' end
            from aclexplode(defaults.defaclacl) as given
            left join pg_roles as role on role.oid = given.grantee
            order by coalesce(role.rolname::text, '')
        ) as privileges
    from pg_default_acl as defaults
    left join pg_namespace as namespace on namespace.oid = defaults.defaclnamespace
    where defaults.defaclrole = current_user::regrole
    order by defaults.defaclobjtype, namespace.nspname
"""
_KINDS: Final = {
    "r": "tables",
    "S": "sequences",
    "f": "functions",
    "T": "types",
    "n": "schemas",
    "L": "large objects",
}
# Postgres opens these to everybody by itself.
_OPEN: Final = frozenset({"f", "T"})
_EVERYBODY: Final = ""


class DefaultPrivileges(BaseModel):
    """The default privileges of one kind of object that the role of this connection makes.

    Attributes:
        kind: A letter, as in `pg_default_acl`.
        schema_name: Where they hold; None: everywhere.
        grantees: Who gets something, each as often as it gets something; empty is everybody.
        privileges: What each of them gets, with an asterisk where it may be passed on.
    """

    kind: str
    schema_name: str | None
    grantees: list[str]
    privileges: list[str]


def read_defaults(connection: psycopg.Connection) -> list[DefaultPrivileges]:
    """Return the default privileges of the role of this connection."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [DefaultPrivileges(**row) for row in cursor.execute(_READ).fetchall()]


def put_aside(defaults: Sequence[DefaultPrivileges], role: str) -> list[sql.Composed]:
    """Return the statements after which Postgres' own defaults hold.

    Args:
        defaults: What was read.
        role: The role that they were read for.
    """
    statements = []
    for one in defaults:
        others = [name for name in dict.fromkeys(one.grantees) if name != role]
        statements += [_changed(one, "revoke all on", "from", name) for name in others]
        if one.schema_name is None:
            statements.append(_changed(one, "grant all on", "to", role))
            if one.kind in _OPEN:
                statements.append(_changed(one, "grant all on", "to", _EVERYBODY))
    return statements


def brought_back(defaults: Sequence[DefaultPrivileges], role: str) -> list[sql.Composed]:
    """Return the statements that set what holds in every schema; an archive has the others."""
    statements = []
    for one in (one for one in defaults if one.schema_name is None):
        holders = (role, _EVERYBODY) if one.kind in _OPEN else (role,)
        statements += [_changed(one, "revoke all on", "from", name) for name in holders]
        for name, privilege in zip(one.grantees, one.privileges, strict=True):
            option = " with grant option" if privilege.endswith("*") else ""
            verb = f"grant {privilege.rstrip('*')} on"
            statements.append(_changed(one, verb, "to", name) + sql.SQL(option))
    return statements


def _changed(one: DefaultPrivileges, verb: str, preposition: str, grantee: str) -> sql.Composed:
    place = sql.SQL(" in schema {}").format(sql.Identifier(one.schema_name or ""))
    return sql.SQL("alter default privileges{} {} {} {} {}").format(
        place if one.schema_name is not None else sql.SQL(""),
        sql.SQL(verb),
        sql.SQL(_KINDS[one.kind]),
        sql.SQL(preposition),
        sql.SQL("public") if grantee == _EVERYBODY else sql.Identifier(grantee),
    )
