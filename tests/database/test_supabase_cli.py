"""The Supabase CLI takes the embedded server for a project of Supabase, and agrees with us."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from supabase_cli import SupabaseCli, install, row_types

from examples.sentiment.app import app
from lockstitch.api.database import project_database
from lockstitch.contract.algebra import Array, Boolean, Enumeration, Number, Schema, Text
from lockstitch.database.catalogue.data import Catalogue, Column
from lockstitch.database.catalogue.reading import read_catalogue
from lockstitch.database.stored import declaration_of
from lockstitch.guard.tiers.families import family_of
from lockstitch.guard.tiers.fields import ModelField, fields_of
from lockstitch.guard.tiers.routes import models_in, read_routes
from lockstitch.guard.tiers.tables import StoredModel, stored_models
from lockstitch.settings import Settings

ROOT = Path(__file__).parents[2]
SUPABASE = ROOT / "examples" / "sentiment" / "supabase"
KINDS = {
    "integer": "number",
    "float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "json": "Json",
}


@contextmanager
def bridge(data: Path) -> Iterator[tuple[str, Path]]:
    """Yield the URL and the password file that `lockstitch db bridge` tells."""
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", "bridge", "--json"]
    with subprocess.Popen(
        [*command, "--data", str(data), "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield told["url"], Path(told["password_file"])
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupabaseCli]:
    """The CLI in a copy of the example, whose database is up as `lockstitch up` has it."""
    install()
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(SUPABASE, project / "supabase")
    data = project / "data"
    settings = Settings(data=data, migrations=project / "supabase" / "migrations")
    with project_database(settings), bridge(data) as (url, password_file):
        yield SupabaseCli(project, tmp_path_factory.mktemp("home"), url, password_file)


@pytest.fixture
def owner(cli: SupabaseCli) -> Iterator[psycopg.Connection]:
    """The project's database as `postgres`, for faults that a test takes back."""
    with psycopg.connect(cli.url, passfile=str(cli.password_file), autocommit=True) as connection:
        yield connection


def test_push_finds_nothing_to_do_after_up(cli: SupabaseCli) -> None:
    assert "Remote database is up to date." in cli.run("db", "push", "--yes")


def test_push_applies_what_is_new_and_migrate_then_finds_nothing(cli: SupabaseCli) -> None:
    new = cli.project / "supabase" / "migrations" / "20990101000000_planted.sql"
    new.write_text("create table private.planted (id bigint primary key);")
    assert new.name in cli.run("db", "push", "--dry-run")
    cli.run("db", "push", "--yes")
    migrate = [sys.executable, "-m", "lockstitch.cli.main", "db", "migrate", "--data"]
    said = subprocess.check_output([*migrate, str(cli.project / "data")], cwd=cli.project)
    assert said == b"Every migration is applied already.\n"


def test_advisors_have_nothing_to_warn_of(cli: SupabaseCli) -> None:
    assert "No issues found" in cli.run("db", "advisors", "--fail-on", "warn")


def test_advisors_see_a_table_without_policies(cli: SupabaseCli, owner: psycopg.Connection) -> None:
    owner.execute("create table public.planted (id bigint primary key)")
    try:
        said = cli.run("db", "advisors", "--fail-on", "warn", code=1)
    finally:
        owner.execute("drop table public.planted")
    assert "rls_disabled_in_public_public_planted" in said


# The generated types


def generated(cli: SupabaseCli) -> dict[str, str]:
    said = cli.run("gen", "types", "--lang", "typescript", "--schema", "public,private")
    return row_types(said)


def nullable(kind: str) -> bool:
    return "null" in kind.split(" | ")


def spoken_kind(column: Column) -> str:
    """Return what the CLI makes of a column, by its family."""
    family = family_of(column.type)
    assert family is not None, column
    kind = KINDS.get(family, "string") + ("[]" if column.type.array else "")
    return f"{kind} | null" if column.nullable else kind


def wire_kind(schema: Schema, *, array: bool) -> str:
    """Return the TypeScript type of a value on the wire; a list may also be one of JSON."""
    match schema:
        case Array(items=items) if array:
            return f"{wire_kind(items, array=False)}[]"
        case Text():
            return "string"
        case Enumeration(values=values):
            (kind,) = {type(value) for value in values}
            return {str: "string", int: "number", bool: "boolean"}[kind]
        case Number():
            return "number"
        case Boolean():
            return "boolean"
    return "Json"


def disagreements(models: Iterable[StoredModel], types: dict[str, str]) -> tuple[int, list[str]]:
    """Return how many fields were compared, and which are of another type than their column."""
    compared, found = 0, []
    for stored in models:
        for field in fields_of(stored.model, stored.side):
            if field.name in stored.declared.computed or holds_rows(stored, field):
                continue
            table, column = stored.declared.column(field.name)
            compared += 1
            found += disagreement(stored, field, types[f"{table}.{column}"])
    return compared, found


def holds_rows(stored: StoredModel, field: ModelField) -> bool:
    """Whether a field holds rows of another table, which are compared by themselves."""
    models = models_in(stored.model.model_fields[field.name].annotation)
    return any(declaration_of(one) is not None for one in models)


def disagreement(stored: StoredModel, field: ModelField, kind: str) -> list[str]:
    column_kind = kind.removesuffix(" | null")
    wire = {wire_kind(one, array=column_kind.endswith("[]")) for one in field.schemas}
    joined = stored.declared.column(field.name)[0] != stored.declared.table
    # A row of another table may be missing, and a request need not be able to say null.
    may_differ = field.nullable if joined else stored.side == "request" and not field.nullable
    nulls_agree = field.nullable == nullable(kind) or may_differ
    if wire == {column_kind} and nulls_agree:
        return []
    return [f"{field.spoken}: {wire}, null {field.nullable}, generated {kind}"]


def test_generated_types_are_those_of_every_stored_model(cli: SupabaseCli) -> None:
    models = stored_models(read_routes(app))
    compared, found = disagreements(models, generated(cli))
    assert found == []
    assert len(models) >= 10
    assert compared >= 60


def test_generated_types_are_those_of_the_catalogue(cli: SupabaseCli) -> None:
    catalogue: Catalogue = read_catalogue(f"{cli.url}&passfile={cli.password_file}")
    columns = {
        f"{table.qualified}.{column.name}": spoken_kind(column)
        for table in catalogue.tables
        if table.namespace in {"public", "private"}
        for column in table.columns
    }
    assert generated(cli) == columns


def test_comparison_sees_a_column_of_another_type_and_one_that_may_be_null(
    cli: SupabaseCli, owner: psycopg.Connection
) -> None:
    owner.execute("alter table public.organisation_members alter created_at drop not null")
    owner.execute("alter table private.sessions rename last_seen_at to kept")
    owner.execute("alter table private.sessions add last_seen_at integer not null")
    try:
        _, found = disagreements(stored_models(read_routes(app)), generated(cli))
    finally:
        owner.execute("alter table private.sessions drop last_seen_at")
        owner.execute("alter table private.sessions rename kept to last_seen_at")
        owner.execute("alter table public.organisation_members alter created_at set not null")
    assert [one.partition(":")[0] for one in found] == [
        "SignInPlace.last_seen_at",
        "Member.created_at",
    ]
