"""Whether a JSON value is what a schema says, and where it is not."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Property,
    Reference,
    Schema,
    Text,
    Union,
    json_type,
)
from lockstitch.contract.document import Document
from lockstitch.contract.mock.formats import has_format
from lockstitch.contract.mock.texts import finds
from lockstitch.contract.pointers import child


@dataclass(frozen=True, slots=True)
class Issue:
    """One place where a value breaks its schema; the value itself is not in it."""

    pointer: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Validator:
    """Compares values with schemas of one document.

    In the direction `read` (an answer) members that are only written may not be demanded, in the
    direction `write` (a request) those that are only read.
    """

    document: Document
    direction: Literal["read", "write"] = "read"

    def accepts(self, schema: Schema, value: Any) -> bool:
        """Whether the schema accepts the value."""
        return next(self.issues(schema, value), None) is None

    def demands(self, member: Property) -> bool:
        """Whether a member must be there."""
        left_out = member.write_only if self.direction == "read" else member.read_only
        return member.required and not left_out

    def issues(self, schema: Schema, value: Any, pointer: str = "") -> Iterator[Issue]:
        """Yield where and how the value breaks the schema."""
        schema = self.document.resolve(schema)
        match schema:
            case Anything():
                return
            case Nothing():
                yield Issue(pointer, "unexpected", "Nothing may be here.")
            case Union():
                yield from self._union(schema, value, pointer)
            case Enumeration():
                yield from _enumeration(schema, value, pointer)
            case _:
                expected = _type(schema)
                if json_type(value) != expected:
                    yield Issue(pointer, "type", f"Must be {_article(expected)}.")
                else:
                    yield from self._typed(schema, value, pointer)

    def _typed(self, schema: Schema, value: Any, pointer: str) -> Iterator[Issue]:
        match schema:
            case Number():
                yield from _number(schema, value, pointer)
            case Text():
                yield from _text(schema, value, pointer)
            case Array():
                yield from self._array(schema, value, pointer)
            case Object():
                yield from self._object(schema, value, pointer)

    def _array(self, schema: Array, value: list[Any], pointer: str) -> Iterator[Issue]:
        longest = schema.max_items
        if len(value) < schema.min_items or (longest is not None and len(value) > longest):
            yield Issue(pointer, "length", f"{len(value)} items are not allowed here.")
        if schema.unique and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
            yield Issue(pointer, "unique", "No two items may be equal.")
        for place, item in enumerate(value):
            inner = schema.prefix[place] if place < len(schema.prefix) else schema.items
            yield from self.issues(inner, item, child(pointer, place))

    def _object(self, schema: Object, value: Mapping[str, Any], pointer: str) -> Iterator[Issue]:
        longest = schema.max_properties
        if len(value) < schema.min_properties or (longest is not None and len(value) > longest):
            yield Issue(pointer, "length", f"{len(value)} members are not allowed here.")
        for member in schema.properties:
            if member.name not in value and self.demands(member):
                yield Issue(child(pointer, member.name), "missing", "Is required.")
        for name, inner in value.items():
            here = child(pointer, name)
            if schema.names is not None and not self.accepts(schema.names, name):
                yield Issue(here, "name", "A member may not have this name.")
            for one in self.schemas_of(schema, name):
                yield from self.issues(one, inner, here)

    def schemas_of(self, schema: Object, name: str) -> Iterator[Schema]:
        """Yield every schema that a member of that name must match."""
        member = schema.member(name)
        found = [member.schema] if member else []
        found += [inner for pattern, inner in schema.patterns if finds(pattern, name)]
        yield from found or [schema.additional]

    def _union(self, schema: Union, value: Any, pointer: str) -> Iterator[Issue]:
        chosen = self._tagged(schema, value)
        if chosen is not None:
            yield from self.issues(chosen, value, pointer)
            return
        matching = sum(self.accepts(member, value) for member in schema.members)
        if matching == 0:
            yield Issue(pointer, "union", "Is none of the alternatives.")
        elif matching > 1 and schema.exclusive:
            yield Issue(pointer, "union", "Is more than one of the alternatives.")

    def _tagged(self, schema: Union, value: Any) -> Schema | None:
        """Return the member that the discriminator of the value names."""
        if schema.discriminator is None or not isinstance(value, Mapping):
            return None
        tag = value.get(schema.discriminator.property)
        for name, place in schema.discriminator.mapping:
            if name == tag:
                return schema.members[place]
        return next(
            (one for one in schema.members if isinstance(one, Reference) and one.key == tag), None
        )


def _type(schema: Schema) -> str:
    match schema:
        case Null():
            return "null"
        case Boolean():
            return "boolean"
        case Number():
            return "number"
        case Text():
            return "string"
        case Array():
            return "array"
        case _:
            return "object"


def _article(name: str) -> str:
    return name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _enumeration(schema: Enumeration, value: Any, pointer: str) -> Iterator[Issue]:
    known = {(json_type(one), one) for one in schema.values}
    scalar = json_type(value) in {"boolean", "number", "string"}
    if not scalar or (json_type(value), value) not in known:
        words = ", ".join(json.dumps(one, ensure_ascii=False) for one in schema.values[:20])
        yield Issue(pointer, "enumeration", f"Must be one of {words}.")


def _number(schema: Number, value: float, pointer: str) -> Iterator[Issue]:
    if schema.integer and value != int(value):
        yield Issue(pointer, "type", "Must be an integer.")
    low, high = schema.minimum, schema.maximum
    if low is not None and (value < low or (schema.exclusive_minimum and value == low)):
        sign = "more than" if schema.exclusive_minimum else "at least"
        yield Issue(pointer, "bound", f"Must be {sign} {low:g}.")
    if high is not None and (value > high or (schema.exclusive_maximum and value == high)):
        sign = "less than" if schema.exclusive_maximum else "at most"
        yield Issue(pointer, "bound", f"Must be {sign} {high:g}.")
    step = schema.multiple_of
    if step is not None and Fraction(str(value)) % Fraction(str(step)):
        yield Issue(pointer, "multiple", f"Must be a multiple of {step:g}.")


def _text(schema: Text, value: str, pointer: str) -> Iterator[Issue]:
    longest = schema.max_length
    if len(value) < schema.min_length or (longest is not None and len(value) > longest):
        yield Issue(pointer, "length", f"{len(value)} characters are not allowed here.")
    if not has_format(schema.format, value):
        yield Issue(pointer, "format", f"Must be a {schema.format}.")
    for pattern in schema.patterns:
        if not finds(pattern, value):
            yield Issue(pointer, "pattern", f"Must match {pattern}.")
