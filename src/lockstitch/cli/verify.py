"""`lockstitch verify`: hold a running service against its contract."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lockstitch.cli.contracts import is_application, naming
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
from lockstitch.cli.services import Target, is_this_machine, read_headers, running, started
from lockstitch.contract.sources import read_source
from lockstitch.findings import Severity
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.requests_made import Effort, require_schemathesis
from lockstitch.guard.verify.rules import RULES
from lockstitch.guard.verify.run import Verification, verify_service

_NAMED: Final = 5
DEFAULT: Final = Effort()


def verify(
    service: Annotated[str, typer.Argument(help="The URL of a service, or module:app.")],
    contract: Annotated[
        str | None, typer.Option(help="Hold it against this document instead of its own.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", help="Sent with every request: 'Name: value'."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same requests.")] = 1,
    examples: Annotated[
        int, typer.Option(min=1, help="Random requests for each operation.")
    ] = DEFAULT.examples,
    max_seconds: Annotated[
        float | None, typer.Option(min=1, help="Make no more requests after so long.")
    ] = None,
    request_seconds: Annotated[
        float, typer.Option(min=0.1, help="How long one request may take.")
    ] = DEFAULT.request_seconds,
    allow_writes: Annotated[
        bool, typer.Option(help="Write to a service that is not on this machine, too.")
    ] = False,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Send a running service what its contract allows and refuses, and judge every answer."""
    reporting = _reporting(json, sarif, markdown, fail_on, baseline, accept, until)
    require_schemathesis()
    here = is_application(service) or is_this_machine(service)
    effort = Effort(
        seed=seed,
        examples=examples,
        max_seconds=max_seconds,
        request_seconds=request_seconds,
        writes=here or allow_writes,
    )
    given = read_headers(header or [])
    document = None if contract is None else read_source(contract)
    with naming(service), _target(service, document, given) as (target, credentials):
        result = verify_service(
            document or target.contract,
            target.base_url,
            credentials=credentials,
            effort=effort,
            shown_origin=target.shown_origin,
            log=target.log,
        )
    reporting.deliver("verify", result, RULES, _summary(result, effort))


@contextmanager
def _target(
    service: str, document: Mapping[str, Any] | None, given: dict[str, str]
) -> Iterator[tuple[Target, Credentials]]:
    """Yield the service, started for the occasion where it is an application."""
    if not is_application(service):
        yield running(service, document), Credentials(given)
        return
    with started(service) as (target, imported, product):
        yield target, Credentials(given) if given else product.sign_in(imported)


def _reporting(
    json: bool,
    sarif: bool,
    markdown: bool,
    fail_on: Severity,
    baseline: Path | None,
    accept: str | None,
    until: str | None,
) -> Reporting:
    return Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )


def _summary(result: Verification, effort: Effort) -> str:
    made = f"{result.requests} requests to {result.operations} operations"
    succeeded = f"{result.reached} of them answered with success"
    lines = [f"{made} in {result.seconds:.1f} s, {succeeded} (seed {result.seed})."]
    if result.unreached:
        named = ", ".join(result.unreached[:_NAMED])
        more = ", …" if len(result.unreached) > _NAMED else ""
        lines.append(f"Only refusals were seen of {named}{more}.")
    if not result.complete:
        lines.append(f"Stopped after {effort.max_seconds:g} s; not every request was made.")
    if not effort.writes:
        lines.append("Only reads were sent, as this is another machine; see --allow-writes.")
    return "\n".join([*lines, *(f"Not tested: {one}" for one in result.skipped)])
