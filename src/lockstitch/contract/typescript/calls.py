"""The operations of a contract as the functions that TypeScript calls."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from lockstitch.contract.document import (
    READS,
    Content,
    Document,
    Operation,
    Parameter,
    Warn,
)
from lockstitch.contract.extensions import Extensions, read_extensions
from lockstitch.contract.typescript.answers import Answers, plan_answers
from lockstitch.contract.typescript.inputs import Input, plan_input, preferred
from lockstitch.contract.typescript.names import unique
from lockstitch.contract.typescript.plan import Plan, Root

# What browsers refuse to send.
UNSENDABLE: Final = frozenset({"trace"})
NATURAL: Final = frozenset({"get", "head", "options", "put", "delete", "query"})
IDEMPOTENCY_KEY: Final = "idempotency-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation that answers once."""

    operation: Operation
    facts: Extensions
    function: str
    descriptor: str
    input: Input
    answers: Answers
    problems: str
    error: str
    group: str
    idempotency: Literal["natural", "key", "none"]

    @property
    def is_read(self) -> bool:
        """Whether it is a query, whose answer may be cached."""
        return self.operation.method in READS

    @property
    def takes_input(self) -> bool:
        """Whether the function has an argument besides the client and its options."""
        return self.input.type != "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCall:
    """One operation or channel that answers with events.

    `event` is the type of its events; `item` the decoder's type, None when the contract does not
    describe them; `whole` tells that the type covers `{type, data}` and not only the data;
    `alone` that the operation has no other answer, and so no `Call`.
    """

    operation: Operation
    facts: Extensions
    function: str
    descriptor: str
    input: Input
    answers: Answers
    item: Root | None
    whole: bool
    group: str
    resumable: bool
    alone: bool

    @property
    def takes_input(self) -> bool:
        """Whether the function has an argument besides the client and its options."""
        return self.input.type != "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Everything that can be called, in the document's order."""

    plan: Plan
    calls: tuple[Call, ...]
    streams: tuple[StreamCall, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every name that `operations.ts` and `channels.ts` declare, and the contract's types."""
        found = {*self.plan.units}
        for call in self.calls:
            found |= {call.function, call.descriptor, call.problems, call.error, call.input.type}
        for stream in self.streams:
            found |= {stream.function, stream.descriptor, stream.input.type}
        return frozenset(found)

    def of(self, operation_id: str) -> Call | None:
        """Return the call of an operation, or None when it only streams or cannot be sent."""
        return next((call for call in self.calls if call.operation.id == operation_id), None)


def sendable(document: Document) -> Document:
    """Return the document without what a client never sends itself.

    Cookies belong to the browser, and the runtime makes the Idempotency-Key.
    """
    kept: list[Operation] = []
    warnings = list(document.warnings)
    for operation in document.operations:
        if operation.method not in UNSENDABLE:
            kept.append(_stripped(operation))
            continue
        message = f"fetch refuses {operation.method.upper()}; the operation has no function."
        warnings.append(Warn(pointer=operation.pointer, message=message, rule="left-out"))
    return replace(document, operations=tuple(kept), warnings=tuple(warnings))


def _stripped(operation: Operation) -> Operation:
    parameters = tuple(
        one
        for one in operation.parameters
        if one.place != "cookie" and one.name.lower() != IDEMPOTENCY_KEY
    )
    if not any(_is_key(one) for one in operation.parameters):
        return replace(operation, parameters=parameters)
    extensions = {"x-lockstitch-idempotency": "key", **operation.extensions}
    return replace(operation, parameters=parameters, extensions=extensions)


def _is_key(parameter: Parameter) -> bool:
    return parameter.place == "header" and parameter.name.lower() == IDEMPOTENCY_KEY


def plan_calls(plan: Plan) -> Calls:
    """Return the calls and streams of a planned document.

    Raises:
        UnreadableDocument: An `x-lockstitch-…` declaration is malformed.
    """
    taken = {plan.function_name(operation) for operation in plan.document.operations}
    calls: list[Call] = []
    streams: list[StreamCall] = []
    for operation in plan.document.operations:
        facts = read_extensions(operation, plan.document)
        input_ = plan_input(plan, operation)
        once = _answers_once(operation)
        if once:
            calls.append(_call(plan, operation, facts, input_, taken))
        if _events(operation) or facts.channel is not None:
            streams.append(_stream(plan, operation, facts, input_, taken, alone=not once))
    return Calls(plan=plan, calls=tuple(calls), streams=tuple(streams))


def _call(
    plan: Plan, operation: Operation, facts: Extensions, input_: Input, taken: set[str]
) -> Call:
    function = plan.function_name(operation)
    pascal = f"{function[0].upper()}{function[1:]}"
    descriptor = _claim(f"{function}Operation", taken)
    answers = plan_answers(plan, operation)
    natural = operation.method in NATURAL or facts.idempotency == "natural"
    return Call(
        operation=operation,
        facts=facts,
        function=function,
        descriptor=descriptor,
        input=input_,
        answers=answers,
        problems=plan.reserve(f"{pascal}Problems") if answers.failures else "object",
        error=plan.reserve(f"{pascal}Error") if answers.failures else "",
        group=_group(operation),
        idempotency="natural" if natural else facts.idempotency or "none",
    )


def _stream(
    plan: Plan,
    operation: Operation,
    facts: Extensions,
    input_: Input,
    taken: set[str],
    *,
    alone: bool,
) -> StreamCall:
    function = plan.function_name(operation)
    if not alone:
        function = _claim(f"stream{function[0].upper()}{function[1:]}", taken)
    suffix = "Operation" if facts.channel is None else "Channel"
    content = _events(operation)[0]
    item = plan.item(content)
    return StreamCall(
        operation=operation,
        facts=facts,
        function=function,
        descriptor=_claim(f"{function}{suffix}", taken),
        input=input_,
        answers=plan_answers(plan, operation),
        item=item,
        whole=facts.events == "whole",
        group=_group(operation),
        resumable=facts.stream is not None,
        alone=alone,
    )


def _events(operation: Operation) -> list[Content]:
    return [
        content
        for response in operation.responses
        for content in response.contents
        if content.kind == "events" and response.status[0] in "2d"
    ]


def _answers_once(operation: Operation) -> bool:
    successes = [r for r in operation.responses if r.status.startswith("2")]
    only_events = [r for r in successes if r.contents and preferred(r.contents) is None]
    return not only_events or len(only_events) < len(successes)


def _group(operation: Operation) -> str:
    if operation.tags:
        return operation.tags[0]
    return next((part for part in operation.path.split("/") if part), "root")


def _claim(name: str, taken: set[str]) -> str:
    name = unique(name, taken)
    taken.add(name)
    return name


def reads(calls: Iterable[Call]) -> list[Call]:
    """Return the queries among calls."""
    return [call for call in calls if call.is_read]
