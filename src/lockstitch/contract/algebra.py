"""The schema algebra: what a JSON Schema means, in eleven small frozen shapes.

Schema = Anything | Nothing | Null | Boolean | Number | Text | Enumeration | Array | Object
       | Union | Reference

Two schemas are equal when they accept the same values by the same means: what only speaks to
people (titles, descriptions, defaults, where it stands) lives in `Notes`, which equality ignores.
Recursion passes through `Reference`, so every schema is a finite tree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeVar

JsonType = Literal["null", "boolean", "number", "string", "array", "object"]
JSON_TYPES: Final[tuple[JsonType, ...]] = (
    "null",
    "boolean",
    "number",
    "string",
    "array",
    "object",
)
Scalar = str | int | float | bool | None


class Absent:
    """The type of `ABSENT`, which tells "no default" from "the default is null"."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a schema says to people and tools, and which no value is checked against.

    `pointer` is the JSON pointer of the place that the schema was read from. `unchecked` lists
    keywords (with their JSON text) that the algebra does not express, such as `not`.
    """

    title: str | None = None
    description: str | None = None
    default: Any = ABSENT
    examples: tuple[Any, ...] = ()
    deprecated: bool = False
    pointer: str = ""
    unchecked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    notes: Notes = field(default=Notes(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Anything(_Noted):
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class Nothing(_Noted):
    """No value at all."""


@dataclass(frozen=True, slots=True)
class Null(_Noted):
    """The value null."""


@dataclass(frozen=True, slots=True)
class Boolean(_Noted):
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Noted):
    """A number within bounds; 1.0 is an integer, as in JSON Schema."""

    integer: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(_Noted):
    """A string. Lengths count code points; every pattern must be found somewhere in it."""

    format: str | None = None
    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enumeration(_Noted):
    """One of some strings, numbers or booleans; a constant is an enumeration of one.

    Null is never among the values: an enumeration with null is a union with `Null`.
    """

    values: tuple[str | int | float | bool, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Enumeration) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> frozenset[tuple[str, Scalar]]:
        # Python holds True equal to 1; JSON does not. JSON holds 1.0 equal to 1, as Python does.
        return frozenset((json_type(value), value) for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Array(_Noted):
    """First the items of `prefix`, each at its place, then any number of `items`.

    A list has no prefix; a fixed tuple has `items=Nothing()` and `min_items=len(prefix)`.
    """

    prefix: tuple["Schema", ...] = ()
    items: "Schema" = field(default_factory=Anything)
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A named member of an object, under the name that it has on the wire."""

    name: str
    schema: "Schema"
    required: bool = False
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(_Noted):
    """Named members, then members by pattern of their name, then all others.

    `additional` is `Nothing()` in a closed object. `declared` tells that the document spelled
    `additionalProperties` out, so the other members are data to keep and not noise to ignore.
    `names` is what every member's name must match.
    """

    properties: tuple[Property, ...] = ()
    patterns: tuple[tuple[str, "Schema"], ...] = ()
    additional: "Schema" = field(default_factory=Anything)
    declared: bool = field(default=False, compare=False)
    names: "Schema | None" = None
    min_properties: int = 0
    max_properties: int | None = None

    @property
    def is_map(self) -> bool:
        """Whether the object is a free dictionary: no member has a name of its own."""
        return not self.properties

    def member(self, name: str) -> Property | None:
        """Return the member of that wire name, or None."""
        return next((member for member in self.properties if member.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """The member whose value says which member of a union it is.

    `mapping` holds pairs of that value and the position of the member in `Union.members`.
    """

    property: str
    mapping: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Union(_Noted):
    """One of several schemas; `exclusive` when the document said `oneOf`."""

    members: tuple["Schema", ...]
    discriminator: Discriminator | None = None
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Reference(_Noted):
    """A named schema: a key of `Document.schemas`."""

    key: str


Schema = (
    Anything
    | Nothing
    | Null
    | Boolean
    | Number
    | Text
    | Enumeration
    | Array
    | Object
    | Union
    | Reference
)
AnySchema = TypeVar("AnySchema", bound=Schema)


def json_type(value: object) -> JsonType:
    """Return the JSON type of a parsed JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def children(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas directly inside a schema."""
    match schema:
        case Array():
            yield from schema.prefix
            yield schema.items
        case Object():
            yield from (member.schema for member in schema.properties)
            yield from (inner for _, inner in schema.patterns)
            yield schema.additional
            if schema.names is not None:
                yield schema.names
        case Union():
            yield from schema.members
        case _:
            return


def noted(schema: AnySchema, notes: Notes) -> AnySchema:
    """Return the schema with other notes."""
    return replace(schema, notes=notes)


def union_of(members: tuple[Schema, ...], notes: Notes | None = None) -> Schema:
    """Return the union of the members: flat, without repetition, plain when there is only one."""
    notes = notes or Notes()
    flat: list[Schema] = []
    for member in members:
        plain = isinstance(member, Union) and member.discriminator is None
        for one in member.members if plain and isinstance(member, Union) else (member,):
            if one not in flat and not isinstance(one, Nothing):
                flat.append(one)
    if not flat:
        return Nothing(notes=notes)
    if len(flat) == 1:
        return flat[0]
    return Union(members=tuple(flat), notes=notes)


def nullable(schema: Schema) -> Schema:
    """Return the schema that also accepts null."""
    return union_of((schema, Null()), schema.notes)


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """Split a union into what it is besides null, and whether it accepts null."""
    if not isinstance(schema, Union) or not any(isinstance(m, Null) for m in schema.members):
        return schema, isinstance(schema, Null)
    kept = [i for i, member in enumerate(schema.members) if not isinstance(member, Null)]
    rest = tuple(schema.members[i] for i in kept)
    if len(rest) == 1:
        return rest[0], True
    tag = schema.discriminator
    if tag is not None:
        mapping = tuple((value, kept.index(i)) for value, i in tag.mapping if i in kept)
        tag = replace(tag, mapping=mapping)
    return replace(schema, members=rest, discriminator=tag), True
