"""Making a dump: everything in it is of one moment, while the application goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from pydantic import BaseModel

from lockstitch.database.connection_string import read_dsn
from lockstitch.database.dump.archive import PROJECT, ROWS, Draft, Manifest, new_archive
from lockstitch.database.dump.contents import has_rows, named_files, read_contents
from lockstitch.database.dump.files import dataset_file
from lockstitch.database.dump.programs import Programs
from lockstitch.errors import DatabaseUnavailable, DumpFailed

# Each try needs a dataset to be deleted while its file is being read.
_TRIES: Final = 5

_SNAPSHOT: Final = """
    select pg_export_snapshot(), now(), current_setting('server_version'),
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
"""
_STILL_NAMED: Final = "select from public.user_datasets where storage_path = %s"


class Dump(BaseModel):
    """What was dumped.

    Attributes:
        file: Where the dump is.
        size_bytes: Its length.
        tables: How many tables and views are in it.
        files: How many files of datasets are in it.
        lost_files: The datasets whose files are not on this machine, and so not in it.
    """

    file: Path
    size_bytes: int
    tables: int
    files: int
    lost_files: list[str]

    def as_text(self) -> str:
        """Return what was done for a terminal."""
        lost = [
            f"The file of the dataset {name} is not here, and not in it."
            for name in self.lost_files
        ]
        done = (
            f"Wrote {self.file}: {counted(self.tables, 'table', 'tables')}, "
            f"{counted(self.files, 'file', 'files')} of datasets, {self.size_bytes:,} bytes."
        )
        return "\n".join([done, *lost])


class _DatasetDeleted(Exception):
    """A dataset went after the snapshot, and its file with it."""


def dump(dsn: str, path: Path, storage: Path) -> Dump:
    """Write one file with everything that belongs to the project in this database.

    Args:
        dsn: The database, as a role that no policy binds, such as `postgres`. Not through a
            transaction pooler.
        path: The file to make.
        storage: The folder of the datasets' files.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
        DumpFailed: There is such a file already, or not everything can be read. Nothing stays.
    """
    programs = Programs(dsn)
    for _ in range(_TRIES):
        try:
            with new_archive(path) as draft:
                manifest = _write(draft, dsn, programs, storage)
        except _DatasetDeleted:
            continue
        return Dump(
            file=path,
            size_bytes=path.stat().st_size,
            tables=manifest.contents.relations,
            files=len(manifest.files),
            lost_files=manifest.lost,
        )
    raise DumpFailed(
        "Datasets are deleted faster than they can be read. Dump again in a quieter moment."
    )


@contextmanager
def connected(dsn: str, purpose: str) -> Iterator[psycopg.Connection]:
    """Yield a connection.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
    """
    read_dsn(dsn)
    try:
        connection = psycopg.connect(dsn, connect_timeout=10)
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached to {purpose} it: {str(error).strip()}. "
            "Check that it runs and that its connection string is right."
        ) from error
    with connection:
        yield connection


def _write(draft: Draft, dsn: str, programs: Programs, storage: Path) -> Manifest:
    with connected(dsn, "dump") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # It waits in its transaction while the files are read.
        connection.execute("set idle_in_transaction_session_timeout = 0")
        row = connection.execute(_SNAPSHOT).fetchone()
        snapshot, made_at, version, is_unbound = row or ("", None, "", False)
        if not is_unbound:
            raise DumpFailed(
                f"Policies hide rows from {connection.info.user}. Dump as the role postgres."
            )
        contents = read_contents(connection)
        # First the files: what is deleted while they are read makes another try needed.
        files, lost = _add_files(draft, dsn, storage, named_files(connection))
        filled = [name for name in contents.rows if has_rows(connection, name)]
        _add_archives(draft, programs, contents.schemas, filled, f"--snapshot={snapshot}")
    manifest = Manifest(
        made_at=made_at, postgres=version, contents=contents, files=files, lost=lost
    )
    draft.describe(manifest)
    return manifest


def _add_archives(
    draft: Draft, programs: Programs, schemas: list[str], filled: list[str], snapshot: str
) -> None:
    with draft.entry(PROJECT) as target:
        programs.dump([snapshot, *(f"--schema={_quoted(name)}" for name in schemas)], target)
    if filled:
        # On their own, so that a table comes after those that it refers to.
        tables = [f"--table={name}" for name in filled]
        with draft.entry(ROWS) as target:
            programs.dump([snapshot, "--data-only", *tables], target)


def _add_files(
    draft: Draft, dsn: str, storage: Path, names: list[str]
) -> tuple[list[str], list[str]]:
    """Add what is there; return the names of those files, and of those that are lost."""
    files, lost = [], []
    for name in names:
        try:
            draft.add_file(name, dataset_file(storage, name))
        except FileNotFoundError:
            with connected(dsn, "dump") as now:
                if now.execute(_STILL_NAMED, [name]).fetchone() is None:
                    raise _DatasetDeleted from None
            lost.append(name)
        else:
            files.append(name)
    return files, lost


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{count} {one if count == 1 else many}"


def _quoted(name: str) -> str:
    """Return a name as a pattern of pg_dump that matches it alone."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
