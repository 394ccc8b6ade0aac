"""`lockstitch generate`: write a TypeScript client, or check that the written one is current."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import BaseModel

from lockstitch.api.application import find_lockstitch
from lockstitch.api.loading import load_application
from lockstitch.cli.contracts import is_application, load_contract, naming
from lockstitch.contract.document import Warn
from lockstitch.contract.generation import Changes, GeneratedFolder
from lockstitch.contract.sources import fetch_text, is_url, read_source
from lockstitch.contract.typescript.client import PARTS, Imports
from lockstitch.contract.typescript.lowering import TYPED_FORMATS
from lockstitch.contract.typescript.recipe import ClientRecipe
from lockstitch.errors import ConfigurationError, LockstitchError
from lockstitch.findings import Finding, Place, Report
from lockstitch.serving.parity import parity_test as parity_test_of
from lockstitch.settings import find_project

POLL_SECONDS = 0.5
FETCH_POLL_SECONDS = 2.0
SHOWN_WARNINGS = 3
FIXES = {
    "read-as-meant": "Write in the contract what is meant.",
    "left-out": "Call it by other means.",
    "not-checked": "Check it where the value is used, or leave it to the service.",
}
Known = TypeVar("Known", bound=str)


class Generated(BaseModel):
    """What `generate` did, or found."""

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    report: Report


def generate(
    source: Annotated[str, typer.Argument(help="An OpenAPI document: file, URL or module:app.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The folder.")] = None,
    channels: Annotated[
        str | None, typer.Option(help="The AsyncAPI document of the WebSocket channels.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Only this version of the API, such as v1.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(PARTS)}; all when not given.")
    ] = None,
    names: Annotated[
        Literal["camel", "wire"], typer.Option(help="createdAt, or created_at as on the wire.")
    ] = "camel",
    naive_dates: Annotated[
        Literal["utc", "reject"], typer.Option(help="What a date-time without offset is.")
    ] = "utc",
    branded_uuids: Annotated[bool, typer.Option(help="Give UUIDs a type of their own.")] = False,
    plain: Annotated[
        list[str] | None, typer.Option(help="Formats that stay plain strings, such as date.")
    ] = None,
    imports: Annotated[
        Imports, typer.Option(help="./types for bundlers, ./types.js or ./types.ts for Node.")
    ] = "bare",
    parity_test: Annotated[
        Path | None,
        typer.Option(help="Write a test there that models serve what they were trained to."),
    ] = None,
    check: Annotated[bool, typer.Option(help="Write nothing; exit 1 when it is stale.")] = False,
    watch: Annotated[bool, typer.Option(help="Generate again after each change.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Turn a contract into a TypeScript client."""
    if parity_test is not None:
        _write_parity_test(source, parity_test)
        return
    if output is None:
        raise ConfigurationError("Say where the client goes: --output FOLDER.")
    if watch:
        _watch(source, channels)
        return
    recipe = ClientRecipe(
        source=source,
        channels=channels,
        version=version,
        only=tuple(_known(only, PARTS, "--only") if only else PARTS),
        names=names,
        naive_dates=naive_dates,
        branded_uuids=branded_uuids,
        plain=tuple(_known(plain, sorted(TYPED_FORMATS), "--plain")),
        imports=imports,
    )
    result = _generated(recipe, output, check=check)
    print(result.model_dump_json(indent=2) if json else _sentence(result, check=check))
    raise typer.Exit(result.report.exit_code())


def _generated(recipe: ClientRecipe, output: Path, *, check: bool) -> Generated:
    with naming(recipe.source):
        asyncapi = None if recipe.channels is None else read_source(recipe.channels)
        client = recipe.make(load_contract(recipe.source), asyncapi)
    made = recipe.seen_from(output).model_dump(mode="json", exclude_defaults=True)
    folder = GeneratedFolder(output, made)
    differences = folder.check(client.files) if check else Report()
    changes = Changes() if check else folder.write(client.files)
    report = Report.of([*differences.findings, *map(_finding, client.warnings)])
    return Generated(
        folder=output,
        written=changes.written,
        removed=changes.removed,
        unchanged=changes.unchanged,
        report=report,
    )


def _write_parity_test(source: str, path: Path) -> None:
    if not is_application(source):
        raise ConfigurationError(f"{source} is no application. Name one: package.module:app.")
    find_lockstitch(load_application(source))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(parity_test_of(source))


def _known(given: list[str] | None, known: Sequence[Known], flag: str) -> list[Known]:
    wrong = [one for one in given or () if one not in known]
    if wrong:
        raise ConfigurationError(f"{flag} {wrong[0]} is none of {', '.join(known)}.")
    return [one for one in known if one in (given or ())]


def _sentence(result: Generated, *, check: bool) -> str:
    errors = [one for one in result.report.findings if one.severity == "error"]
    warnings = [one for one in result.report.findings if one.severity == "warning"]
    return "\n".join([_outcome(result, errors, check=check), *_excerpt(warnings)])


def _outcome(result: Generated, errors: list[Finding], *, check: bool) -> str:
    if errors:
        return "\n".join(one.as_text() for one in errors)
    if check:
        return f"{result.folder} is current."
    counts = f"{len(result.written)} written, {result.unchanged} unchanged"
    removed = f", {len(result.removed)} removed" if result.removed else ""
    return f"{result.folder}: {counts}{removed}."


def _excerpt(warnings: list[Finding]) -> Iterator[str]:
    """Yield how many warnings there are, and the first of them."""
    if not warnings:
        return
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    more = ", all of them with --json" if len(warnings) > SHOWN_WARNINGS else ""
    yield f"{count} about the contract{more}:"
    yield from (f"  {one.place}: {one.message}" for one in warnings[:SHOWN_WARNINGS])


def _finding(warn: Warn) -> Finding:
    return Finding(
        rule=warn.rule,
        severity="warning",
        place=Place(pointer=warn.pointer),
        message=warn.message,
        fix=FIXES[warn.rule],
    )


# Watching


def _watch(source: str, channels: str | None) -> None:
    """Run the same command without --watch at first and after each change, until Ctrl-C.

    A process of its own imports the application each time as it then is.
    """
    arguments = [one for one in sys.argv[1:] if one != "--watch"]
    pause = FETCH_POLL_SECONDS if is_url(source) else POLL_SECONDS
    last: object = None
    try:
        while True:
            state = _state(source, channels)
            if state != last:
                last = state
                subprocess.run(
                    [sys.executable, "-m", "lockstitch.cli.main", *arguments], check=False
                )
            time.sleep(pause)
    except KeyboardInterrupt:
        return


def _state(source: str, channels: str | None) -> object:
    """Return a value that is another one when what the client is made of has changed."""
    if is_url(source):
        try:
            fetched: Any = fetch_text(source)
        except LockstitchError as error:
            fetched = error.sentence
        return fetched, _times([Path(channels)] if channels else [])
    paths = list(_python_files()) if is_application(source) else [Path(source)]
    return _times([*paths, Path(channels)] if channels else paths)


def _python_files() -> Iterator[Path]:
    for path in find_project(Path.cwd()).rglob("*.py"):
        if not any(part.startswith(".") or part == "node_modules" for part in path.parts[1:]):
            yield path


def _times(paths: list[Path]) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in paths if path.exists()}
