"""`lockstitch audit`: red flags in the sources of any project."""

from pathlib import Path
from typing import Annotated

import typer

from lockstitch.audit import RULES
from lockstitch.audit import audit as audit_sources
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

_Folder = Annotated[Path, typer.Argument(help="The folder of a project, or one file.", exists=True)]


def audit(
    path: _Folder = Path(),
    *,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Look for red flags in Python, TypeScript and JavaScript sources."""
    reporting = Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )
    result = audit_sources(path)
    reporting.deliver("audit", result, RULES, f"{result.files} files.")
