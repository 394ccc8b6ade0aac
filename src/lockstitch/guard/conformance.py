"""Whether an answer is what the contract promises of its operation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from lockstitch.contract.document import Content, Header, Operation, Response
from lockstitch.contract.events import TRANSPORT_FRAMES, describe_events
from lockstitch.contract.extensions import PREFIX, Events, Stream
from lockstitch.contract.mock.routing import Router
from lockstitch.contract.pointers import child
from lockstitch.contract.reading import read_document
from lockstitch.errors import RequestError
from lockstitch.guard.answer_schemas import AnswerSchemas, Departure
from lockstitch.guard.event_stream import Event, EventParser

PROBLEM: Final = "application/problem+json"
# What RFC 9457 says of each member, beyond the contract.
_PROBLEM_MEMBERS: Final[Mapping[str, type]] = {
    "type": str,
    "title": str,
    "status": int,
    "detail": str,
    "instance": str,
}
_STACK_TRACE: Final = re.compile(
    rb"Traceback \(most recent call last\)|File \\?\"[^\"\n]+\\?\", line \d+, in "
)
_NO_BODY: Final = frozenset({204, 205, 304})
_FIRST_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_SHOWN_TEXT: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer leaves the contract.

    Attributes:
        rule: The id of the rule.
        pointer: The place in the contract.
        message: What is wrong, without its operation.
        subject: The place in the answer, which tells this fault from others of the same pointer.
    """

    rule: str
    pointer: str
    message: str
    subject: str = ""


class Conformance:
    """Compares answers with one contract.

    Raises:
        ContractError: The contract cannot be read.
    """

    def __init__(self, contract: Mapping[str, Any]) -> None:
        described = describe_events(contract)
        self.document = read_document(described)
        self._router = Router(self.document)
        self._schemas = AnswerSchemas(described)

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation of a request, or None when the contract has no such one."""
        try:
            return self._router.find(method, path)[0]
        except RequestError:
            return None

    def faults(self, operation: Operation, answer: Answer) -> Iterator[Fault]:
        """Yield every way in which an answer leaves the contract."""
        yield from self.head_faults(operation, answer)
        yield from self.body_faults(operation, answer)

    def head_faults(self, operation: Operation, answer: Answer) -> Iterator[Fault]:
        """Yield how status, media type and headers leave the contract."""
        response = documented(operation, answer.status)
        if answer.status == _SERVER_ERROR or (response is None and answer.status > _SERVER_ERROR):
            message = f"fails with status {answer.status}"
            yield Fault("server-error", operation.pointer, message, str(answer.status))
        elif response is None:
            yield _undocumented(operation, answer.status)
        if response is None:
            return
        for header in response.headers:
            yield from self._header(header, answer)
        if _expects_body(response, answer) and _content(response, answer.media_type) is None:
            yield _media_type(response, answer)

    def body_faults(self, operation: Operation, answer: Answer) -> Iterator[Fault]:
        """Yield how a body, which is there wholly, leaves the contract."""
        if answer.status >= _FIRST_ERROR and _STACK_TRACE.search(answer.body):
            message = f"shows a stack trace to its caller with status {answer.status}"
            yield Fault("internals-shown", operation.pointer, message)
        response = documented(operation, answer.status)
        if response is not None and _expects_body(response, answer):
            content = _content(response, answer.media_type)
            if content is not None and content.kind == "json" and content.schema is not None:
                yield from self._json(content, answer)
            if content is not None and content.kind == "lines" and content.item is not None:
                yield from self._lines(content, answer)
        if answer.media_type == PROBLEM:
            yield from _problem(operation, answer)

    def _lines(self, content: Content, answer: Answer) -> Iterator[Fault]:
        """Yield what is wrong with lines of JSON; the last one may be cut off."""
        pointer = child(content.pointer, "itemSchema")
        for line in answer.body.split(b"\n")[:-1]:
            if not line.strip(b" \r\x1e"):
                continue
            try:
                value = from_json(line.strip(b"\x1e"), allow_inf_nan=False)
            except ValueError:
                message = f"answers {answer.status} with a line that is no JSON"
                yield Fault("response-schema", content.pointer, message, "line")
                continue
            for departure in self._schemas.departures(pointer, value):
                yield _departed(departure, answer.status)

    def event_faults(self, operation: Operation, status: int, event: Event) -> Iterator[Fault]:
        """Yield every way in which one server-sent event leaves the contract."""
        response = documented(operation, status)
        content = _content(response, "text/event-stream") if response else None
        if content is None or content.item is None or event.data is None:
            return
        value = _event_value(operation, event)
        if value is None:
            return
        pointer = child(content.pointer, "itemSchema")
        for departure in self._schemas.departures(pointer, value):
            message = f"sends an event whose {_at(departure.place)} is wrong: {departure.message}"
            yield Fault("event-schema", departure.pointer, message, departure.place)

    def _header(self, header: Header, answer: Answer) -> Iterator[Fault]:
        text = answer.headers.get(header.name.lower())
        if text is None:
            if header.required:
                message = f"lacks the header {header.name} in an answer {answer.status}"
                yield Fault("response-header", header.pointer, message)
            return
        readings = [text, *_scalars(text)]
        pointer = child(header.pointer, "schema")
        wrong = [list(self._schemas.departures(pointer, one)) for one in readings]
        if all(wrong):
            message = f"sends a header {header.name} that is wrong: {wrong[-1][0].message}"
            yield Fault("response-header", header.pointer, message)

    def _json(self, content: Content, answer: Answer) -> Iterator[Fault]:
        try:
            value = from_json(answer.body, allow_inf_nan=False)
        except ValueError:
            message = f"answers {answer.status} with a body that is no JSON"
            yield Fault("response-schema", content.pointer, message, "syntax")
            return
        for departure in self._schemas.departures(child(content.pointer, "schema"), value):
            yield _departed(departure, answer.status)


def documented(operation: Operation, status: int) -> Response | None:
    """Return what the operation documents for a status: exactly, as 4XX, or as the default."""
    found = {response.status: response for response in operation.responses}
    return found.get(str(status)) or found.get(f"{status // 100}XX") or found.get("default") or None


def _expects_body(response: Response, answer: Answer) -> bool:
    return bool(response.contents) and answer.status not in _NO_BODY


def events_of(body: bytes) -> Iterator[Event]:
    """Yield the events of a body that has ended, or was cut off."""
    yield from EventParser().feed(body)


def _undocumented(operation: Operation, status: int) -> Fault:
    has = ", ".join(response.status for response in operation.responses) or "no status"
    message = f"answers with status {status}; the contract has {has}"
    return Fault("undocumented-status", child(operation.pointer, "responses"), message, str(status))


def _problem(operation: Operation, answer: Answer) -> Iterator[Fault]:
    place = operation.pointer
    try:
        problem = from_json(answer.body, allow_inf_nan=False)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        yield Fault("problem-shape", place, "answers a problem that is no JSON object")
        return
    for name, kind in _PROBLEM_MEMBERS.items():
        value = problem.get(name, kind())
        if not isinstance(value, kind) or isinstance(value, bool):
            message = f"answers a problem whose {name!r} is no {kind.__name__}"
            yield Fault("problem-shape", place, message, name)
    told = problem.get("status", answer.status)
    if isinstance(told, int) and told != answer.status:
        message = f"answers {answer.status} with a problem that says {told}"
        yield Fault("problem-shape", place, message, "status differs")


def _media_type(response: Response, answer: Answer) -> Fault:
    declared = ", ".join(content.media_type for content in response.contents)
    sent = answer.media_type or "no media type"
    return Fault(
        "response-media-type",
        child(response.pointer, "content"),
        f"answers {answer.status} as {sent[:_SHOWN_TEXT]}; the contract has {declared}",
        sent,
    )


def _departed(departure: Departure, status: int) -> Fault:
    rule = "response-format" if departure.keyword == "format" else "response-schema"
    message = f"answers {status} with a wrong {_at(departure.place)}: {departure.message}"
    # The place of an item of a list tells nothing: its number is another one next time.
    subject = re.sub(r"/\d+(?=/|$)", "/-", departure.place)
    return Fault(rule, departure.pointer, message, subject)


def _at(place: str) -> str:
    return place or "value"


def _content(response: Response, media_type: str) -> Content | None:
    kind = media_type.partition("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        for content in response.contents:
            if content.essence == wanted:
                return content
    return None


def _scalars(text: str) -> Iterator[Any]:
    """Yield the number or boolean that the text of a header may mean."""
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError:
        return
    if isinstance(value, int | float | bool):
        yield value


def _event_value(operation: Operation, event: Event) -> Any:
    """Return what the item schema of the operation describes; None when it is not described."""
    mode = operation.extensions.get(f"{PREFIX}{Events.name}")
    framed = f"{PREFIX}{Stream.name}" in operation.extensions
    data: Any = _parsed(event.data)
    kind: Any = event.type
    if framed:
        if kind in TRANSPORT_FRAMES or not isinstance(data, dict):
            return None
        kind, data = data.get("type"), data.get("data")
    if mode == Events("data").root:
        return data
    return {"type": kind, "data": data} if mode == Events("whole").root else None


def _parsed(text: str | None) -> Any:
    try:
        return from_json(text or "", allow_inf_nan=False)
    except ValueError:
        return text
