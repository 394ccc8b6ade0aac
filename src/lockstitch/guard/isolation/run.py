"""One proof of isolation: a contract, a service, two sides, findings."""

import time
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from lockstitch.contract.reading import read_document
from lockstitch.findings import Report
from lockstitch.guard.isolation.attack import Attack
from lockstitch.guard.isolation.callers import Parties
from lockstitch.guard.isolation.drafting import Drafter, Style
from lockstitch.guard.isolation.rules import FIXES
from lockstitch.guard.isolation.survey import Survey
from lockstitch.guard.isolation.witnesses import Reader, Witness
from lockstitch.guard.verify.exchange import Sender
from lockstitch.guard.verify.findings import Ledger

REQUEST_SECONDS: Final = 10.0


class Isolation(BaseModel):
    """What an attack on the tenants of a service saw and found.

    `proved` are the operations whose rightful caller succeeded, so that refusing the others means
    something. `shared` are those of them that take only ids which everybody is told. `unfilled` are
    the places, as operation id and place, that may take an id of which no answer tells any.
    """

    seconds: float
    requests: int
    operations: int
    callers: tuple[str, ...]
    proved: tuple[str, ...]
    shared: tuple[str, ...]
    unfilled: tuple[str, ...]
    report: Report


def prove_isolation(
    contract: Mapping[str, Any],
    base_url: str,
    parties: Parties,
    *,
    rows: Witness | None = None,
    shown_origin: str | None = None,
    request_seconds: float = REQUEST_SECONDS,
) -> Isolation:
    """Try to reach one tenant's things as everybody of another, by every operation of a contract.

    It writes: use data that may be lost.

    Args:
        contract: The parsed OpenAPI document.
        base_url: Where its paths begin.
        parties: Both sides.
        rows: Tells what became of the victim's rows; without it, what the owner reads tells.
        shown_origin: Stands in the commands to repeat a request instead of the base URL.
        request_seconds: How long one request may take.

    Raises:
        ContractError: The contract cannot be read.
    """
    document = read_document(contract)
    origin = (base_url, shown_origin) if shown_origin else None
    ledger = Ledger(seed=0, secrets=parties.secret_headers, origin=origin, fixes=FIXES)
    started = time.monotonic()
    with Sender(request_seconds) as sender:
        survey = Survey(document, Drafter(document, base_url), sender)
        owner = parties.rightful[0]
        witness = rows or Reader(lambda: survey.read(owner, Style("reader")))
        attack = Attack(survey, parties, [witness], ledger)
        attack.run()
    return Isolation(
        seconds=round(time.monotonic() - started, 3),
        requests=survey.requests,
        operations=len(document.operations),
        callers=tuple(one.name for one in parties.attackers),
        proved=tuple(sorted(attack.proved)),
        shared=tuple(sorted(attack.shared)),
        unfilled=tuple(sorted(attack.unfilled)),
        report=Report.of(ledger.findings()),
    )
