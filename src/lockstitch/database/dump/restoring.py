"""Restoring a dump: in one transaction, so that the database is as it was or as it should be."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg import sql
from pydantic import BaseModel

from lockstitch.database.dump.archive import Archive, open_archive
from lockstitch.database.dump.contents import Contents, Role, has_rows, named_files, read_contents
from lockstitch.database.dump.defaults import brought_back, put_aside
from lockstitch.database.dump.files import incoming_files
from lockstitch.database.dump.making import connected
from lockstitch.database.dump.programs import Programs
from lockstitch.errors import RestoreFailed

# Settings of these are lists of names, kept as they are written in a statement.
_LISTS: Final = frozenset({"search_path", "temp_tablespaces"})
_MIGRATIONS: Final = "supabase_migrations"

_LOCK_SECONDS: Final = 10

_ROLES: Final = "select rolname::text from pg_roles"
_AVAILABLE: Final = "select name::text from pg_available_extensions"
_OTHERS: Final = """
    select count(*) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'
    and pid <> pg_backend_pid()
"""
_HAS_MIGRATIONS: Final = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_COUNT_MIGRATIONS: Final = "select count(*) from supabase_migrations.schema_migrations"

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
# Seconds and not one more than before: what happened after the dump may have counted up as well.
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


class Restored(BaseModel):
    """What was restored.

    Attributes:
        file: The dump.
        tables: How many tables and views it had.
        files: How many files of datasets.
        replaced: Whether something else was there before.
        missing_extensions: What the dump's server had and this one cannot have.
        new_login_roles: Roles that may log in, and have no password yet.
    """

    file: Path
    tables: int
    files: int
    replaced: bool
    missing_extensions: list[str]
    new_login_roles: list[str]

    def as_text(self) -> str:
        """Return what was done for a terminal."""
        done = f"Restored {self.file}: {self.tables} tables, {self.files} files of datasets."
        extensions = [
            f"The extension {name} is not available here; the dump's server had it."
            for name in self.missing_extensions
        ]
        roles = [
            f"The role {name} has no password yet: alter role {name} password '...'."
            for name in self.new_login_roles
        ]
        return "\n".join([done, *extensions, *roles])


def restore(
    dsn: str, path: Path, storage: Path, *, force: bool = False, alone: bool = False
) -> Restored:
    """Put what a dump holds into a database, and its files where the datasets' files are.

    Args:
        dsn: The database, as the role that will own the tables: `postgres`.
        path: The dump.
        storage: The folder of the datasets' files.
        force: Replace what is there.
        alone: Refuse a database that somebody else is connected to.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
        RestoreFailed: It is no dump, the database is not empty or in use, or a statement failed.
            The database is as it was before.
    """
    with open_archive(path) as archive, connected(dsn, "restore") as connection:
        if alone:
            _refuse_company(connection)
        before = read_contents(connection)
        former = named_files(connection)
        is_filled = _refuse_filled(connection, before, force=force)
        script = _Script(connection, archive.manifest.contents, before)
        # The one that restores is another connection, and must not wait for this one.
        connection.rollback()
        with incoming_files(archive, storage) as files:
            files.add()
            try:
                script.run(Programs(dsn), archive)
            except BaseException:
                files.take_back()
                raise
            files.settle(former)
        _analyze(connection)
    return Restored(
        file=path,
        tables=archive.manifest.contents.relations,
        files=len(archive.manifest.files),
        replaced=is_filled,
        missing_extensions=script.missing_extensions,
        new_login_roles=[role.name for role in script.new_roles if role.login],
    )


class _Script:
    """The statements of one restore."""

    def __init__(self, connection: psycopg.Connection, dumped: Contents, before: Contents) -> None:
        self._connection = connection
        self._dumped = dumped
        self._before = before
        self._role = connection.info.user
        self._roles = {row[0] for row in connection.execute(_ROLES)}
        self.new_roles = [role for role in dumped.roles if role.name not in self._roles]
        available = {row[0] for row in connection.execute(_AVAILABLE)}
        here = {one.name for one in before.extensions}
        self._extensions = [one for one in dumped.extensions if one.name in available - here]
        wanted = {one.name for one in dumped.extensions}
        self.missing_extensions = sorted(wanted - here - available)

    def run(self, programs: Programs, archive: Archive) -> None:
        """Run all of it in one transaction."""
        with tempfile.TemporaryDirectory(prefix="lockstitch-") as folder, programs.psql() as psql:
            # No statement of psql's own: a backslash in a name must not become a command of it.
            psql.write(b"begin;\n")
            self._write(psql, [*self._locks(), *self._removals(), *self._preparations()])
            for name in archive.parts:
                part = Path(folder) / name
                archive.extract(name, part)
                programs.write_script(part, psql, _is_wanted)
            self._write(psql, ["set local search_path = ''", *self._additions(), _NEW_EPOCH])
            psql.write(b"commit;\n")

    def _write(self, psql: IO[bytes], statements: Sequence[str]) -> None:
        for statement in statements:
            digits = statement.encode().hex()
            psql.write(
                b"do $do$ begin execute convert_from(decode('%s', 'hex'), 'UTF8'); end $do$;\n"
                % digits.encode()
            )

    def _locks(self) -> list[str]:
        """Get every lock on what others may use before anything else is done."""
        tables = ", ".join(self._before.rows)
        waits = [f"set local lock_timeout = '{_LOCK_SECONDS}s'", "set local statement_timeout = 0"]
        locks = [f"lock table {tables} in access exclusive mode"] if tables else []
        return waits + locks

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
        extensions = [
            self._text("create extension if not exists {} with schema {}", *one)
            for one in ((one.name, one.schema_name) for one in self._extensions)
        ]
        return [*self._new_roles(), *extensions]

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
        return [*(one.make for one in self._dumped.additions), *grants, *defaults]

    def _defaults(self, statements: Sequence[sql.Composed]) -> list[str]:
        return [statement.as_string(self._connection) for statement in statements]

    def _text(self, template: str, *names: str) -> str:
        identifiers = [sql.Identifier(name) for name in names]
        return sql.SQL(template).format(*identifiers).as_string(self._connection)


def _is_wanted(entry: str) -> bool:
    """Whether an entry of an archive is restored: the schema public is there always."""
    is_supabases = entry.rpartition(" ")[2].startswith("supabase_")
    return not entry.startswith("SCHEMA - public ") and not (
        entry.startswith("DEFAULT ACL ") and is_supabases
    )


def _refuse_company(connection: psycopg.Connection) -> None:
    row = connection.execute(_OTHERS).fetchone()
    others = row[0] if row else 0
    if others:
        raise RestoreFailed(
            f"The database is in use by {others} other connection{'s' if others > 1 else ''}. "
            "Stop the application, then restore."
        )


def _refuse_filled(connection: psycopg.Connection, contents: Contents, *, force: bool) -> bool:
    """Return whether something is there that the dump would replace."""
    found = _found(connection, contents)
    if found and not force:
        raise RestoreFailed(
            f"The database is not empty: it has {found}. Give --force to replace everything in "
            "it, or restore into another one with --data or --dsn."
        )
    return bool(found)


def _found(connection: psycopg.Connection, contents: Contents) -> str:
    """Return what is there, in words; an empty record of migrations is nothing."""
    tables = contents.relations
    row = connection.execute(_HAS_MIGRATIONS).fetchone()
    if row is not None and row[0] and _MIGRATIONS in contents.schemas:
        counted = connection.execute(_COUNT_MIGRATIONS).fetchone()
        tables -= counted == (0,)
    if tables:
        return f"{tables} table{'s' if tables > 1 else ''}"
    for name in contents.rows:
        if has_rows(connection, name):
            return f"rows in {name}"
    return ""


def _analyze(connection: psycopg.Connection) -> None:
    """Let the planner know the tables at once; without it they are slow for a minute."""
    connection.rollback()
    connection.autocommit = True
    with suppress(psycopg.Error):
        connection.execute("set client_min_messages = error")
        connection.execute("analyze")
