"""`lockstitch db attack`: try to cross from one tenant into another, on a real server."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lockstitch.cli.reporting import (
    AcceptReason,
    AcceptUntil,
    AsJson,
    AsMarkdown,
    AsSarif,
    BaselinePath,
    FailOn,
    Reporting,
)
from lockstitch.settings import Settings


def attack(
    dsn: Annotated[
        str | None,
        typer.Option(help="A database to attack in a transaction that is rolled back."),
    ] = None,
    migrations: Annotated[
        Path | None, typer.Option(help="Without --dsn: the migrations of a throw-away database.")
    ] = None,
    schema: Annotated[
        list[str] | None, typer.Option(help="A schema that an API exposes; public when not given.")
    ] = None,
    tenants: Annotated[
        str | None, typer.Option(help="The table of the tenants, where it is not found by itself.")
    ] = None,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Attack the isolation of tenants: every relation, every verb, everybody who must not."""
    from lockstitch.database.attack.attack import EXPOSED
    from lockstitch.database.attack.attack import attack as attack_database
    from lockstitch.database.attack.result import RULES

    reporting = Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )
    with _target(dsn, migrations) as target:
        result = attack_database(target, schemas=schema or EXPOSED, tenants=tenants)
    reporting.deliver("db attack", result, RULES, text=f"{result.as_table()}\n")


@contextmanager
def _target(dsn: str | None, migrations: Path | None) -> Iterator[str]:
    """Yield the given database, or a throw-away one with the project's migrations."""
    from lockstitch.database.embedded import EmbeddedPostgres
    from lockstitch.database.migrations import apply_migrations

    if dsn is not None:
        yield dsn
        return
    folder = Settings.load(migrations=migrations).migrations
    with (
        tempfile.TemporaryDirectory(prefix="lockstitch-") as directory,
        EmbeddedPostgres(Path(directory) / "postgres", durable=False) as server,
    ):
        apply_migrations(server.dsn("postgres"), folder)
        yield server.dsn("postgres")
