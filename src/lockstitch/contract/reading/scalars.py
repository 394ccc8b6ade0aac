"""Reading what a schema says about strings, numbers and constants."""

from collections.abc import Callable
from typing import Any

from lockstitch.contract.algebra import (
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Property,
    Schema,
    Text,
    union_of,
)
from lockstitch.contract.pointers import child
from lockstitch.contract.reading.keywords import Raw, count, number, text, wrong

Warner = Callable[[str, str], None]
OLD_SPELLING = '"{word}" is spelled as in {spelled}; read as meant.'


def read_text(raw: Raw, pointer: str, warn: Warner) -> Text:
    """Return the string schema that a raw schema describes."""
    pattern = raw.get("pattern")
    if not isinstance(pattern, str | None):
        # YAML makes a number of `0`, and of some patterns a time.
        warn(child(pointer, "pattern"), '"pattern" is no string; ignored.')
        pattern = None
    kind = text(raw, "format", pointer)
    if kind is None and raw.get("contentEncoding") in ("base64", "base64url"):
        kind = "byte"
    elif kind is None and raw.get("contentMediaType") == "application/octet-stream":
        kind = "binary"
    return Text(
        format=kind,
        min_length=count(raw, "minLength", pointer) or 0,
        max_length=count(raw, "maxLength", pointer),
        patterns=() if pattern is None else (pattern,),
    )


def read_number(raw: Raw, pointer: str, warn: Warner, *, old: bool, integer: bool) -> Number:
    """Return the number schema that a raw schema describes; `old` means OpenAPI 3.0."""
    low, above = _bound(raw, "minimum", "exclusiveMinimum", pointer, warn, old=old, sign=1)
    high, below = _bound(raw, "maximum", "exclusiveMaximum", pointer, warn, old=old, sign=-1)
    step = number(raw, "multipleOf", pointer)
    if step is not None and step <= 0:
        raise wrong(raw, "multipleOf", pointer, "a number above 0")
    return Number(
        integer=integer,
        minimum=low,
        maximum=high,
        exclusive_minimum=above,
        exclusive_maximum=below,
        multiple_of=step,
        format=text(raw, "format", pointer),
    )


def _bound(
    raw: Raw, word: str, exclusive_word: str, pointer: str, warn: Warner, *, old: bool, sign: int
) -> tuple[int | float | None, bool]:
    limit = number(raw, word, pointer)
    exclusive = raw.get(exclusive_word)
    if isinstance(exclusive, bool):
        if not old:
            warn(pointer, OLD_SPELLING.format(word=exclusive_word, spelled="OpenAPI 3.0"))
        return limit, exclusive and limit is not None
    strict = number(raw, exclusive_word, pointer)
    if strict is None:
        return limit, False
    if old:
        warn(pointer, OLD_SPELLING.format(word=exclusive_word, spelled="OpenAPI 3.1"))
    if limit is not None and limit * sign > strict * sign:
        return limit, False
    return strict, True


def constants(values: list[Any]) -> Schema:
    """Return the schema that accepts exactly these JSON values."""
    scalars = tuple(value for value in values if isinstance(value, str | int | float | bool))
    others = [_constant(value) for value in values if not isinstance(value, str | int | float)]
    members: tuple[Schema, ...] = tuple(others)
    if scalars:
        members = (Enumeration(_distinct(scalars)), *members)
    return union_of(members) if members else Nothing()


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    # Python's dictionaries hold True equal to 1, hence the type in the key.
    return tuple({(isinstance(value, bool), value): value for value in values}.values())


def _constant(value: Any) -> Schema:
    if value is None:
        return Null()
    if isinstance(value, list):
        prefix = tuple(constants([item]) for item in value)
        return Array(prefix=prefix, items=Nothing(), min_items=len(prefix))
    members = tuple(
        Property(name=name, schema=constants([member]), required=True)
        for name, member in value.items()
    )
    return Object(properties=members, additional=Nothing(), declared=True)


def simple(name: str, raw: Raw, pointer: str, warn: Warner, *, old: bool) -> Schema | None:
    """Return the schema of a type that contains no other schema, or None for arrays and objects."""
    match name:
        case "string":
            return read_text(raw, pointer, warn)
        case "integer" | "number":
            return read_number(raw, pointer, warn, old=old, integer=name == "integer")
        case "boolean":
            return Boolean()
        case "null":
            return Null()
        case "array" | "object":
            return None
        case _:
            raise wrong(raw, "type", pointer, "a type of JSON Schema")
