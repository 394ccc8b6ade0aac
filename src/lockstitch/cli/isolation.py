"""`lockstitch isolation`: attack the tenants of a running service over HTTP."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Annotated, Final

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
from lockstitch.errors import ConfigurationError
from lockstitch.guard.isolation.callers import Caller, Parties
from lockstitch.guard.isolation.organisations import OrganisationMaker
from lockstitch.guard.isolation.rules import RULES
from lockstitch.guard.isolation.run import REQUEST_SECONDS, Isolation, prove_isolation
from lockstitch.guard.isolation.witnesses import Rows, rows_of

_OWNER: Final = "the owner"


def isolation(
    service: Annotated[str, typer.Argument(help="The URL of a service, or module:app.")],
    owner: Annotated[
        list[str] | None,
        typer.Option("--owner", help="A header of who is attacked: 'Name: value'."),
    ] = None,
    stranger: Annotated[
        list[str] | None,
        typer.Option("--stranger", help="A header of somebody of another tenant: 'Name: value'."),
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="Attack by this document instead of the service's own.")
    ] = None,
    dsn: Annotated[
        str | None,
        typer.Option(help="Watch the rows of this database, as a role with BYPASSRLS."),
    ] = None,
    secret: Annotated[
        list[str] | None, typer.Option(help="A text that no stranger may be shown.")
    ] = None,
    request_seconds: Annotated[
        float, typer.Option(min=0.1, help="How long one request may take.")
    ] = REQUEST_SECONDS,
    allow_writes: Annotated[
        bool, typer.Option(help="Attack a service that is not on this machine, too.")
    ] = False,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Try to reach one tenant's things as another, by every operation of the contract."""
    reporting = Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )
    if not (is_application(service) or is_this_machine(service) or allow_writes):
        raise ConfigurationError(
            "The attack writes and deletes, and this is another machine. "
            "Add --allow-writes if its data may be lost."
        )
    given = _given(owner or [], stranger or [], tuple(secret or ()))
    with naming(service), _target(service, contract, given, dsn) as (target, parties, rows):
        result = prove_isolation(
            target.contract,
            target.base_url,
            parties,
            rows=rows,
            shown_origin=target.shown_origin,
            request_seconds=request_seconds,
        )
    reporting.deliver("isolation", result, RULES, _summary(result))


def _given(owner: list[str], strangers: list[str], secrets: tuple[str, ...]) -> Parties | None:
    """Return the sides that the options name; None when they name none.

    Raises:
        ConfigurationError: They name one side only.
    """
    if bool(owner) != bool(strangers):
        raise ConfigurationError("--owner and --stranger belong together: one for each side.")
    if not owner:
        return None
    rightful = Caller(_OWNER, read_headers(owner, "--owner"))
    others = [
        Caller(f"stranger {number}", read_headers([one], "--stranger"))
        for number, one in enumerate(strangers, 1)
    ]
    return Parties((rightful,), tuple(others), secrets)


@contextmanager
def _target(
    service: str, contract: str | None, given: Parties | None, dsn: str | None
) -> Iterator[tuple[Target, Parties, Rows | None]]:
    """Yield the service, both sides, and who watches the rows, if anybody."""
    if not is_application(service):
        document = None if contract is None else read_source(contract)
        target = running(service, document)
        with _watching(dsn) as rows:
            yield target, given or _no_parties(), rows
        return
    with started(service) as (target, imported, product):
        if given is None and not imported.uses_lockstitch:
            _no_parties()
        parties = given or OrganisationMaker(target.base_url).parties()
        with _watching(dsn or product.owner_dsn()) as rows:
            yield target, parties, rows


def _watching(dsn: str | None) -> AbstractContextManager[Rows | None]:
    return nullcontext() if dsn is None else rows_of(dsn)


def _no_parties() -> Parties:
    raise ConfigurationError(
        "Say who is attacked and by whom: --owner 'Authorization: Bearer …' "
        "--stranger 'Authorization: Bearer …'. Only an application that uses Lockstitch gets "
        "organisations by itself."
    )


def _summary(result: Isolation) -> str:
    made = f"{result.requests} requests to {result.operations} operations in {result.seconds:.1f} s"
    lines = [f"{made}, as {', '.join(result.callers)}."]
    lines.append(f"{len(result.proved)} operations were shown to answer their rightful caller.")
    if result.shared:
        lines.append(f"Takes only ids that everybody is told: {', '.join(result.shared)}.")
    if result.unfilled:
        lines.append(f"Not tried, as no answer tells such an id: {', '.join(result.unfilled)}.")
    return "\n".join(lines)
