"""Dump and restore: refusals, failures in the middle, and what projects have beside tables."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from whole_catalogue import row_digests, whole_catalogue

from lockstitch.database.dump.making import dump
from lockstitch.database.dump.restoring import restore
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import prepare_database
from lockstitch.errors import DatabaseUnavailable, DumpFailed, RestoreFailed

MIGRATIONS = Path(__file__).parents[2] / "examples" / "sentiment" / "supabase" / "migrations"
SCHEMAS = ("public", "private", "auth", "storage", "realtime", "extensions", "supabase_migrations")
PATIENCE_SECONDS = 120.0

ROWS = """
    insert into auth.users (id, email)
    values ('00000000-0000-4000-8000-000000000001', 'a@b.example');
    insert into auth.identities (provider_id, user_id, identity_data, provider)
    values ('1', '00000000-0000-4000-8000-000000000001', '{}', 'email');
    insert into auth.refresh_tokens (token) values ('t');
    insert into public.organisations (id, name)
    values ('00000000-0000-4000-8000-00000000000a', 'Alder');
"""
DATASET = """
    insert into public.user_datasets
        (organisation_id, name, media_type, size_bytes, digest, storage_path)
    values (
        '00000000-0000-4000-8000-00000000000a', %(name)s, 'text/csv', 1, repeat('0', 64),
        '00000000-0000-4000-8000-00000000000a/' || %(id)s
    )
"""


POLICY = "create policy extra on storage.objects for select using (false)"
USERS = "truncate auth.users cascade"


@pytest.fixture
def source(owner_dsn: str) -> str:
    """A migrated database with some rows."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(ROWS)
    return owner_dsn


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of the same server that has nothing but the prelude."""
    name = f"test_{uuid4().hex}"
    prepare_database(postgres.dsn, name)
    yield postgres.dsn("postgres", name)
    with psycopg.connect(postgres.dsn("supabase_admin", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def made(source: str, tmp_path: Path, storage: Path) -> Path:
    """A dump of the source."""
    return dump(source, tmp_path / "made.dump", storage).file


def state(dsn: str) -> object:
    return whole_catalogue(dsn, *SCHEMAS), row_digests(dsn, *SCHEMAS)


def run(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())


def add_dataset(dsn: str, storage: Path, number: int, content: bytes = b"text\n") -> Path:
    identity = f"00000000-0000-4000-8000-0000000000f{number}"
    with psycopg.connect(dsn) as connection:
        connection.execute(DATASET, {"name": identity, "id": identity})
    path = storage / "00000000-0000-4000-8000-00000000000a" / identity
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_restored_database_is_the_dumped_one(
    source: str, made: Path, empty: str, storage: Path
) -> None:
    restore(empty, made, storage)

    assert state(empty) == state(source)
    with psycopg.connect(empty) as connection:
        # The sequence goes on where it was.
        connection.execute("insert into auth.refresh_tokens (token) values ('u')")


def test_a_dump_is_its_owners_alone_and_replaces_no_file(
    source: str, made: Path, tmp_path: Path, storage: Path
) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    before = made.read_bytes()
    with pytest.raises(DumpFailed, match="exists already"):
        dump(source, made, storage)
    assert made.read_bytes() == before
    with pytest.raises(DumpFailed, match="cannot be written: no such file or directory"):
        dump(source, tmp_path / "nowhere" / "a.dump", storage)


def test_who_cannot_see_every_row_does_not_dump(
    database_dsn: str, tmp_path: Path, storage: Path
) -> None:
    with pytest.raises(DumpFailed, match="hide rows from authenticator"):
        dump(database_dsn, tmp_path / "a.dump", storage)
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_is_killed_leaves_no_file_of_its_name(source: str, tmp_path: Path) -> None:
    target = tmp_path / "a.dump"
    with psycopg.connect(source) as blocker, psycopg.connect(source, autocommit=True) as watcher:
        # pg_dump wants to lock every table, and has to wait here.
        blocker.execute("lock table public.feedback in access exclusive mode")
        process = command("dump", str(target), "--dsn", source, "--data", str(tmp_path / "data"))
        wait_for(lambda: "pg_dump" in waiting(watcher))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not target.exists()
        blocker.rollback()
    assert dump(source, target, tmp_path).tables > 20


def waiting(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select application_name from pg_stat_activity "
        "where datname = current_database() and wait_event_type = 'Lock'"
    )
    return {name for (name,) in rows}


def command(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "lockstitch.cli.main", "db", *arguments],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_database_that_is_not_empty_is_kept_unless_told(
    source: str, made: Path, empty: str, storage: Path
) -> None:
    before = state(source)
    with pytest.raises(RestoreFailed, match=r"not empty: it has \d+ tables. Give --force"):
        restore(source, made, storage)
    for found, statement, undo in (
        (r"rows in auth\.users", "insert into auth.users (id) values (gen_random_uuid())", USERS),
        ("1 function or type", "create type public.one as enum ('a')", "drop type public.one"),
        ("1 policy on Supabase's schemas", POLICY, "drop policy extra on storage.objects"),
    ):
        run(empty, statement)
        with pytest.raises(RestoreFailed, match=found):
            restore(empty, made, storage)
        run(empty, undo)
    with psycopg.connect(source) as connection:
        connection.execute("create table public.other as select 1")
        connection.execute("create function public.other_function() returns int return 1")
        connection.execute("create type public.kind as enum ('a')")
        connection.execute("create schema more create table also (id int)")
        connection.execute("delete from public.organisations")
        connection.execute(POLICY)

    assert restore(source, made, storage, force=True).replaced

    assert state(source) == before
    assert whole_catalogue(source, "more") == []


def test_a_restore_that_fails_at_its_end_has_changed_nothing(
    source: str, made: Path, storage: Path
) -> None:
    kept = add_dataset(source, storage, 1, b"kept")
    broken = tampered(made, {"grants": ["grant select on storage.nowhere to anon"]})
    before, files = state(source), sorted(storage.rglob("*"))

    with pytest.raises(RestoreFailed, match=r'relation "storage\.nowhere" does not exist'):
        restore(source, broken, storage, force=True)

    assert state(source) == before
    assert sorted(storage.rglob("*")) == files
    assert kept.read_bytes() == b"kept"


def tampered(made: Path, changes: dict) -> Path:
    """Return a copy of a dump that says something else of its contents."""
    target = made.with_name(f"{uuid4().hex}.dump")
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "dump.json":
                manifest = json.loads(content)
                manifest["contents"].update(changes)
                content = json.dumps(manifest).encode()
            after.writestr(name, content)
    return target


def test_a_restore_that_is_killed_has_changed_nothing(
    source: str, made: Path, tmp_path: Path
) -> None:
    with psycopg.connect(source) as connection:
        connection.execute("drop policy lockstitch_members_hear_streams on realtime.messages")
    before = state(source)
    arguments = ("--force", "--dsn", source, "--data", str(tmp_path / "data"))
    with psycopg.connect(source) as blocker, psycopg.connect(source, autocommit=True) as watcher:
        # The policy is made again when all tables are there and nothing is committed.
        blocker.execute("lock table realtime.messages in access share mode")
        process = command("restore", str(made), *arguments)
        wait_for(lambda: "psql" in waiting(watcher))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        blocker.rollback()
        wait_for(lambda: "psql" not in connected(watcher))

    assert state(source) == before


def connected(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select application_name from pg_stat_activity where datname = current_database()"
    )
    return {name for (name,) in rows}


def test_a_database_in_use_is_told_after_a_while(source: str, made: Path, storage: Path) -> None:
    before = state(source)
    with psycopg.connect(source) as blocker:
        blocker.execute("select from auth.users")
        with pytest.raises(RestoreFailed, match="the database is in use; stop what uses it"):
            restore(source, made, storage, force=True)
    assert state(source) == before


def test_a_file_that_is_no_whole_dump_is_refused(
    made: Path, empty: str, tmp_path: Path, storage: Path
) -> None:
    before = state(empty)
    whole = made.read_bytes()
    (tmp_path / "half.dump").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.dump").write_text("select 1")
    middle = len(whole) // 2
    (tmp_path / "bit.dump").write_bytes(
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    )
    with zipfile.ZipFile(tmp_path / "other.dump", "w") as other:
        other.writestr("a.txt", "a")
    newer = tmp_path / "newer.dump"
    with zipfile.ZipFile(made) as archive, zipfile.ZipFile(newer, "w") as target:
        manifest = json.loads(archive.read("dump.json")) | {"format": 2}
        target.writestr("dump.json", json.dumps(manifest))
    for name, says in {
        "half": "no dump, or not a whole one",
        "text": "no dump, or not a whole one",
        "bit": "is damaged",
        "other": "no dump of this Lockstitch",
        "newer": "has the form 2 and this Lockstitch reads 1",
        "none": "cannot be read: no such file",
    }.items():
        with pytest.raises(RestoreFailed, match=says):
            restore(empty, tmp_path / f"{name}.dump", storage)
    assert state(empty) == before


def test_what_a_dump_says_of_itself_is_no_command_of_psql(
    made: Path, empty: str, tmp_path: Path, storage: Path
) -> None:
    trap = tmp_path / "trap"
    for text in (f"\\! touch {trap}", f"select 1;\n\\! touch {trap}\n"):
        with pytest.raises(RestoreFailed, match="syntax error"):
            restore(empty, tampered(made, {"grants": [text]}), storage)
    assert not trap.exists()


def test_a_database_in_use_is_not_restored(made: Path, empty: str, storage: Path) -> None:
    with (
        psycopg.connect(empty),
        pytest.raises(RestoreFailed, match=r"in use by 1 other connection\. Stop the application"),
    ):
        restore(empty, made, storage, alone=True)


def test_nobody_answers_there(made: Path, tmp_path: Path) -> None:
    nowhere = f"host={tmp_path} dbname=nothing"
    with pytest.raises(DatabaseUnavailable, match="cannot be reached to dump it"):
        dump(nowhere, tmp_path / "a.dump", tmp_path)
    with pytest.raises(DatabaseUnavailable, match="cannot be reached to restore it"):
        restore(nowhere, made, tmp_path)


def test_files_come_along_and_replace_what_only_the_former_rows_had(
    source: str, empty: str, tmp_path: Path, storage: Path
) -> None:
    kept, lost = add_dataset(source, storage, 1, b"one"), add_dataset(source, storage, 2)
    lost.unlink()
    result = dump(source, tmp_path / "files.dump", storage)
    assert (result.files, result.lost_files) == (1, [f"{lost.parent.name}/{lost.name}"])
    assert "is not here, and not in it" in result.as_text()

    restore(empty, result.file, tmp_path / "elsewhere")
    arrived = tmp_path / "elsewhere" / kept.relative_to(storage)
    assert arrived.read_bytes() == b"one"

    later = add_dataset(source, storage, 3)
    kept.write_bytes(b"damaged")
    restore(source, result.file, storage, force=True)
    assert kept.read_bytes() == b"one"
    assert not later.exists()
    assert [path for path in storage.iterdir() if path.name.startswith("restoring")] == []


def test_a_dataset_that_goes_while_it_is_dumped_makes_another_try_needed(
    source: str, tmp_path: Path, storage: Path
) -> None:
    first, second = add_dataset(source, storage, 1), add_dataset(source, storage, 2)
    first.unlink()
    os.mkfifo(first)
    results = []
    worker = threading.Thread(
        target=lambda: results.append(dump(source, tmp_path / "a.dump", storage))
    )
    worker.start()
    # Opening it waits until the dump, which has its snapshot, reads it.
    with first.open("wb") as pipe:
        second.unlink()
        with psycopg.connect(source) as connection:
            connection.execute("delete from public.user_datasets where name = %s", [second.name])
        first.unlink()
        first.write_bytes(b"whole")
        pipe.write(b"half")
    worker.join(PATIENCE_SECONDS)

    assert [(one.files, one.lost_files) for one in results] == [(1, [])]
    with zipfile.ZipFile(tmp_path / "a.dump") as archive:
        assert archive.read(f"files/{first.parent.name}/{first.name}") == b"whole"


PROJECT = """
    create role reporter login;
    create role analysts nologin;
    grant analysts to reporter, authenticator;
    alter role reporter set search_path = "$user", public;
    alter role reporter set statement_timeout = '9s';
    alter default privileges revoke execute on functions from public;
    alter default privileges grant select on tables to analysts;
    create schema "Sales 2026" authorization postgres;
    grant usage on schema "Sales 2026" to analysts with grant option;
    create table "Sales 2026"."Orders" (id bigint generated always as identity primary key,
        "Who" text default 'x', total numeric(9, 2) check (total > 0));
    insert into "Sales 2026"."Orders" (total) values (1), (2);
    create extension pg_trgm with schema "Sales 2026";
    create index on "Sales 2026"."Orders" using gin ("Who" "Sales 2026".gin_trgm_ops);
    create view public.totals with (security_invoker)
        as select sum(total) from "Sales 2026"."Orders";
    grant select ("Who") on "Sales 2026"."Orders" to analysts;
    create function public.on_new_user() returns trigger language plpgsql security definer
        set search_path = '' as $$ begin return new; end $$;
    create trigger on_new_user after insert on auth.users
        for each row execute function public.on_new_user();
    create policy own_avatars on storage.objects as restrictive for update to authenticated, anon
        using (bucket_id = 'it''s') with check (owner = auth.uid());
    grant usage on schema extensions to analysts;
    grant select on auth.users to analysts;
    alter publication supabase_realtime add table public.organisations;
    create publication reports for table "Sales 2026"."Orders";
    create materialized view public.kept as select 1 as one;
    comment on table "Sales 2026"."Orders" is 'What; was \\ sold';
"""
ROLES = """
    select rolname, rolcanlogin, rolinherit, rolbypassrls, rolconfig::text,
        array(select member::regrole::text from pg_auth_members where roleid = role.oid order by 1)
    from pg_roles as role where rolname in ('reporter', 'analysts', 'lockstitch_server') order by 1
"""
DEFAULTS = """
    select defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype,
        array(select one::text from unnest(defaclacl) as one order by 1)
    from pg_default_acl order by 1, 2, 3
"""


def test_what_a_project_has_beside_its_tables_comes_along(
    prepared: Path, tmp_path: Path, storage: Path
) -> None:
    for name in ("one", "other"):
        shutil.copytree(prepared, tmp_path / name)
    schemas = (*SCHEMAS, "Sales 2026")
    with (
        EmbeddedPostgres(tmp_path / "one", durable=False) as one,
        EmbeddedPostgres(tmp_path / "other", durable=False) as other,
    ):
        source, target = one.dsn("postgres"), other.dsn("postgres")
        apply_migrations(source, MIGRATIONS)
        with psycopg.connect(source) as connection:
            connection.execute(PROJECT)
        made = dump(source, tmp_path / "project.dump", storage).file

        first = restore(target, made, storage)
        again = restore(target, made, storage, force=True)

        assert (first.new_login_roles, again.new_login_roles) == (["reporter"], [])
        assert "The role reporter has no password yet" in first.as_text()
        assert whole_catalogue(target, *schemas) == whole_catalogue(source, *schemas)
        assert row_digests(target, *schemas) == row_digests(source, *schemas)
        for query in (ROLES, DEFAULTS):
            with psycopg.connect(source) as before, psycopg.connect(target) as after:
                assert after.execute(query).fetchall() == before.execute(query).fetchall()
