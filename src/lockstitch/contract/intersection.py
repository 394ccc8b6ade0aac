"""The schema that accepts what two schemas both accept: how `allOf` becomes one schema."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import TypeVar

from lockstitch.contract.algebra import (
    ABSENT,
    Anything,
    Array,
    Boolean,
    Discriminator,
    Enumeration,
    Notes,
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
    union_of,
)
from lockstitch.errors import UndecodableSchema

Bound = TypeVar("Bound", int, float)
MAX_DEPTH = 64
# As many members may the union have that comes of joining unions.
MAX_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class Intersection:
    """Intersects schemas.

    `resolve` gives the schema behind a reference. `pair` gives a name to what two references
    have in common below the top, where schemas may contain each other.
    """

    resolve: Callable[[Reference], Schema]
    pair: Callable[[Reference, Reference], Reference]

    def of(self, left: Schema, right: Schema, depth: int = 0) -> Schema:
        """Return the schema of the values that both accept; notes come from the left, then right.

        Raises:
            UndecodableSchema: The two refer to each other without end.
        """
        if depth > MAX_DEPTH:
            raise UndecodableSchema(
                '"allOf" joins schemas that contain each other without end.',
                pointer=left.notes.pointer,
            )
        notes = join_notes(left.notes, right.notes)
        if isinstance(left, Anything) or left == right:
            return replace(right, notes=notes)
        if isinstance(right, Anything):
            return replace(left, notes=notes)
        return replace(self._meet(left, right, depth + 1), notes=notes)

    def _meet(self, left: Schema, right: Schema, depth: int) -> Schema:  # noqa: PLR0911 - one return for each shape
        if isinstance(left, Reference) and isinstance(right, Reference) and depth > 1:
            return self.pair(left, right)
        if isinstance(left, Reference):
            return self.of(self.resolve(left), right, depth)
        if isinstance(right, Reference):
            return self.of(left, self.resolve(right), depth)
        if isinstance(left, Union):
            return self._distribute(left, right, depth)
        if isinstance(right, Union):
            return self._distribute(right, left, depth)
        if isinstance(left, Enumeration):
            return self._filter(left, right)
        if isinstance(right, Enumeration):
            return self._filter(right, left)
        return self._same_shape(left, right, depth)

    def _same_shape(self, left: Schema, right: Schema, depth: int) -> Schema:
        match left, right:
            case Object(), Object():
                return self._objects(left, right, depth)
            case Array(), Array():
                return self._arrays(left, right, depth)
            case Number(), Number():
                return _numbers(left, right)
            case Text(), Text():
                return _texts(left, right)
            case (Null(), Null()) | (Boolean(), Boolean()):
                return left
            case _:
                return Nothing()

    def _distribute(self, union: Union, other: Schema, depth: int) -> Schema:
        met = [self.of(member, other, depth) for member in union.members]
        if sum(map(_breadth, met)) > MAX_MEMBERS:
            raise UndecodableSchema(
                f'"allOf" joins unions to more than {MAX_MEMBERS:,} alternatives.',
                pointer=union.notes.pointer or other.notes.pointer,
            )
        kept = [i for i, member in enumerate(met) if not isinstance(member, Nothing)]
        members = tuple(met[i] for i in kept)
        if union.discriminator is None or len(members) < 2:  # noqa: PLR2004 - one is no union
            joined = union_of(members)
            if isinstance(joined, Union):
                return replace(joined, exclusive=union.exclusive)
            return joined
        mapping = tuple(
            (value, kept.index(i)) for value, i in union.discriminator.mapping if i in kept
        )
        tag = Discriminator(property=union.discriminator.property, mapping=mapping)
        return replace(union, members=members, discriminator=tag)

    def _filter(self, enumeration: Enumeration, other: Schema) -> Schema:
        values = tuple(value for value in enumeration.values if accepts_scalar(other, value))
        return Enumeration(values) if values else Nothing()

    def _objects(self, left: Object, right: Object, depth: int) -> Object:
        names = dict.fromkeys(member.name for member in (*left.properties, *right.properties))
        members = tuple(self._member(name, left, right, depth) for name in names)
        return Object(
            properties=members,
            patterns=left.patterns + tuple(p for p in right.patterns if p not in left.patterns),
            additional=self.of(left.additional, right.additional, depth),
            declared=left.declared or right.declared,
            names=self._optional(left.names, right.names, depth),
            min_properties=max(left.min_properties, right.min_properties),
            max_properties=_tighter(left.max_properties, right.max_properties, min),
        )

    def _optional(self, left: Schema | None, right: Schema | None, depth: int) -> Schema | None:
        return self.of(left, right, depth) if left and right else left or right

    def _member(self, name: str, left: Object, right: Object, depth: int) -> Property:
        ours, theirs = left.member(name), right.member(name)
        # A closed side that does not know the name would refuse it. Documents close the parts of
        # an allOf by mistake; the member is then meant, so only a schema of its own counts.
        if ours is None or theirs is None:
            known = ours or theirs
            assert known is not None  # noqa: S101 - the name comes from one of the two
            side = right if ours else left
            if isinstance(side.additional, Nothing | Anything):
                return known
            return replace(known, schema=self.of(known.schema, side.additional, depth))
        return Property(
            name=name,
            schema=self.of(ours.schema, theirs.schema, depth),
            required=ours.required or theirs.required,
            read_only=ours.read_only or theirs.read_only,
            write_only=ours.write_only or theirs.write_only,
        )

    def _arrays(self, left: Array, right: Array, depth: int) -> Array:
        length = max(len(left.prefix), len(right.prefix))
        prefix = tuple(
            self.of(_item(left, place), _item(right, place), depth) for place in range(length)
        )
        return Array(
            prefix=prefix,
            items=self.of(left.items, right.items, depth),
            min_items=max(left.min_items, right.min_items),
            max_items=_tighter(left.max_items, right.max_items, min),
            unique=left.unique or right.unique,
        )


def _breadth(schema: Schema) -> int:
    return sum(map(_breadth, schema.members)) if isinstance(schema, Union) else 1


def _item(array: Array, place: int) -> Schema:
    return array.prefix[place] if place < len(array.prefix) else array.items


def join_notes(left: Notes, right: Notes) -> Notes:
    """Return the notes of the left where it has some, else those of the right."""
    return Notes(
        title=left.title or right.title,
        description=left.description or right.description,
        default=right.default if left.default is ABSENT else left.default,
        examples=left.examples or right.examples,
        deprecated=left.deprecated or right.deprecated,
        pointer=left.pointer or right.pointer,
        unchecked=left.unchecked + tuple(u for u in right.unchecked if u not in left.unchecked),
    )


def _tighter(
    left: Bound | None, right: Bound | None, choose: Callable[[Bound, Bound], Bound]
) -> Bound | None:
    if left is None or right is None:
        return right if left is None else left
    return choose(left, right)


def _numbers(left: Number, right: Number) -> Schema:
    low = _tighter(left.minimum, right.minimum, max)
    high = _tighter(left.maximum, right.maximum, min)
    pair = (left, right)
    return Number(
        integer=left.integer or right.integer,
        minimum=low,
        maximum=high,
        exclusive_minimum=any(n.exclusive_minimum and n.minimum == low for n in pair),
        exclusive_maximum=any(n.exclusive_maximum and n.maximum == high for n in pair),
        multiple_of=_tighter(left.multiple_of, right.multiple_of, _common_multiple),
        format=left.format or right.format,
    )


def _common_multiple(left: float, right: float) -> float:
    ours, theirs = Fraction(str(left)), Fraction(str(right))
    common = Fraction(
        lcm(ours.numerator, theirs.numerator), gcd(ours.denominator, theirs.denominator)
    )
    return common.numerator if common.denominator == 1 else float(common)


def _texts(left: Text, right: Text) -> Schema:
    return Text(
        format=left.format or right.format,
        min_length=max(left.min_length, right.min_length),
        max_length=_tighter(left.max_length, right.max_length, min),
        patterns=left.patterns + tuple(p for p in right.patterns if p not in left.patterns),
    )


def accepts_scalar(schema: Schema, value: str | float | bool) -> bool:  # noqa: FBT001 - one flag, named by its callers
    """Whether a schema without references accepts a constant.

    Patterns and formats of strings are not consulted: a document that lists a constant means it.
    """
    match schema:
        case Anything():
            return True
        case Boolean():
            return isinstance(value, bool)
        case Number():
            return not isinstance(value, bool | str) and _within(schema, value)
        case Text():
            return isinstance(value, str)
        case Enumeration():
            return Enumeration((value,)) == schema or any(
                json_type(one) == json_type(value) and one == value for one in schema.values
            )
        case _:
            return False


def _within(number: Number, value: float) -> bool:
    low, high = number.minimum, number.maximum
    if number.integer and value != int(value):
        return False
    if low is not None and (value < low or (number.exclusive_minimum and value == low)):
        return False
    return high is None or not (value > high or (number.exclusive_maximum and value == high))
