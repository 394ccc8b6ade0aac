"""The client that Lockstitch generates, and its companion for React."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.binding import item_at
from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back, setting
from lockstitch.contract.usage.following.natives.requests import Asked, ask
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Native,
    Sequence,
    Value,
    one,
    shape,
)


def call_operation(call: Invocation) -> Value:
    """`client.call(operation, input)`."""
    return _ask(call, call.argument(0), call.argument(1))


def _ask(call: Invocation, operation: Value, given: Value) -> Value:
    path = setting(call, operation, "path")
    if not path or not setting(call, operation, "id"):
        return NOTHING
    asked = Asked(
        style="generated",
        url=path,
        method=setting(call, operation, "method"),
        input=given,
        renamed=True,
    )
    return ask(call, asked)


def result(call: Invocation) -> Value:
    """`result(client, operation, input)`: an outcome in place of an exception."""
    answers = _ask(call, call.argument(1), call.argument(2))
    return shape(value=answers) if answers else NOTHING


def use_call(call: Invocation) -> Value:
    """`useCall((signal, input) => predict(client, input))`."""
    cell = call.engine.cell(call.frame, call.node)
    run = one(Native("call-run", (cell,), (call.argument(0),)))
    return shape(data=call.engine.read(cell), run=run)


def call_run(call: Invocation) -> Value:
    """`run(input)`."""
    if isinstance(call.target, Native):
        (cell,), (function,) = call.target.cells, call.target.values
        call.engine.write(cell, call_back(call, function, NOTHING, *call.arguments))
    return NOTHING


def use_read(call: Invocation) -> Value:
    """`useRead(readNoteSwr(client))`."""
    whole = frozenset(atom for atom in call.argument(0) if isinstance(atom, Sequence))
    return shape(data=call_back(call, item_at(call.engine, whole, 1), NOTHING))


def same(call: Invocation) -> Value:
    """`optimistic(mutation, patches)`."""
    return call.argument(0)


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "result": result,
    "useCall": use_call,
    "useRead": use_read,
    "optimistic": same,
}
CLIENTS: Final[Mapping[str, Handler]] = {"lockstitch": call_operation}
NATIVES: Final[Mapping[str, Handler]] = {"call-run": call_run}
