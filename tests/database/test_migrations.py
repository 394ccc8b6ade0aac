import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from lockstitch.database import migrations
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import (
    apply_migrations,
    library_migrations,
    pending_migrations,
    read_migrations,
    sync_migrations,
)
from lockstitch.errors import DatabaseUnavailable, MigrationFailed

EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment" / "supabase" / "migrations"


@pytest.fixture
def empty_dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database in which nothing was ever done, not even the prelude."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield postgres.dsn("postgres", name)
        drop = sql.SQL("drop database {} with (force)")
        connection.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "migrations"


def write(folder: Path, version: int, text: str, name: str = "change") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{version}_{name}.sql"
    path.write_text(text)
    return path


def rows(dsn: str, query: str) -> list[TupleRow]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


RECORD = "select version, name, statements from supabase_migrations.schema_migrations order by 1"


def test_files_are_applied_in_order_and_recorded(empty_dsn: str, folder: Path) -> None:
    write(folder, 2, "insert into public.notes values ('two');", "fill")
    write(folder, 1, "-- Notes.\ncreate table public.notes (text text);\n\nselect 1;\n", "notes")
    write(folder, 3, "", "empty")
    (folder / "README.md").write_text("not a migration")
    (folder / "draft.sql").write_text("not one either")
    assert [m.name for m in pending_migrations(empty_dsn, folder)] == ["notes", "fill", "empty"]
    assert [m.version for m in apply_migrations(empty_dsn, folder)] == ["1", "2", "3"]
    assert rows(empty_dsn, "select text from public.notes") == [("two",)]
    assert rows(empty_dsn, RECORD) == [
        ("1", "notes", ["-- Notes.\ncreate table public.notes (text text)", "select 1"]),
        ("2", "fill", ["insert into public.notes values ('two')"]),
        ("3", "empty", []),
    ]
    assert pending_migrations(empty_dsn, folder) == []
    assert apply_migrations(empty_dsn, folder) == []


def test_failed_file_is_named_with_its_line_and_nothing_of_it_remains(
    empty_dsn: str, folder: Path
) -> None:
    write(folder, 1, "create table public.kept ();")
    path = write(
        folder, 2, "create table public.gone ();\n\n-- Why.\nselect 1,\n  missing_column;\n"
    )
    write(folder, 3, "create table public.later ();")
    with pytest.raises(MigrationFailed) as caught:
        apply_migrations(empty_dsn, folder)
    assert f'{path}, line 5: column "missing_column" does not exist' in str(caught.value)
    tables = "select tablename::text from pg_tables where schemaname = 'public'"
    assert rows(empty_dsn, tables) == [("kept",)]
    assert [version for version, *_ in rows(empty_dsn, RECORD)] == ["1"]
    path.write_text("create table public.gone ();")
    assert [m.version for m in apply_migrations(empty_dsn, folder)] == ["2", "3"]


def test_error_while_running_names_the_line_of_its_statement(empty_dsn: str, folder: Path) -> None:
    path = write(folder, 1, "select 1;\n\nselect\n  1 / 0;")
    with pytest.raises(MigrationFailed, match=f"{path}, line 3: division by zero"):
        apply_migrations(empty_dsn, folder)


@pytest.mark.parametrize("word", ["begin", "commit", "rollback", "end", "start transaction"])
def test_transaction_inside_a_migration_is_refused(empty_dsn: str, folder: Path, word: str) -> None:
    write(folder, 1, f"create table public.gone ();\n{word};")
    with pytest.raises(MigrationFailed, match="line 2: a migration is one transaction"):
        apply_migrations(empty_dsn, folder)
    assert rows(empty_dsn, "select 1 from pg_tables where tablename = 'gone'") == []


def test_setting_of_one_file_does_not_steer_the_next(empty_dsn: str, folder: Path) -> None:
    write(folder, 1, "create schema other; set search_path = other; set role pg_monitor;")
    write(folder, 2, "create table here ();")
    apply_migrations(empty_dsn, folder)
    assert rows(empty_dsn, "select schemaname::text from pg_tables where tablename = 'here'") == [
        ("public",)
    ]


def test_migration_that_changed_is_reported(empty_dsn: str, folder: Path) -> None:
    path = write(folder, 1, "create table public.notes ();")
    apply_migrations(empty_dsn, folder)
    path.write_text("-- Another layout is no change.\ncreate table\n  public.notes ( ) ;\n")
    assert apply_migrations(empty_dsn, folder) == []
    path.write_text("create table public.notes (text text);")
    with pytest.raises(MigrationFailed, match=f"{path} was changed after it was applied"):
        apply_migrations(empty_dsn, folder)
    with pytest.raises(MigrationFailed, match="into a new migration"):
        pending_migrations(empty_dsn, folder)


def test_migration_that_vanished_is_reported(empty_dsn: str, folder: Path) -> None:
    path = write(folder, 1, "create table public.notes ();", "notes")
    apply_migrations(empty_dsn, folder)
    path.unlink()
    with pytest.raises(MigrationFailed, match="has the migration 1_notes, and"):
        apply_migrations(empty_dsn, folder)


def test_migration_older_than_the_last_one_is_reported(empty_dsn: str, folder: Path) -> None:
    write(folder, 2, "select 2;")
    apply_migrations(empty_dsn, folder)
    path = write(folder, 1, "select 1;")
    with pytest.raises(MigrationFailed, match=f"{path} is older than 2"):
        apply_migrations(empty_dsn, folder)


def test_folder_that_is_not_there_is_reported(folder: Path) -> None:
    with pytest.raises(MigrationFailed, match=r"There is no folder .* `lockstitch db sync`"):
        read_migrations(folder)


def test_file_that_is_not_utf_8_is_reported(empty_dsn: str, folder: Path) -> None:
    write(folder, 1, "").write_bytes("select 'größe';".encode("latin-1"))
    with pytest.raises(MigrationFailed, match="is not UTF-8"):
        apply_migrations(empty_dsn, folder)


def test_two_files_of_one_version_are_reported(folder: Path) -> None:
    write(folder, 1, "select 1;", "first")
    write(folder, 1, "select 1;", "second")
    with pytest.raises(MigrationFailed, match=r"1_first\.sql and 1_second\.sql"):
        read_migrations(folder)


def test_two_runners_at_once_apply_each_file_once(empty_dsn: str, folder: Path) -> None:
    write(folder, 1, "create table public.notes (text text); select pg_sleep(0.2);")
    write(folder, 2, "insert into public.notes values ('once');")
    applied: list[int] = []

    def run() -> None:
        applied.append(len(apply_migrations(empty_dsn, folder)))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [0, 0, 2]
    assert rows(empty_dsn, "select text from public.notes") == [("once",)]


def test_server_that_is_not_there_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached to migrate it"):
        apply_migrations(f"host={tmp_path} user=postgres dbname=lockstitch", folder)


NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


# Templates are numbered, and copied in that order.
SHIPPED = [
    path.name.partition("_")[2]
    for path in sorted(Path(migrations.__file__).parent.glob("sql/migrations/*.sql"))
]


def dated(first: int, names: list[str]) -> list[str]:
    return [f"{first + place}_{name}" for place, name in enumerate(names)]


def test_sync_copies_what_the_project_lacks(folder: Path) -> None:
    copies = sync_migrations(folder, NOON)

    assert SHIPPED[:2] == ["lockstitch_organisations.sql", "lockstitch_sessions.sql"]
    assert [copy.name for copy in copies] == dated(20260504120000, SHIPPED)
    assert sync_migrations(folder, NOON) == []


def test_sync_overwrites_nothing_and_comes_after_every_other_file(folder: Path) -> None:
    own = write(folder, 20270101000059, "select 'ours';", "lockstitch_sessions")
    copies = sync_migrations(folder, NOON)
    others = [name for name in SHIPPED if name != "lockstitch_sessions.sql"]

    assert own.read_text() == "select 'ours';"
    assert [copy.name for copy in copies] == dated(20270101000100, others)


def test_copies_of_the_example_are_current(tmp_path: Path) -> None:
    copies = {migration.name: migration.path.read_text() for migration in read_migrations(EXAMPLE)}
    stale = [
        template.name
        for template in library_migrations()
        if copies.get(template.name) != template.path.read_text()
    ]
    assert stale == [], "copy the templates of the library to the example again"
