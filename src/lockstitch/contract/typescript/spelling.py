"""How a lowered schema is spelled as a TypeScript type, and described to a person."""

import json
from typing import Final

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
from lockstitch.contract.typescript.names import quoted
from lockstitch.contract.typescript.options import TypeScriptOptions

TEXT_TYPES: Final = {
    "blob": "Blob",
    "date": "PlainDate",
    "date-time": "Date",
    "decimal": "Decimal",
    "duration": "Duration",
    "int64": "Int64",
    "time": "PlainTime",
}
BRANDS: Final = frozenset({"Decimal", "Duration", "Int64", "PlainDate", "PlainTime", "Uuid"})


def literal(value: str | float | bool) -> str:  # noqa: FBT001 - a JSON value, not a switch
    """Return a JSON scalar as a TypeScript literal."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return json.dumps(value)


def is_tuple(schema: Array) -> bool:
    """Whether an array always has exactly the items of its prefix."""
    closed = isinstance(schema.items, Nothing)
    return bool(schema.prefix) and closed and schema.min_items >= len(schema.prefix)


def is_empty(schema: Object) -> bool:
    """Whether an object has no members that anybody may read."""
    return schema.is_map and not schema.patterns and isinstance(schema.additional, Nothing)


def keeps_others(schema: Object) -> bool:
    """Whether members without a name of their own are data to keep."""
    kept = schema.declared and not isinstance(schema.additional, Nothing)
    return kept or bool(schema.patterns)


def other_members(schema: Object) -> tuple[Schema, ...]:
    """Return the schemas of the members without a name of their own."""
    patterned = tuple(inner for _, inner in schema.patterns)
    return patterned if isinstance(schema.additional, Nothing) else (*patterned, schema.additional)


class Spelling:
    """Spells types; `used` collects the brands and units that a module must import."""

    def __init__(self, options: TypeScriptOptions) -> None:
        self._options = options
        self.brands: set[str] = set()
        self.units: set[str] = set()

    def of(self, schema: Schema, *, alias: bool = False) -> str:
        """Return the type; inside an `alias` a dictionary is spelled so that it may recur."""
        alternatives = self.alternatives(schema, alias=alias)
        return " | ".join(alternatives)

    def alternatives(self, schema: Schema, *, alias: bool = False) -> tuple[str, ...]:
        """Return the members of a union, or the only alternative."""
        members = schema.members if isinstance(schema, Union) else (schema,)
        spelled: dict[str, None] = {}
        for member in members:
            if isinstance(member, Union):
                spelled.update(dict.fromkeys(self.alternatives(member, alias=alias)))
            elif isinstance(member, Enumeration):
                spelled.update(dict.fromkeys(literal(value) for value in member.values))
            else:
                spelled[self._one(member, alias=alias)] = None
        return ("unknown",) if "unknown" in spelled else tuple(spelled)

    def _one(self, schema: Schema, *, alias: bool) -> str:  # noqa: PLR0911 - one return for each shape
        match schema:
            case Nothing():
                return "never"
            case Null():
                return "null"
            case Boolean():
                return "boolean"
            case Number():
                return "number"
            case Text():
                return self._text(schema)
            case Array():
                return self._array(schema, alias=alias)
            case Object():
                return self._map(schema, alias=alias)
            case Reference():
                self.units.add(schema.key)
                return schema.key
            case _:
                return "unknown"

    def _text(self, schema: Text) -> str:
        spelled = TEXT_TYPES.get(schema.format or "", "string")
        if schema.format == "uuid" and self._options.branded_uuids:
            spelled = "Uuid"
        if spelled in BRANDS:
            self.brands.add(spelled)
        return spelled

    def _array(self, schema: Array, *, alias: bool) -> str:
        if is_tuple(schema):
            return f"[{', '.join(self.of(item, alias=alias) for item in schema.prefix)}]"
        items: tuple[Schema, ...] = schema.prefix
        if not (items and isinstance(schema.items, Nothing)):
            items = (*items, schema.items)
        inner = self.of(Union(members=items), alias=alias)
        return f"({inner})[]" if " | " in inner else f"{inner}[]"

    def _map(self, schema: Object, *, alias: bool) -> str:
        if is_empty(schema):
            return "Record<string, never>"
        inner = self.others(schema, alias=alias)
        # A type alias may refer to itself through an index signature, not through Record.
        return f"{{ [key: string]: {inner} }}" if alias else f"Record<string, {inner}>"

    def others(self, schema: Object, *, alias: bool = False) -> str:
        """Return the type of the members without a name of their own."""
        return self.of(Union(members=other_members(schema)), alias=alias)


def described(schema: Schema) -> str:  # noqa: PLR0911 - one return for each shape
    """Return what a person reads that should be there."""
    match schema:
        case Anything():
            return "anything"
        case Null():
            return "null"
        case Boolean():
            return "a boolean"
        case Number():
            return "an integer" if schema.integer else "a number"
        case Text():
            known = {"date-time": "a date-time", "date": "a date", "uuid": "a UUID"}
            return known.get(schema.format or "", "a string")
        case Enumeration():
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema.values)
        case Array():
            return "an array"
        case Reference():
            return schema.key
        case Union():
            return " or ".join(dict.fromkeys(described(member) for member in schema.members))
        case _:
            return "an object"
