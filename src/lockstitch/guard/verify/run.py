"""One verification: a contract, a service, findings."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lockstitch.findings import Report
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.exchange import Sender
from lockstitch.guard.verify.findings import Ledger
from lockstitch.guard.verify.inspection import Coverage, Inspector
from lockstitch.guard.verify.requests_made import Effort, make_requests
from lockstitch.guard.verify.traces import LogReader


class Verification(BaseModel):
    """What a verification saw and found.

    `reached` counts the operations that answered with success at least once; of the others,
    `unreached`, only refusals were seen.
    """

    seed: int
    seconds: float
    complete: bool
    requests: int
    operations: int
    reached: int
    unreached: tuple[str, ...]
    skipped: tuple[str, ...]
    report: Report


def verify_service(
    contract: Mapping[str, Any],
    base_url: str,
    *,
    credentials: Credentials | None = None,
    effort: Effort | None = None,
    shown_origin: str | None = None,
    log: Path | None = None,
) -> Verification:
    """Hold a running service against its contract.

    Args:
        contract: The parsed OpenAPI document.
        base_url: Where its paths begin.
        credentials: What the requests carry.
        effort: How hard to look.
        shown_origin: Stands in the commands to repeat a request instead of the base URL.
        log: Where the service writes its log, if that can be read: it tells why it fails.

    Raises:
        ContractError: The contract cannot be read.
        ConfigurationError: schemathesis is not installed.
    """
    credentials, effort = credentials or Credentials(), effort or Effort()
    origin = (base_url, shown_origin) if shown_origin else None
    ledger = Ledger(seed=effort.seed, secrets=credentials.names, origin=origin)
    started = time.monotonic()
    with Sender(effort.request_seconds) as sender:
        reader = None if log is None else LogReader(log)
        inspector = Inspector(contract, base_url, sender, credentials, ledger, reader)
        outcome = make_requests(contract, base_url, inspector, credentials, effort)
        inspector.finish()
    coverage = inspector.coverage
    return Verification(
        seed=effort.seed,
        seconds=round(time.monotonic() - started, 3),
        complete=outcome.complete,
        requests=coverage.requests,
        operations=coverage.operations,
        reached=sum(count > 0 for count in coverage.succeeded.values()),
        unreached=_unreached(coverage),
        skipped=outcome.skipped,
        report=Report.of(ledger.findings()),
    )


def _unreached(coverage: Coverage) -> tuple[str, ...]:
    return tuple(id_ for id_, count in sorted(coverage.succeeded.items()) if not count)
