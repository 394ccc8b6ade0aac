"""The values that stand in examples: short, of the right type, and like what is meant."""

from contextlib import suppress
from typing import Final

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Null,
    Number,
    Object,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.document import Place, with_examples
from lockstitch.contract.typescript.inputs import PART_NAMES, Input
from lockstitch.contract.typescript.names import member_key, quoted
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.spelling import literal
from lockstitch.contract.typescript.spoken import MOMENT, NotSpelled, Spoken, braces

DEEPEST: Final = 3
LONGEST: Final = 160
UUID: Final = "0198f2a4-7c1e-7b3a-9d52-3c8e5f60a1b2"


def example(plan: Plan, taken: Input) -> str | None:
    """Return the argument of an example call, or None when a variable serves the reader better.

    The contract's own examples are preferred while they are short.
    """
    for told in (True, False):
        with suppress(NotSpelled):
            text = _Samples(plan, told=told).argument(taken)
            if len(text) <= LONGEST:
                return text
    return None


class _Samples:
    def __init__(self, plan: Plan, *, told: bool) -> None:
        self._plan = plan
        self._told = told
        self._spoken = Spoken(plan)

    def argument(self, taken: Input) -> str:
        """Return the value of a whole input, with what is required and no more."""
        members: list[str] = []
        for place, root in taken.places.items():
            inside = self._members(self._plan.units[root.type], 0)
            if taken.nested:
                members += self._nested(taken, place, inside)
            else:
                members += inside
        if taken.body is not None and (taken.body.required or not taken.places):
            body = self._body(taken)
            if not taken.declared:
                return body
            members.append(f"body: {body}" if body != "body" else "body")
        return braces(members)

    def _nested(self, taken: Input, place: Place, inside: list[str]) -> list[str]:
        if place in taken.optional_places:
            return []
        return [f"{PART_NAMES[place]}: {braces(inside)}"]

    def _body(self, taken: Input) -> str:
        body = taken.body
        if body is None or body.root is None:
            plain = {"string": "'text'", "Blob": "new Blob(['bytes'])", "unknown": "{}"}
            return plain.get(body.type if body else "", "{}")
        if body.part == "lines":
            return f"[{self._unit(self._plan.units[body.root.type], 0)}]"
        whole = Reference(body.root.type)
        return self._of(with_examples(whole, body.content.examples), 0)

    def _unit(self, unit: Unit, depth: int) -> str:
        if depth > DEEPEST:
            raise NotSpelled
        if isinstance(unit.schema, Object) and unit.schema.properties:
            return braces(self._members(unit, depth))
        return self._of(unit.schema, depth)

    def _members(self, unit: Unit, depth: int) -> list[str]:
        if not isinstance(unit.schema, Object):
            raise NotSpelled
        return [
            f"{member_key(self._plan.member_name(member.name, unit))}: "
            f"{self._of(member.schema, depth + 1)}"
            for member in unit.schema.properties
            if member.required
        ]

    def _of(self, schema: Schema, depth: int) -> str:
        for one in schema.notes.examples if self._told else ():
            with suppress(NotSpelled):
                return self._spoken.of(schema, one)
        return self._made(schema, depth)

    def _made(self, schema: Schema, depth: int) -> str:
        match schema:
            case Number():
                return self._number(schema)
            case Text():
                return self._text(schema)
            case Array():
                return self._array(schema, depth)
            case Reference():
                return self._unit(self._plan.units[schema.key], depth + 1)
            case Union():
                return self._union(schema, depth)
            case _:
                return _constant(schema)

    def _union(self, schema: Union, depth: int) -> str:
        for member in schema.members:
            try:
                return self._of(member, depth)
            except NotSpelled:
                continue
        raise NotSpelled

    def _number(self, schema: Number) -> str:
        told = schema.notes.default
        if isinstance(told, int | float) and not isinstance(told, bool):
            return literal(told)
        least = schema.minimum if schema.minimum is not None else 1
        value = least + 1 if schema.exclusive_minimum else least
        return literal(
            schema.maximum if schema.maximum is not None and schema.maximum < value else value
        )

    def _text(self, schema: Text) -> str:
        special = {"date-time": MOMENT, "blob": "new Blob(['bytes'])"}
        if schema.format in special:
            return special[schema.format]
        branded = self._plan.options.branded_uuids
        if schema.format == "uuid" and not branded:
            return quoted(UUID)
        if schema.format is not None:
            raise NotSpelled
        told = schema.notes.default
        text = told if isinstance(told, str) else "text"
        return quoted(text.ljust(schema.min_length, "x"))

    def _array(self, schema: Array, depth: int) -> str:
        items = [self._of(item, depth + 1) for item in schema.prefix]
        while len(items) < schema.min_items:
            items.append(self._of(schema.items, depth + 1))
            if len(items) > DEEPEST:
                raise NotSpelled
        return f"[{', '.join(items)}]"


def _constant(schema: Schema) -> str:
    match schema:
        case Null() | Anything():
            return "null"
        case Boolean():
            return "true"
        case Enumeration():
            return literal(schema.values[0])
        case Object(properties=(), min_properties=0):
            return "{}"
        case _:
            raise NotSpelled
