"""Restoring a dump: in one transaction, so that the database is as it was or as it should be."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg
from pydantic import BaseModel

from lockstitch.database.dump.archive import open_archive
from lockstitch.database.dump.contents import Contents, has_rows, named_files, read_contents
from lockstitch.database.dump.files import incoming_files
from lockstitch.database.dump.making import connected, counted
from lockstitch.database.dump.programs import Programs
from lockstitch.database.dump.script import Script
from lockstitch.errors import RestoreFailed

_MIGRATIONS: Final = "supabase_migrations"

_OTHERS: Final = """
    select count(*) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'
    and pid <> pg_backend_pid()
"""
_HAS_MIGRATIONS: Final = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_COUNT_MIGRATIONS: Final = "select count(*) from supabase_migrations.schema_migrations"


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
        done = (
            f"Restored {self.file}: {counted(self.tables, 'table', 'tables')}, "
            f"{counted(self.files, 'file', 'files')} of datasets."
        )
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
        script = Script(connection, archive.manifest.contents, before)
        # The one that restores is another connection, and must not wait for this one.
        connection.rollback()
        with incoming_files(archive, storage) as files:
            try:
                script.run(Programs(dsn), archive, files.add)
            except BaseException:
                # Once it was told to commit, the rows may be there, and need them.
                if not script.is_committing:
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
        recorded = connection.execute(_COUNT_MIGRATIONS).fetchone()
        tables -= recorded == (0,)
    removable = sum(one.remove is not None for one in contents.additions)
    for count, nouns in (
        (tables, ("table", "tables")),
        (contents.others, ("function or type", "functions and types")),
        (removable, ("policy on Supabase's schemas", "policies on Supabase's schemas")),
    ):
        if count:
            return counted(count, *nouns)
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
