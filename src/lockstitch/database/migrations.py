"""Migrations: plain SQL files, applied once, in order, recorded as the Supabase CLI does."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import psycopg

from lockstitch.database.connection_string import read_dsn
from lockstitch.database.statements import Statement, fingerprint, split_statements
from lockstitch.errors import DatabaseUnavailable, DiskFull, MigrationFailed

_FILE_NAME = re.compile(r"(?P<version>\d+)_(?P<name>.+)\.sql")
_VERSION_FORMAT = "%Y%m%d%H%M%S"

# A migration is one transaction; these would end it in its middle.
_TRANSACTION_WORDS = frozenset({"abort", "begin", "commit", "end", "rollback", "start"})

# Any number will do, as long as nobody else in this database uses it.
_LOCK = 5_042_018_072

# What the Supabase CLI creates before its first migration.
_CREATE_RECORD = """
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
        version text primary key,
        statements text[],
        name text
    )
"""
_HAS_RECORD = "select to_regclass('supabase_migrations.schema_migrations') is not null"
_RECORDED = (
    "select version, coalesce(name, ''), statements from supabase_migrations.schema_migrations"
)
_RECORD = """
    insert into supabase_migrations.schema_migrations (version, name, statements)
    values (%s, %s, %s)
"""


@dataclass(frozen=True)
class Migration:
    """One file: its name is `<version>_<name>.sql`, its version a time."""

    path: Path
    version: str
    name: str

    @cached_property
    def text(self) -> str:
        """The file's SQL."""
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise MigrationFailed(f"{self.path} is not UTF-8. Save it as UTF-8.") from None

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements of the file, in order."""
        return split_statements(self.text)

    def says(self, statements: list[str]) -> bool:
        """Return whether the file still says what was recorded, whoever split it then."""
        return fingerprint(self.text) == fingerprint(";\n".join(statements))


def read_migrations(folder: Path) -> list[Migration]:
    """Return the migrations of a folder in the order of their versions.

    Raises:
        MigrationFailed: The folder is not there, or two files have the same version.
    """
    if not folder.is_dir():
        raise MigrationFailed(
            f"There is no folder {folder}. Make it with `lockstitch db sync`, or name another "
            "with --migrations."
        )
    named = ((path, _FILE_NAME.fullmatch(path.name)) for path in folder.iterdir())
    found = [Migration(path, match["version"], match["name"]) for path, match in named if match]
    found.sort(key=lambda migration: (migration.version, migration.name))
    for first, second in pairwise(found):
        if first.version == second.version:
            raise MigrationFailed(
                f"{first.path.name} and {second.path.name} in {folder} have the same version. "
                "Rename one of them."
            )
    return found


def pending_migrations(dsn: str, folder: Path) -> list[Migration]:
    """Return the migrations of a folder that the database does not have yet.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
        MigrationFailed: The folder and the record contradict each other.
    """
    with _connection(dsn) as connection:
        row = connection.execute(_HAS_RECORD).fetchone()
        return _pending(connection, folder) if row == (True,) else read_migrations(folder)


def apply_migrations(dsn: str, folder: Path) -> list[Migration]:
    """Apply what is pending, each file in one transaction, and return it.

    Two processes may do this at once: the second waits and finds nothing left to do.

    Args:
        dsn: The database, as the role that will own the tables: `postgres`.
        folder: The project's migrations.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
        DiskFull: The server has no space left.
        MigrationFailed: A file was refused, and nothing of it remains; files before it do.
    """
    with _connection(dsn) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        if connection.execute(_HAS_RECORD).fetchone() != (True,):
            connection.execute(_CREATE_RECORD)
        pending = _pending(connection, folder)
        for migration in pending:
            _apply(connection, migration)
        return pending


def sync_migrations(folder: Path, now: datetime | None = None) -> list[Path]:
    """Copy the library's migrations that a project lacks, and return the new files.

    A migration is known by its name without the version. Copies belong to the project: they are
    never overwritten, and their versions come after every other.

    Args:
        folder: The project's migrations; made when it is not there.
        now: The time that the first copy gets, if no file there is later.
    """
    folder.mkdir(parents=True, exist_ok=True)
    present = read_migrations(folder)
    names = {migration.name for migration in present}
    time = now or datetime.now(UTC)
    version = max(time.strftime(_VERSION_FORMAT), _next_version(present))
    copies = []
    for template in library_migrations():
        if template.name not in names:
            copy = folder / f"{version}_{template.name}.sql"
            copy.write_text(template.text, encoding="utf-8")
            copies.append(copy)
            version = _later(version)
    return copies


def library_migrations() -> list[Migration]:
    """Return the migrations that Lockstitch itself needs, in order."""
    return read_migrations(Path(str(files("lockstitch.database") / "sql" / "migrations")))


@contextmanager
def _connection(dsn: str) -> Iterator[psycopg.Connection]:
    read_dsn(dsn)
    try:
        connection = psycopg.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached to migrate it: {str(error).strip()}. "
            "Check that it runs and that its connection string is right."
        ) from error
    try:
        with connection:
            yield connection
    except psycopg.errors.DiskFull as error:
        raise DiskFull(
            "The database has no space left on its disk. Free some, then run the migrations again."
        ) from error


def _pending(connection: psycopg.Connection, folder: Path) -> list[Migration]:
    migrations = {migration.version: migration for migration in read_migrations(folder)}
    recorded = connection.execute(_RECORDED).fetchall()
    for version, name, statements in recorded:
        migration = migrations.pop(version, None)
        if migration is None:
            raise MigrationFailed(
                f"The database has the migration {version}_{name}, and {folder} has no such file. "
                "Restore the file; a migration that was applied is never deleted."
            )
        if statements and not migration.says(statements):
            raise MigrationFailed(
                f"{migration.path} was changed after it was applied. Restore it, and put the "
                "change into a new migration."
            )
    latest = max((version for version, *_ in recorded), default="")
    for migration in migrations.values():
        if migration.version < latest:
            raise MigrationFailed(
                f"{migration.path} is older than {latest}, which was applied already. "
                "Give it a later version by renaming it."
            )
    return list(migrations.values())


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    # What the file before it has set must not steer this one.
    connection.execute("reset all")
    connection.execute("reset role")
    with connection.transaction():
        # One that waits for a lock makes every request behind it wait, too.
        connection.execute("set local lock_timeout = '10s'")
        for statement in migration.statements:
            _execute(connection, migration, statement)
        texts = [statement.text for statement in migration.statements]
        connection.execute("reset role")
        connection.execute(_RECORD, [migration.version, migration.name, texts])


def _execute(connection: psycopg.Connection, migration: Migration, statement: Statement) -> None:
    if statement.first_word in _TRANSACTION_WORDS:
        raise MigrationFailed(
            f"{migration.path}, line {statement.line}: a migration is one transaction and cannot "
            f"hold {statement.first_word}. Remove it."
        )
    try:
        connection.execute(statement.text.encode())
    except psycopg.errors.DiskFull:
        raise
    except psycopg.Error as error:
        line = statement.line + _lines_before(statement, error)
        raise MigrationFailed(
            f"{migration.path}, line {line}: {_message(error)}. Nothing of this file remains; "
            "correct it and run the migrations again."
        ) from error


def _lines_before(statement: Statement, error: psycopg.Error) -> int:
    """Return how many lines into the statement Postgres saw the error."""
    position = error.diag.statement_position
    return statement.text.count("\n", 0, int(position) - 1) if position else 0


def _message(error: psycopg.Error) -> str:
    parts = (error.diag.message_primary or str(error).strip(), error.diag.message_hint)
    return ". ".join(part.rstrip(".") for part in parts if part)


def _next_version(present: list[Migration]) -> str:
    return _later(present[-1].version) if present else ""


def _later(version: str) -> str:
    """Return a version one second later; one that is no time is counted up."""
    try:
        time = datetime.strptime(version, _VERSION_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return str(int(version) + 1).zfill(len(version))
    return (time + timedelta(seconds=1)).strftime(_VERSION_FORMAT)
