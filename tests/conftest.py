"""A real Postgres for every test that asks for one, and rows of two tenants in it."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from tenants import Tenant, found_tenant

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import DATABASE
from lockstitch.database.session import Database

# These take longest, and go first: else one process would end with them while the others wait.
LONGEST = (
    "test_generated_requests.py",
    "test_browser.py",
    "test_up.py",
    "test_http_isolation.py",
    "test_keyed_operations.py",
    "test_verify.py",
    "test_fixes.py",
    "test_check.py",
    "test_truth.py",
    "test_generate.py",
    "test_apply_fix.py",
)
MIGRATIONS = Path(__file__).parents[1] / "examples" / "sentiment" / "supabase" / "migrations"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--executor",
        action="append",
        choices=["inline", "process", "ray"],
        help="Which executors are held to the conformance suite; inline and process when none.",
    )
    parser.addoption("--textgen", action="store_true", help="Test text generation too.")
    parser.addoption(
        "--cases", type=int, default=1000, help="How many requests schemathesis makes at least."
    )


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, as tests often wait; four at the most."""
    return min((os.cpu_count() or 1) + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # What they need is no part of the ordinary set-up: `make test-ray` and `make test-textgen`
    # install it and ask for these modules.
    wanted = {
        "test_ray.py": "ray" in (config.getoption("--executor") or []),
        "test_textgen.py": config.getoption("--textgen"),
    }
    return None if wanted.get(collection_path.name, True) else True


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One migrated server for the whole run; its database is the template of all others."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data", durable=False) as server:
        apply_migrations(server.dsn("postgres"), MIGRATIONS)
        yield server


@pytest.fixture
def database_name(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of the test's own, migrated and empty."""
    name = sql.Identifier(f"test_{uuid4().hex}")
    with psycopg.connect(postgres.dsn("supabase_admin", "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy wal_log owner postgres").format(
                name, sql.Identifier(DATABASE)
            )
        )
        yield name.as_string().strip('"')
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def database_dsn(postgres: EmbeddedPostgres, database_name: str) -> str:
    """The test's database, as the server logs in: `authenticator`."""
    return postgres.dsn("authenticator", database_name)


@pytest.fixture
def owner_dsn(postgres: EmbeddedPostgres, database_name: str) -> str:
    """The test's database, as migrations log in: `postgres`, whom no policy binds."""
    return postgres.dsn("postgres", database_name)


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """The test's database, open."""
    opened = Database(database_dsn, max_connections=4)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def tenants(database: Database) -> tuple[Tenant, Tenant]:
    """Two organisations that must never see each other."""
    return await found_tenant(database, "Alder"), await found_tenant(database, "Birch")
