"""`lockstitch export`: write the contract, or check that the committed one is current."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from lockstitch.api.loading import import_application
from lockstitch.contract.export import document_text, is_stale
from lockstitch.errors import ConfigurationError
from lockstitch.findings import Finding, Place, Report
from lockstitch.settings import Settings


class Exported(BaseModel):
    """What `export` did."""

    path: Path
    written: bool
    operations: int
    report: Report


def export(
    application: Annotated[str | None, typer.Argument(help="module:attribute")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file.")] = None,
    check: Annotated[bool, typer.Option(help="Write nothing; exit 1 when it is stale.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the application's contract to openapi.json."""
    settings = Settings.load(application=application, contract=output)
    document = import_application(settings.application).openapi()
    path = settings.contract
    stale = is_stale(document, path)
    if stale and not check:
        _write(path, document_text(document))
    result = Exported(
        path=path,
        written=stale and not check,
        operations=sum(len(methods) for methods in document.get("paths", {}).values()),
        report=Report.of([_stale(path)] if stale and check else []),
    )
    print(result.model_dump_json(indent=2) if json else _sentence(result))
    raise typer.Exit(result.report.exit_code())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}. Name another file with --output."
        ) from None


def _stale(path: Path) -> Finding:
    return Finding(
        rule="stale-contract",
        severity="error",
        place=Place(file=path.as_posix()),
        message="The committed contract is not the application's.",
        fix="Run `lockstitch export` and commit the file.",
    )


def _sentence(result: Exported) -> str:
    if result.report.findings:
        return result.report.as_text()
    state = "Wrote" if result.written else "Unchanged:"
    return f"{state} {result.path} ({result.operations} operations)."
