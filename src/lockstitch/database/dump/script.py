"""The SQL of a restore: what is removed, what is made, and in which order."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg import sql

from lockstitch.database.dump.archive import Archive
from lockstitch.database.dump.contents import Contents, Role
from lockstitch.database.dump.defaults import brought_back, put_aside
from lockstitch.database.dump.programs import Programs

# Settings of these are lists of names, kept as they are written in a statement.
_LISTS: Final = frozenset({"search_path", "temp_tablespaces"})
# The privilege to vacuum and the like, which only owners have before.
_KNOWS_MAINTAIN: Final = 170_000
_WAIT: Final = "set local lock_timeout = '10s'"

_ROLES: Final = "select rolname::text from pg_roles"
_AVAILABLE: Final = "select name::text from pg_available_extensions"
# What an extension brought along stays.
_EMPTY_PUBLIC: Final = """
do $empty$
declare
    one record;
begin
    for one in
        select
            case class.relkind
                when 'v' then 'view' when 'm' then 'materialized view'
                when 'f' then 'foreign table' when 'S' then 'sequence' else 'table'
            end as kind,
            class.oid::regclass::text as name
        from pg_class as class
        where class.relnamespace = 'public'::regnamespace
        and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and not exists (
            select from pg_depend where objid = class.oid and classid = 'pg_class'::regclass
            and deptype = 'e'
        )
    loop
        execute format('drop %s if exists %s cascade', one.kind, one.name);
    end loop;
    for one in
        select
            case prokind
                when 'a' then 'aggregate' when 'p' then 'procedure' else 'function'
            end as kind,
            proc.oid::regprocedure::text as name
        from pg_proc as proc
        where proc.pronamespace = 'public'::regnamespace
        and not exists (
            select from pg_depend where objid = proc.oid and classid = 'pg_proc'::regclass
            and deptype = 'e'
        )
    loop
        execute format('drop %s if exists %s cascade', one.kind, one.name);
    end loop;
    for one in
        select type.oid::regtype::text as name
        from pg_type as type
        where type.typnamespace = 'public'::regnamespace
        and type.typtype in ('c', 'd', 'e', 'r') and type.typrelid = 0
        and not exists (
            select from pg_depend where objid = type.oid and classid = 'pg_type'::regclass
            and deptype = 'e'
        )
    loop
        execute format('drop type if exists %s cascade', one.name);
    end loop;
end
$empty$
"""
# Seconds since 2026, not one more than before: what came after the dump may have counted, too.
_NEW_EPOCH: Final = """
do $epoch$
declare
    moment integer := extract(epoch from now() - timestamptz '2026-01-01 00:00:00+00');
begin
    if to_regclass('public.streams') is null then
        return;
    end if;
    update public.stream_events as event set epoch = greatest(stream.epoch + 1, moment)
    from public.streams as stream
    where stream.id = event.stream_id and stream.epoch = event.epoch;
    update public.streams set epoch = greatest(epoch + 1, moment);
end
$epoch$
"""
_AT_THE_END: Final = [_NEW_EPOCH, "set constraints all immediate"]


class Script:
    """The statements of one restore."""

    def __init__(self, connection: psycopg.Connection, dumped: Contents, before: Contents) -> None:
        self._connection = connection
        self._dumped = dumped
        self._before = before
        self._role = connection.info.user
        self._roles = {row[0] for row in connection.execute(_ROLES)}
        self.new_roles = [role for role in dumped.roles if role.name not in self._roles]
        available = {row[0] for row in connection.execute(_AVAILABLE)}
        dropped = {name for name in before.schemas if name != "public"}
        here = {one.name for one in before.extensions if one.schema_name not in dropped}
        self._extensions = [one for one in dumped.extensions if one.name in available - here]
        wanted = {one.name for one in dumped.extensions}
        self.missing_extensions = sorted(wanted - here - available)
        self.is_committing = False

    def run(self, programs: Programs, archive: Archive, prepare: Callable[[], None]) -> None:
        """Run all of it in one transaction.

        Args:
            programs: Those of Postgres, on the database.
            archive: The dump.
            prepare: Called when nothing but the commit is left to do.
        """
        with tempfile.TemporaryDirectory(prefix="lockstitch-") as folder, programs.psql() as psql:
            script = psql.script
            script.write(b"begin;\n")
            _write(script, [*self._locks(), *self._removals(), *self._preparations()])
            for name in archive.parts:
                part = Path(folder) / name
                archive.extract(name, part)
                programs.write_script(part, script, _is_wanted)
            _write(script, [_WAIT, "set local search_path = ''", *self._additions(), *_AT_THE_END])
            # Told earlier, it would commit even after we were killed in the middle.
            psql.wait()
            prepare()
            self.is_committing = True
            script.write(b"commit;\n")
            psql.wait()

    def _locks(self) -> list[str]:
        """Get every lock on what others may use before anything else is done."""
        tables = ", ".join(self._before.rows)
        locks = [f"lock table {tables} in access exclusive mode"] if tables else []
        return [_WAIT, "set local statement_timeout = 0", *locks]

    def _removals(self) -> list[str]:
        gone = [one.remove for one in self._before.additions if one.remove is not None]
        schemas = [
            self._text("drop schema {} cascade", name)
            for name in self._before.schemas
            if name != "public"
        ]
        rows = ", ".join(self._before.rows)
        aside = self._defaults(put_aside(self._before.defaults, self._role))
        return [
            *gone,
            *aside,
            *schemas,
            _EMPTY_PUBLIC,
            *([f"truncate {rows} cascade"] if rows else []),
        ]

    def _preparations(self) -> list[str]:
        """Make what the archives build on: an extension may be in a schema of the project."""
        schemas = [
            self._text("create schema {} authorization {}", name, self._before.owner)
            for name in self._dumped.schemas
            if name != "public"
        ]
        extensions = [
            self._text("create extension {} with schema {}", one.name, one.schema_name)
            for one in self._extensions
        ]
        return [*self._new_roles(), *schemas, *extensions]

    def _new_roles(self) -> list[str]:
        known = self._roles | {role.name for role in self.new_roles}
        made = [statement for role in self.new_roles for statement in self._new_role(role)]
        given = [
            self._text("grant {} to {}", whole, member)
            for role in self.new_roles
            for whole, member in (
                *((role.name, member) for member in role.members),
                *((whole, role.name) for whole in role.member_of),
            )
            # Who makes a role is an administrator of it already.
            if {whole, member} <= known and member != self._role
        ]
        return made + list(dict.fromkeys(given))

    def _new_role(self, role: Role) -> list[str]:
        options = " ".join(
            word if is_so else f"no{word}"
            for word, is_so in (
                ("login", role.login),
                ("inherit", role.inherit),
                ("bypassrls", role.bypass_rls),
            )
        )
        made = self._text(f"create role {{}} {options}", role.name)
        settings = [setting.partition("=") for setting in role.settings]
        return [made] + [
            self._text("alter role {} set {} = ", role.name, name)
            + (value if name in _LISTS else sql.Literal(value).as_string(self._connection))
            for name, _, value in settings
        ]

    def _additions(self) -> list[str]:
        before = set(self._before.grants)
        grants = [statement for statement in self._dumped.grants if statement not in before]
        defaults = self._defaults(brought_back(self._dumped.defaults, self._role))
        if self._connection.info.server_version < _KNOWS_MAINTAIN:
            grants, defaults = _without_maintain(grants), _without_maintain(defaults)
        return [*(one.make for one in self._dumped.additions), *grants, *defaults]

    def _defaults(self, statements: Sequence[sql.Composed]) -> list[str]:
        return [statement.as_string(self._connection) for statement in statements]

    def _text(self, template: str, *names: str) -> str:
        identifiers = [sql.Identifier(name) for name in names]
        return sql.SQL(template).format(*identifiers).as_string(self._connection)


def _without_maintain(grants: list[str]) -> list[str]:
    return [statement for statement in grants if "grant maintain " not in statement.lower()]


def _write(script: IO[bytes], statements: Sequence[str]) -> None:
    """Write statements so that nothing in them, such as a backslash, is a command of psql."""
    for statement in statements:
        digits = statement.encode().hex().encode()
        script.write(
            b"do $do$ begin execute convert_from(decode('%s', 'hex'), 'UTF8'); end $do$;\n" % digits
        )


def _is_wanted(entry: str) -> bool:
    """Whether an entry of an archive is restored: the schemas are there already."""
    is_supabases = entry.rpartition(" ")[2].startswith("supabase_")
    return not entry.startswith("SCHEMA - ") and not (
        entry.startswith("DEFAULT ACL ") and is_supabases
    )
