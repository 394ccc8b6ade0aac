"""Validators hand on what they have looked at: zod, valibot, yup, and immer beside them."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Sequence,
    Shape,
    Value,
    shape,
)


def parsed(call: Invocation) -> Value:
    """`schema.parse(answer)` and `schema.safeParse(answer)`."""
    value = _answers(call.argument(0))
    if not value:
        return NOTHING
    return shape(data=value) if call.name.startswith("safe") else value


def parse_with(call: Invocation) -> Value:
    """`parse(schema, answer)` of valibot."""
    return _answers(call.argument(1))


def safe_parse_with(call: Invocation) -> Value:
    """`safeParse(schema, answer)` of valibot."""
    value = _answers(call.argument(1))
    return shape(output=value) if value else NOTHING


def produce(call: Invocation) -> Value:
    """`produce(state, (draft) => ...)` of immer."""
    call_back(call, call.argument(1), call.argument(0))
    return call.argument(0)


def _answers(value: Value) -> Value:
    return frozenset(atom for atom in value if isinstance(atom, Answer | Sequence | Shape))


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "valibot:parse": parse_with,
    "valibot:safeParse": safe_parse_with,
    "immer:produce": produce,
}
