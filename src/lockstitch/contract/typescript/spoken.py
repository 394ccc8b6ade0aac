"""Spelling a JSON value in TypeScript: with the names, dates and types that it has there."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.intersection import accepts_scalar
from lockstitch.contract.mock.formats import has_format
from lockstitch.contract.mock.texts import accepts
from lockstitch.contract.typescript.names import member_key, quoted
from lockstitch.contract.typescript.plan import Plan, Unit
from lockstitch.contract.typescript.spelling import is_tuple, keeps_others, literal

MOMENT: Final = "new Date('2026-01-31T12:00:00Z')"


class NotSpelled(Exception):
    """The value is better made by its reader: a branded string, or something long."""


class Spoken:
    """Spells values that lowered schemas accept.

    Raises:
        NotSpelled: The schema refuses the value, or its type needs more than a literal.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def of(self, schema: Schema, value: Any) -> str:  # noqa: PLR0911 - one return for each shape
        """Return the value as an expression of the type of the schema."""
        match schema:
            case Null() if value is None:
                return "null"
            case Boolean() | Number() | Enumeration() if _is_scalar(value):
                return self._scalar(schema, value)
            case Text() if isinstance(value, str):
                return self._text(schema, value)
            case Array() if isinstance(value, list):
                return self._array(schema, value)
            case Object() if isinstance(value, dict) and schema.is_map:
                return self._map(schema, value)
            case Reference():
                return self._unit(self._plan.units[schema.key], value)
            case Union():
                return self._union(schema, value)
            case Anything():
                return _json(value)
            case _:
                raise NotSpelled

    def _scalar(self, schema: Schema, value: Any) -> str:
        if not accepts_scalar(schema, value):
            raise NotSpelled
        return literal(value)

    def _text(self, schema: Text, value: str) -> str:
        branded = schema.format == "uuid" and self._plan.options.branded_uuids
        known = schema.format in {None, "date-time", "uuid"} and not branded
        if not known or not has_format(schema.format, value) or not accepts(_plain(schema), value):
            raise NotSpelled
        return f"new Date({quoted(value)})" if schema.format == "date-time" else quoted(value)

    def _array(self, schema: Array, values: list[Any]) -> str:
        fits = schema.min_items <= len(values) <= (schema.max_items or len(values))
        if not fits or (is_tuple(schema) and len(values) != len(schema.prefix)):
            raise NotSpelled
        rest = [schema.items] * (len(values) - len(schema.prefix))
        items = zip([*schema.prefix, *rest], values, strict=False)
        return f"[{', '.join(self.of(item, value) for item, value in items)}]"

    def _map(self, schema: Object, values: dict[str, Any]) -> str:
        if schema.patterns or schema.names is not None or isinstance(schema.additional, Nothing):
            raise NotSpelled
        return braces(
            [f"{member_key(name)}: {self.of(schema.additional, v)}" for name, v in values.items()]
        )

    def _unit(self, unit: Unit, value: Any) -> str:
        schema = unit.schema
        if not isinstance(schema, Object) or not schema.properties:
            return self.of(schema, value)
        required = {member.name for member in schema.properties if member.required}
        if not isinstance(value, dict) or keeps_others(schema) or not required <= value.keys():
            raise NotSpelled
        return braces(
            [
                f"{member_key(self._plan.member_name(member.name, unit))}: "
                f"{self.of(member.schema, value[member.name])}"
                for member in schema.properties
                if member.name in value
            ]
        )

    def _union(self, schema: Union, value: Any) -> str:
        for member in schema.members:
            with suppress(NotSpelled):
                return self.of(member, value)
        raise NotSpelled


def braces(members: list[str]) -> str:
    """Return an object literal on one line."""
    return f"{{ {', '.join(members)} }}" if members else "{}"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _plain(schema: Text) -> Text:
    """Return the schema without format, and with patterns instead of JavaScript's literals."""
    patterns = tuple(one[1 : one.rindex("/")] for one in schema.patterns)
    return replace(schema, format=None, patterns=patterns)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return braces([f"{member_key(str(name))}: {_json(one)}" for name, one in value.items()])
    if isinstance(value, list):
        return f"[{', '.join(_json(one) for one in value)}]"
    return "null" if value is None else literal(value)
