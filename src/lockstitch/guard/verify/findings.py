"""The findings of one run: each once, with the shortest requests that show it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from lockstitch.contract.document import Operation
from lockstitch.findings import Finding, Place
from lockstitch.guard.conformance import Fault
from lockstitch.guard.verify.curl import curl_line
from lockstitch.guard.verify.exchange import Request
from lockstitch.guard.verify.rules import FIXES, WARNINGS


class ServiceFinding(Finding):
    """A fault of a running service.

    `requests` are commands for a shell that show it, in their order; a header whose value is
    secret is taken from a variable. `seed` is what the run was started with.
    """

    operation: str
    requests: tuple[str, ...] = Field(min_length=1)
    seed: int

    def as_text(self) -> str:
        """Return the finding for a terminal, with the requests."""
        lines = [super().as_text(), *(f"    $ {line}" for line in self.requests)]
        return "\n".join(lines)


def label(operation: Operation) -> str:
    """Return what an operation is called in a finding, such as GET /tasks."""
    return f"{operation.method.upper()} {operation.path}"


@dataclass(slots=True)
class Ledger:
    """Collects faults.

    Attributes:
        seed: What the run was started with.
        secrets: Names of headers whose values are not shown.
        origin: Stands in the commands instead of where the service happened to listen.
        fixes: What to do about each rule.
    """

    seed: int
    secrets: Collection[str] = ()
    origin: tuple[str, str] | None = None
    fixes: Mapping[str, str] = field(default_factory=lambda: FIXES)
    _causes: dict[str, str] = field(default_factory=dict)
    _found: dict[tuple[str, str, str, str], ServiceFinding] = field(default_factory=dict)

    def explain(self, operation: Operation, cause: str | None) -> None:
        """Keep why an operation fails; its next fault of the rule `server-error` says so."""
        if cause is not None:
            self._causes[label(operation)] = cause

    def add(self, operation: Operation, fault: Fault, requests: Sequence[Request]) -> None:
        """Keep a fault, unless it is known with shorter requests."""
        where = label(operation)
        key = (fault.rule, where, fault.pointer, fault.subject)
        lines = tuple(self._line(request) for request in requests)
        known = self._found.get(key)
        if known is not None and sum(map(len, known.requests)) <= sum(map(len, lines)):
            return
        self._found[key] = ServiceFinding(
            rule=fault.rule,
            severity="warning" if fault.rule in WARNINGS else "error",
            place=Place(pointer=fault.pointer, name=where),
            message=f"{where} {fault.message.rstrip('.')}{self._cause(where, fault)}.",
            fix=self.fixes[fault.rule],
            subject=fault.subject,
            operation=where,
            requests=lines,
            seed=self.seed,
        )

    def findings(self) -> tuple[ServiceFinding, ...]:
        """Return what was found."""
        return tuple(self._found.values())

    def _cause(self, where: str, fault: Fault) -> str:
        cause = self._causes.get(where) if fault.rule == "server-error" else None
        return "" if cause is None else f": {cause.rstrip('.')}"

    def _line(self, request: Request) -> str:
        line = curl_line(request, self.secrets)
        return line.replace(*self.origin) if self.origin else line
