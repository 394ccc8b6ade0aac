"""Whether the security that the contract declares is enforced."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from lockstitch.contract.document import Operation
from lockstitch.contract.pointers import child
from lockstitch.guard.conformance import Answer, Fault
from lockstitch.guard.verify.credentials import Credentials, Forgeries
from lockstitch.guard.verify.exchange import SUCCESSES, Exchange, Request
from lockstitch.guard.verify.findings import Ledger

REFUSALS: Final = frozenset({401, 403})
# An answer such as 404 or 422 does not tell whether the credential was looked at: ask again.
_MOST_TRIES: Final = 8

Ask = Callable[[Operation, Request], Answer | None]


class SecurityProbe:
    """Repeats requests without a credential and with broken ones."""

    def __init__(self, forgeries: Forgeries, credentials: Credentials, ledger: Ledger) -> None:
        self._forgeries = forgeries
        self._credentials = credentials
        self._ledger = ledger
        self._settled: set[str] = set()
        self._tries: Counter[str] = Counter()

    def probe(self, exchange: Exchange, ask: Ask) -> None:
        """Look at one exchange, and repeat it while it is not known what the operation does."""
        operation = exchange.operation
        if not self._forgeries.required(operation) or operation.id in self._settled:
            return
        if not self._credentials.carried_by(exchange.request):
            if exchange.succeeded:
                self._open(operation, exchange.request, "without any credential")
                return
        elif exchange.answer.status in REFUSALS:
            return
        if self._tries[operation.id] >= _MOST_TRIES:
            return
        self._tries[operation.id] += 1
        self._repeat(exchange, ask)

    def refuses_anonymous(self, operation: Operation, request: Request, ask: Ask) -> bool:
        """Whether an operation refuses a request without a credential; it is sent to find out."""
        if not self._forgeries.required(operation) or not self._credentials.headers:
            return True
        bare = self._forgeries.anonymous(operation, request)
        answer = ask(operation, bare)
        if answer is None or answer.status not in SUCCESSES:
            return True
        self._open(operation, bare, "without any credential")
        return False

    def _repeat(self, exchange: Exchange, ask: Ask) -> None:
        operation, request = exchange.operation, exchange.request
        attempts = [("without any credential", self._forgeries.anonymous(operation, request))]
        attempts += [
            (f"with {what}", one) for what, one in self._forgeries.broken(operation, request)
        ]
        refused = 0
        for what, attempt in attempts:
            answer = ask(operation, attempt)
            if answer is not None and answer.status in SUCCESSES:
                self._open(operation, attempt, what)
                return
            refused += answer is not None and answer.status in REFUSALS
        if refused == len(attempts):
            self._settled.add(operation.id)

    def _open(self, operation: Operation, request: Request, what: str) -> None:
        self._settled.add(operation.id)
        pointer = child(operation.pointer, "security")
        fault = Fault("security-not-enforced", pointer, f"answers {what}", what)
        self._ledger.add(operation, fault, [request])
