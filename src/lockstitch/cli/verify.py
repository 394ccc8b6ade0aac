"""`lockstitch verify`: hold a running service against its contract."""

import ipaddress
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final
from urllib.parse import urljoin, urlsplit

import typer

from lockstitch.api.throw_away import ThrowAwayProduct
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
from lockstitch.contract.sources import is_url, read_source
from lockstitch.errors import ConfigurationError
from lockstitch.findings import Severity
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.process import served
from lockstitch.guard.verify.requests_made import Effort, require_schemathesis
from lockstitch.guard.verify.rules import RULES
from lockstitch.guard.verify.run import Verification, verify_service

# Where the commands of the findings expect an application that verify itself has started.
SHOWN_ORIGIN: Final = "http://127.0.0.1:8000"
_NAMED: Final = 5
DEFAULT: Final = Effort()


@dataclass(frozen=True, slots=True)
class Target:
    """A service that answers, and its contract."""

    contract: Mapping[str, Any]
    base_url: str
    credentials: Credentials
    shown_origin: str | None = None
    log: Path | None = None


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
    here = is_application(service) or _is_this_machine(service)
    effort = Effort(
        seed=seed,
        examples=examples,
        max_seconds=max_seconds,
        request_seconds=request_seconds,
        writes=here or allow_writes,
    )
    given = _headers(header or [])
    document = None if contract is None else read_source(contract)
    starting = (
        _started(service, given)
        if is_application(service)
        else nullcontext(_running(service, document, given))
    )
    with naming(service), starting as target:
        result = verify_service(
            document or target.contract,
            target.base_url,
            credentials=target.credentials,
            effort=effort,
            shown_origin=target.shown_origin,
            log=target.log,
        )
    reporting.deliver("verify", result, RULES, _summary(result, effort))


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


def _headers(given: list[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not colon or not name.strip():
            raise ConfigurationError(f"--header {one!r} is not 'Name: value'.")
        found[name.strip().lower()] = value.strip()
    return found


# A service that runs


def _running(service: str, document: Mapping[str, Any] | None, given: dict[str, str]) -> Target:
    if not is_url(service):
        raise ConfigurationError(f"{service!r} is neither a URL nor module:app.")
    bare = urlsplit(service).path in {"", "/"}
    url = urljoin(service, "/openapi.json") if bare else service
    contract = document or read_source(url)
    base = service.rstrip("/") if document else _base_url(url, contract)
    return Target(contract, base, Credentials(given))


def _base_url(url: str, contract: Mapping[str, Any]) -> str:
    """Return where the paths of a fetched contract begin: at its first server on that host."""
    servers = contract.get("servers") or [{}]
    base = urljoin(url, str(servers[0].get("url", "/")))
    same = urlsplit(base).netloc == urlsplit(url).netloc
    return (base if same else urljoin(url, "/")).rstrip("/")


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# An application that is started for the occasion


@contextmanager
def _started(application: str, given: dict[str, str]) -> Iterator[Target]:
    """Run an application; one that uses Lockstitch gets a database of its own and an account."""
    command = [sys.executable, "-m", "lockstitch.cli.main", "serve", application]
    with TemporaryDirectory(prefix="lockstitch-verify-", ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "log"
        with ThrowAwayProduct(Path(folder)) as product, served(command, log, product.prepare) as it:
            credentials = Credentials(given) if given else product.sign_in(it)
            yield Target(it.contract, it.url, credentials, SHOWN_ORIGIN, log)
