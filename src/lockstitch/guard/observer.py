"""The development observer: every answer of a FastAPI application is held against its contract.

```python
from lockstitch.guard.observer import observe

observe(app)
```

It changes nothing: each message goes out first and is looked at afterwards. What leaves the
contract is logged at once, with the route and the pointer, and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.contract.document import Operation
from lockstitch.errors import ContractError
from lockstitch.findings import Finding, Place, Report
from lockstitch.guard.conformance import Answer, Conformance, Fault
from lockstitch.guard.event_stream import EventParser
from lockstitch.guard.verify.rules import FIXES

MAX_BODY_BYTES: Final = 1_048_576
_EVENT_STREAM: Final = "text/event-stream"
# How a framework refuses a request that the contract does not allow either, and how an operation
# with security refuses a caller: nobody needs to document that.
_OF_THE_FRAMEWORK: Final = frozenset({400, 413, 415, 422})
_OF_SECURITY: Final = frozenset({401, 403})

_log = structlog.get_logger("lockstitch.observer")


def observe(app: FastAPI) -> "Observer":
    """Observe an application, and return what counts its findings.

    The contract is read from the application at the first request, so routes that are added later
    than this call are observed too.
    """
    # Asked for late, since an application may replace the method.
    observer = Observer(lambda: app.openapi())  # noqa: PLW0108
    app.add_middleware(_Middleware, observer=observer)
    return observer


class Observer:
    """Judges answers, logs what leaves the contract, and counts it."""

    def __init__(self, contract: Callable[[], Mapping[str, Any]]) -> None:
        self._contract = contract
        self._conformance: Conformance | None = None
        self._blind = False
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._findings: dict[tuple[str, str, str, str], Finding] = {}

    @property
    def report(self) -> Report:
        """What was found so far."""
        return Report.of(self._findings.values())

    def count(self, finding: Finding) -> int:
        """Return how many answers have shown a finding."""
        pointer = finding.place.pointer or ""
        return self._counts[finding.rule, finding.place.name or "", pointer, finding.subject]

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation of a request; None when it is none of the contract."""
        conformance = self._ready()
        return None if conformance is None else conformance.find(method, path)

    def see_head(self, operation: Operation, answer: Answer) -> None:
        """Judge status, media type and headers."""
        self._keep(operation, self._ready_now().head_faults(operation, answer))

    def see_body(self, operation: Operation, answer: Answer) -> None:
        """Judge a body that is complete."""
        self._keep(operation, self._ready_now().body_faults(operation, answer))

    def see_events(
        self, operation: Operation, status: int, parser: EventParser, chunk: bytes
    ) -> None:
        """Judge the events that are complete with a piece of a stream."""
        for event in parser.feed(chunk):
            self._keep(operation, self._ready_now().event_faults(operation, status, event))

    def _ready(self) -> Conformance | None:
        if self._conformance is None and not self._blind:
            try:
                self._conformance = Conformance(self._contract())
            except ContractError as error:
                self._blind = True
                _log.warning("answers are not observed", reason=error.sentence)
        return self._conformance

    def _ready_now(self) -> Conformance:
        conformance = self._ready()
        assert conformance is not None  # noqa: S101 - the operation came from it
        return conformance

    def _keep(self, operation: Operation, faults: Iterator[Fault]) -> None:
        where = f"{operation.method.upper()} {operation.path}"
        try:
            found = list(faults)
        except Exception as error:  # noqa: BLE001 - an observer must not break what it observes
            _log.warning(
                "an answer could not be judged", operation=where, reason=type(error).__name__
            )
            return
        for fault in found:
            if _goes_without_saying(operation, fault):
                continue
            key = (fault.rule, where, fault.pointer, fault.subject)
            self._counts[key] += 1
            if key not in self._findings:
                self._findings[key] = _finding(where, fault)
            if _is_power_of_ten(self._counts[key]):
                _log.warning(
                    "an answer leaves the contract",
                    operation=where,
                    rule=fault.rule,
                    what=fault.message,
                    contract=f"#{fault.pointer}",
                    seen=self._counts[key],
                )


class _Middleware:
    """Shows the observer what passes."""

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        operation = self._observer.operation(scope["method"], path)
        if operation is None:
            await self._app(scope, receive, send)
            return
        watched = _Watched(self._observer, operation, send, has_body=scope["method"] != "HEAD")
        await self._app(scope, receive, watched.send)


class _Watched:
    """One answer on its way out."""

    def __init__(
        self, observer: Observer, operation: Operation, send: Send, *, has_body: bool
    ) -> None:
        self._observer = observer
        self._operation = operation
        self._send = send
        self._has_body = has_body
        self._status = 0
        self._headers: dict[str, str] = {}
        self._events: EventParser | None = None
        self._body: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        """Send a message on, then look at it."""
        await self._send(message)
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body" and self._has_body:
            self._piece(message.get("body", b""), last=not message.get("more_body", False))

    def _start(self, message: Message) -> None:
        self._status = message["status"]
        for name, value in message.get("headers", ()):
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        answer = Answer(self._status, self._headers, b"")
        # What another middleware has compressed cannot be read here.
        self._has_body = self._has_body and "content-encoding" not in self._headers
        if answer.media_type == _EVENT_STREAM:
            self._events = EventParser()
        self._observer.see_head(self._operation, answer)

    def _piece(self, chunk: bytes, *, last: bool) -> None:
        if self._events is not None:
            self._observer.see_events(self._operation, self._status, self._events, chunk)
            return
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            self._body.clear()
            return
        self._body.append(chunk)
        if last:
            answer = Answer(self._status, self._headers, b"".join(self._body))
            self._observer.see_body(self._operation, answer)


def _finding(where: str, fault: Fault) -> Finding:
    return Finding(
        rule=fault.rule,
        severity="error",
        place=Place(pointer=fault.pointer, name=where),
        message=f"{where} {fault.message.rstrip('.')}.",
        fix=FIXES[fault.rule],
        subject=fault.subject,
    )


def _goes_without_saying(operation: Operation, fault: Fault) -> bool:
    if fault.rule != "undocumented-status":
        return False
    status = int(fault.subject)
    return status in _OF_THE_FRAMEWORK or (status in _OF_SECURITY and bool(operation.security))


def _is_power_of_ten(count: int) -> bool:
    """Whether to log once more: a fault of a busy route must not fill the log."""
    while count % 10 == 0:
        count //= 10
    return count == 1
