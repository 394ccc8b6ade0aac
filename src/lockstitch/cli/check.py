"""`lockstitch check`: hold all tiers of the project against each other."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lockstitch.api.loading import import_application
from lockstitch.cli.contracts import load_contract
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
from lockstitch.errors import ConfigurationError
from lockstitch.guard.check import Checked
from lockstitch.guard.check import check as run_stages
from lockstitch.guard.project import Project
from lockstitch.guard.stages import STAGES
from lockstitch.settings import Settings, find_project

COULD_NOT_RUN = 2
_NAMES = ", ".join(stage.name for stage in STAGES)


def check(
    application: Annotated[str | None, typer.Argument(help="module:attribute")] = None,
    base: Annotated[
        str | None, typer.Option(help="Compare the contract with this one: git:REF:path, a file.")
    ] = None,
    dsn: Annotated[
        str | None, typer.Option("--dsn", help="Read this database, not the migrations.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"Of {_NAMES}.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="The same names.")] = None,
    picture: Annotated[
        bool, typer.Option("--map", help="Draw page, hook, operation, model and table instead.")
    ] = False,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Find where database, application, contract and front end have drifted apart."""
    reporting = Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )
    project = _project(application, base, dsn)
    if picture:
        drawn = project.picture()
        print(drawn.model_dump_json(indent=2) if json else drawn.mermaid, end="\n" if json else "")
        return
    checked = run_stages(project, _wanted(only, skip))
    try:
        reporting.deliver("check", checked, checked.rules(), checked.as_text())
    except typer.Exit as ended:
        _tell_failures(checked)
        raise typer.Exit(COULD_NOT_RUN if checked.failed else ended.exit_code) from None


def _project(application: str | None, base: str | None, dsn: str | None) -> Project:
    return Project(
        root=find_project(Path.cwd()),
        settings=Settings.load(application=application, base=base),
        load_application=import_application,
        read_contract=load_contract,
        dsn=dsn,
    )


def _wanted(only: list[str] | None, skip: list[str] | None) -> list[str]:
    names = [stage.name for stage in STAGES]
    for name in [*(only or ()), *(skip or ())]:
        if name not in names:
            raise ConfigurationError(f"There is no stage {name!r}. The stages are {_NAMES}.")
    wanted = [name for name in only or names if name not in (skip or ())]
    if not wanted:
        raise ConfigurationError("--only and --skip leave no stage.")
    return wanted


def _tell_failures(checked: Checked) -> None:
    for stage in checked.failed:
        print(f"The stage {stage.name} could not run: {stage.reason}", file=sys.stderr)
