"""What is made of each exchange with the service."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from lockstitch.contract.document import Operation
from lockstitch.contract.mock.routing import Router
from lockstitch.errors import RequestError, Violation
from lockstitch.guard.conformance import Answer, Conformance, Fault, events_of
from lockstitch.guard.verify.credentials import Credentials, Forgeries
from lockstitch.guard.verify.exchange import EVENT_STREAM, Exchange, Request, Sender
from lockstitch.guard.verify.findings import Ledger
from lockstitch.guard.verify.leniency import RequestJudge
from lockstitch.guard.verify.lifecycle import LifecycleProbe
from lockstitch.guard.verify.security import REFUSALS, SecurityProbe
from lockstitch.guard.verify.traces import LogReader

# How frameworks refuse what the contract refuses too; that goes without saying.
_OF_THE_FRAMEWORK: Final = frozenset({400, 404, 405, 411, 413, 414, 415, 422, 431})
_REFUSED_BY_VALIDATION: Final = frozenset({400, 422})
_UNAUTHORISED: Final = 401
_ENOUGH_REFUSALS: Final = 5


@dataclass(slots=True)
class Coverage:
    """How much of the contract was seen: requests, and operations by the id that succeeded."""

    requests: int = 0
    operations: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)


class Inspector:
    """Judges every exchange, and asks further where one raises a question."""

    def __init__(
        self,
        contract: Mapping[str, Any],
        base_url: str,
        sender: Sender,
        credentials: Credentials,
        ledger: Ledger,
        log: LogReader | None = None,
    ) -> None:
        self._conformance = Conformance(contract)
        document = self._conformance.document
        self._router = Router(document)
        self._base_path = urlsplit(base_url).path.rstrip("/")
        self._judge = RequestJudge(document)
        self._sender = sender
        self._credentials = credentials
        self._forgeries = Forgeries(document, credentials)
        self._ledger = ledger
        self._log = log
        self._explained: set[str] = set()
        self._refused: dict[str, list[Exchange]] = {}
        self._security = SecurityProbe(self._forgeries, credentials, ledger)
        self._lifecycle = LifecycleProbe(document, self._security, ledger)
        self.coverage = Coverage(operations=len(document.operations))

    def inspect(self, request: Request, answer: Answer, before: Sequence[Request] = ()) -> None:
        """Judge one exchange.

        Args:
            request: What was sent.
            answer: What came back.
            before: What was sent before it, where that may matter.
        """
        routed = self._routed(request)
        if routed is None:
            return
        operation, names = routed
        exchange = Exchange(operation, request, answer)
        self._count(exchange)
        self._judge_answer(exchange, names, before)
        if exchange.succeeded:
            self._judge_acceptance(exchange, names)
        elif answer.status in _REFUSED_BY_VALIDATION:
            self._judge_refusal(exchange, names)
        self._security.probe(exchange, self.ask)
        self._lifecycle.probe(exchange, self.ask)
        self._stay_signed_in(exchange)

    def ask(self, operation: Operation, request: Request) -> Answer | None:
        """Send a request of our own; its answer is judged like any other."""
        self.coverage.requests += 1
        answer = self._sender.send(request)
        if answer is not None:
            routed = self._routed(request)
            names = routed[1] if routed else {}
            self._judge_answer(Exchange(operation, request, answer), names, ())
        return answer

    def no_answer(self, request: Request, reason: str) -> None:
        """Keep that the service did not answer."""
        routed = self._routed(request)
        if routed is not None:
            fault = Fault("no-answer", routed[0].pointer, f"does not answer: {reason}")
            self._ledger.add(routed[0], fault, [request])

    def _routed(self, request: Request) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation that a request reaches; a generated path may reach another."""
        path = request.path.removeprefix(self._base_path)
        try:
            return self._router.find(request.method, path)
        except RequestError:
            return None

    def _count(self, exchange: Exchange) -> None:
        self.coverage.requests += 1
        self.coverage.answered[exchange.operation.id] += 1
        self.coverage.succeeded[exchange.operation.id] += exchange.succeeded

    def _judge_answer(
        self, exchange: Exchange, names: Mapping[str, str], before: Sequence[Request]
    ) -> None:
        operation, answer = exchange.operation, exchange.answer
        faults = list(self._conformance.faults(operation, answer))
        if answer.media_type == EVENT_STREAM:
            for event in events_of(answer.body):
                faults += self._conformance.event_faults(operation, answer.status, event)
        if any(fault.rule == "server-error" for fault in faults):
            self._explain(operation)
        for fault in faults:
            if fault.rule == "undocumented-status" and self._goes_without_saying(exchange, names):
                continue
            self._ledger.add(operation, fault, [*before, exchange.request])

    def _explain(self, operation: Operation) -> None:
        """Take the cause of an operation's first failure from the log, where there is one."""
        if self._log is not None and operation.id not in self._explained:
            self._explained.add(operation.id)
            self._ledger.explain(operation, self._log.last_error())

    def _goes_without_saying(self, exchange: Exchange, names: Mapping[str, str]) -> bool:
        """Whether nobody needs to document a status: refusals that the contract implies."""
        status = exchange.answer.status
        if status in REFUSALS and exchange.operation.security:
            return True
        received = exchange.request.received(names)
        return status in _OF_THE_FRAMEWORK and not self._judge.allows(exchange.operation, received)

    def _judge_acceptance(self, exchange: Exchange, names: Mapping[str, str]) -> None:
        received = exchange.request.received(names)
        for violation in self._judge.refuses(exchange.operation, received):
            place = f"{violation.place} {violation.pointer}".rstrip()
            message = f"accepts a {place} that the contract refuses: {violation.message}"
            fault = Fault(
                "refused-request-accepted",
                exchange.operation.pointer,
                message,
                f"{_kind_of_place(violation)} {violation.rule}",
            )
            self._ledger.add(exchange.operation, fault, [exchange.request])

    def _judge_refusal(self, exchange: Exchange, names: Mapping[str, str]) -> None:
        """Note that a JSON body was refused; how texts elsewhere are read is not so certain."""
        operation, request = exchange.operation, exchange.request
        if "json" not in request.headers.get("content-type", "") or "?" in request.url:
            return
        if self._judge.allows(operation, request.received(names)):
            self._refused.setdefault(operation.id, []).append(exchange)

    def finish(self) -> None:
        """Judge what can be judged only when everything was seen.

        Some bodies are refused for what no schema can say, such as a day that has passed. That all
        of them are is another thing.
        """
        for id_, refused in self._refused.items():
            if self.coverage.succeeded[id_] or len(refused) < _ENOUGH_REFUSALS:
                continue
            for exchange in refused:
                status = exchange.answer.status
                message = f"refuses every body that the contract allows, with {status}"
                pointer = exchange.operation.pointer
                fault = Fault("allowed-request-refused", pointer, message, str(status))
                self._ledger.add(exchange.operation, fault, [exchange.request])

    def _stay_signed_in(self, exchange: Exchange) -> None:
        """Sign in anew after a request that may have signed us out."""
        if not self._credentials.carried_by(exchange.request):
            return
        operation, answer = exchange.operation, exchange.answer
        refused = answer.status == _UNAUTHORISED and bool(operation.security)
        if refused or (operation.method == "delete" and "set-cookie" in answer.headers):
            self._credentials.refresh()


def _kind_of_place(violation: Violation) -> str:
    """Return the place of a violation without what was made up, such as the name of a member."""
    pointer = violation.pointer
    if violation.rule in {"unexpected", "name"}:
        pointer = pointer.rpartition("/")[0]
    return f"{violation.place} {re.sub(r'/[0-9]+(?=/|$)', '/-', pointer)}"
