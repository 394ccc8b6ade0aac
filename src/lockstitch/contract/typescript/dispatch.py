"""Telling the members of a union apart by the JSON type of a value, and objects by a tag."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

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
    json_type,
)
from lockstitch.contract.typescript.plan import Unit
from lockstitch.contract.typescript.spelling import keeps_others

Kind = Literal["null", "boolean", "number", "string", "date", "blob", "array", "object"]
KINDS: Final[tuple[Kind, ...]] = (
    "null",
    "boolean",
    "number",
    "string",
    "date",
    "blob",
    "array",
    "object",
)
MAX_TAGS: Final = 400
Tag = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Cases:
    """The members to try for each value of a tag, and for all other values (or none)."""

    property: str
    by_value: Mapping[Tag, tuple[Schema, ...]]
    absent: tuple[Schema, ...]
    rest: tuple[Schema, ...]


@dataclass(frozen=True, slots=True)
class _Tagged:
    values: frozenset[Tag]
    required: bool


class Dispatch:
    """Answers questions about lowered schemas, following references to units."""

    def __init__(self, units: Mapping[str, Unit], *, writing: bool) -> None:
        self._units = units
        self._writing = writing

    def kinds(self, schema: Schema, seen: frozenset[str] = frozenset()) -> frozenset[Kind]:  # noqa: C901, PLR0911 - one return for each shape
        """Return what JavaScript values of the schema can be."""
        match schema:
            case Null():
                return frozenset({"null"})
            case Boolean():
                return frozenset({"boolean"})
            case Number():
                return frozenset({"number"})
            case Text():
                return frozenset({self._text_kind(schema)})
            case Enumeration():
                return frozenset(json_type(value) for value in schema.values)
            case Array():
                return frozenset({"array"})
            case Object():
                return frozenset({"object"})
            case Union():
                parts = (self.kinds(member, seen) for member in schema.members)
                return frozenset().union(*parts)
            case Reference():
                if schema.key in seen:
                    return frozenset()
                return self.kinds(self._units[schema.key].schema, seen | {schema.key})
            case Nothing():
                return frozenset()
            case Anything():
                return frozenset(KINDS)

    def _text_kind(self, schema: Text) -> Kind:
        if schema.format == "blob":
            return "blob"
        return "date" if self._writing and schema.format == "date-time" else "string"

    def stays(self, schema: Schema, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a schema is of scalars that travel as they are."""
        match schema:
            case Null() | Boolean() | Number() | Enumeration():
                return True
            case Text():
                return schema.format not in {"date-time", "blob"}
            case Union():
                return all(self.stays(member, seen) for member in schema.members)
            case Reference():
                if schema.key in seen:
                    return True
                return self.stays(self._units[schema.key].schema, seen | {schema.key})
            case _:
                return False

    def structs(self, schema: Schema, seen: frozenset[str] = frozenset()) -> list[Object] | None:
        """Return the objects that a schema may be, or None when it may be another dictionary."""
        match schema:
            case Object():
                return None if schema.is_map else [schema]
            case Union():
                parts = [self.structs(member, seen) for member in schema.members]
                found = [part for part in parts if part is not None]
                return [one for part in found for one in part] if len(found) == len(parts) else None
            case Reference():
                if schema.key in seen:
                    return []
                return self.structs(self._units[schema.key].schema, seen | {schema.key})
            case Anything():
                return None
            case _:
                return []

    def wire_names(self, schema: Schema) -> frozenset[str] | None:
        """Return the members that reading as this schema keeps, or None when it keeps all."""
        structs = self.structs(schema)
        if structs is None or any(keeps_others(struct) for struct in structs):
            return None
        return frozenset(member.name for struct in structs for member in struct.properties)

    def cases(self, union: Union, members: tuple[Schema, ...]) -> Cases | None:
        """Return how a tag tells the object members apart, or None when none does."""
        if union.discriminator is not None:
            name = union.discriminator.property
            mapped: dict[int, set[Tag]] = {}
            for value, place in union.discriminator.mapping:
                mapped.setdefault(place, set()).add(value)
            by_member = {
                id(member): frozenset(mapped.get(place, ()))
                for place, member in enumerate(union.members)
            }
            tagged = [self._tagged(m, name) or _fallback(by_member[id(m)]) for m in members]
            return _cases(name, members, tagged)
        for name in self._shared_names(members):
            tagged = [self._tagged(member, name) for member in members]
            found = _cases(name, members, tagged)
            if found and not found.rest and all(len(v) == 1 for v in found.by_value.values()):
                return found
        return None

    def _shared_names(self, members: tuple[Schema, ...]) -> list[str]:
        structs = self.structs(members[0]) or []
        return [member.name for member in structs[0].properties] if structs else []

    def _tagged(self, schema: Schema, name: str) -> _Tagged | None:
        """Return the constants that a member named `name` has in every object of the schema."""
        values: set[Tag] = set()
        required = True
        for struct in self.structs(schema) or ():
            member = struct.member(name)
            constants = self._constants(member.schema) if member else None
            if member is None or constants is None:
                return None
            values |= constants
            required = required and member.required
        return _Tagged(frozenset(values), required) if values else None

    def _constants(self, schema: Schema) -> frozenset[Tag] | None:
        for _ in range(len(self._units) + 1):
            if not isinstance(schema, Reference):
                break
            schema = self._units[schema.key].schema
        if not isinstance(schema, Enumeration) or len(schema.values) > MAX_TAGS:
            return None
        return frozenset(schema.values) if _are_distinct(schema) else None


def _are_distinct(schema: Enumeration) -> bool:
    return len(frozenset(schema.values)) == len(schema.values)


def _fallback(values: frozenset[Tag]) -> _Tagged | None:
    return _Tagged(values, required=True) if values else None


def _cases(name: str, members: tuple[Schema, ...], tagged: list[_Tagged | None]) -> Cases | None:
    loose = tuple(m for m, tag in zip(members, tagged, strict=True) if tag is None)
    if len(loose) == len(members):
        return None
    by_value: dict[Tag, tuple[Schema, ...]] = {}
    for member, tag in zip(members, tagged, strict=True):
        for value in sorted(tag.values, key=str) if tag else ():
            by_value[value] = (*by_value.get(value, ()), member)
    if loose:
        by_value = {value: (*found, *loose) for value, found in by_value.items()}
    absent = tuple(
        m for m, tag in zip(members, tagged, strict=True) if tag is None or not tag.required
    )
    return Cases(name, by_value, absent, loose)
