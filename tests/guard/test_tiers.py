"""Every drift between database and application is found where it is, and nothing else is."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import psycopg
import pytest
from drift.ledger_policies import POLICIES
from drift.ledger_tables import TABLES
from drift.mutant import Mutant
from drift.sentiment import SENTIMENT
from fastapi import FastAPI

from examples.sentiment.app import app as sentiment
from lockstitch.database.catalogue.data import Catalogue
from lockstitch.database.catalogue.reading import read_connection
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import DATABASE, prepare_database
from lockstitch.findings import Finding, Report
from lockstitch.guard.tiers.audiences import compare_policies
from lockstitch.guard.tiers.routes import read_routes
from lockstitch.guard.tiers.rules import RULES
from lockstitch.guard.tiers.tables import compare_tables, stored_models

LEDGER = Path(__file__).parent / "ledger"
ROOT = Path(__file__).parents[2]
MIGRATIONS = {"ledger": LEDGER / "supabase" / "migrations"}

LoadLedger = Callable[[str], FastAPI]


def name_of(mutant: Mutant) -> str:
    return mutant.name


@pytest.fixture(scope="module")
def ledger_dsn(postgres: EmbeddedPostgres) -> str:
    name = f"ledger_{uuid4().hex}"
    prepare_database(postgres.dsn, name)
    apply_migrations(postgres.dsn("postgres", name), LEDGER / "supabase" / "migrations")
    return postgres.dsn("postgres", name)


@pytest.fixture(scope="module")
def ledger_catalogue(ledger_dsn: str) -> Catalogue:
    return catalogue_after(ledger_dsn, "")


@pytest.fixture
def load(tmp_path: Path) -> Iterator[LoadLedger]:
    """Return a function that imports the ledger as some text says it, from a file of its own."""
    name = f"ledger_{uuid4().hex}"

    def load_text(text: str) -> FastAPI:
        path = tmp_path / "app.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module: ModuleType = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        app: FastAPI = module.app
        return app

    yield load_text
    sys.modules.pop(name, None)


def catalogue_after(dsn: str, sql: str) -> Catalogue:
    """Return the catalogue with a change that is then undone."""
    with psycopg.connect(dsn) as connection:
        if sql:
            connection.execute(sql.encode())
        catalogue = read_connection(connection)
        connection.rollback()
    return catalogue


def findings(app: FastAPI, catalogue: Catalogue, project: Path) -> tuple[Finding, ...]:
    routes = read_routes(app)
    found = [
        *compare_tables(stored_models(routes), catalogue, project.resolve()),
        *compare_policies(routes, catalogue, project.resolve()),
    ]
    return Report.of(found).findings


def told(found: tuple[Finding, ...]) -> frozenset[tuple[str, str | None]]:
    return frozenset((one.rule, one.place.name) for one in found)


def test_the_ledger_is_clean(load: LoadLedger, ledger_catalogue: Catalogue) -> None:
    app = load((LEDGER / "app.py").read_text())

    assert findings(app, ledger_catalogue, LEDGER) == ()


def test_the_sentiment_example_is_clean(postgres: EmbeddedPostgres) -> None:
    catalogue = catalogue_after(postgres.dsn("postgres", DATABASE), "")

    assert findings(sentiment, catalogue, ROOT) == ()
    tables = {one.declared.table for one in stored_models(read_routes(sentiment))}
    assert tables >= {"public.inference_results", "public.model_versions", "private.sessions"}


@pytest.mark.parametrize("mutant", [*TABLES, *POLICIES], ids=name_of)
def test_a_drift_of_the_ledger_is_told(
    load: LoadLedger, ledger_dsn: str, tmp_path: Path, mutant: Mutant
) -> None:
    text = (LEDGER / "app.py").read_text()
    if mutant.code is not None:
        assert text.count(mutant.code[0]) == 1, "the text to change is not there once"
        text = text.replace(*mutant.code)
    app = load(text)

    found = findings(app, catalogue_after(ledger_dsn, mutant.sql), tmp_path)

    assert told(found) == mutant.told
    assert all(one.place.line for one in found if one.place.file is not None)


@pytest.mark.parametrize("mutant", SENTIMENT, ids=name_of)
def test_a_drift_of_the_sentiment_example_is_told(
    postgres: EmbeddedPostgres, mutant: Mutant
) -> None:
    catalogue = catalogue_after(postgres.dsn("postgres", DATABASE), mutant.sql)

    assert told(findings(sentiment, catalogue, ROOT)) == mutant.told


def test_a_finding_names_the_line_of_the_field(
    load: LoadLedger, ledger_dsn: str, tmp_path: Path
) -> None:
    text = (LEDGER / "app.py").read_text()
    catalogue = catalogue_after(ledger_dsn, "alter table comments drop column body cascade")

    found = findings(load(text), catalogue, tmp_path)

    lines = text.splitlines()
    places = {one.place.line for one in found if one.rule == "unknown-column"}
    assert {lines[place - 1].strip() for place in places if place} == {
        "body: str",
        "body: str = Field(min_length=1, max_length=2000)",
    }


def test_every_rule_is_tried_by_a_drift() -> None:
    tried = {rule for mutant in [*TABLES, *POLICIES, *SENTIMENT] for rule, _ in mutant.told}

    assert {rule.id for rule in RULES} == tried
