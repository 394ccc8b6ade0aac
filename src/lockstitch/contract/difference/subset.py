"""Whether every value that one schema accepts is accepted by another.

The answer has three values, for the question is not decidable in general: patterns, formats that
no standard orders, and unions whose members share the work. References may recur: what is asked
again while it is being answered counts as true, which is sound for the greatest such relation.

A member that an open object does not name is taken as absent, as everybody does who adds an
optional member to a request and calls it compatible. Where the other members have a schema of
their own, or are all that the object has, they count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

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
from lockstitch.contract.difference.subset_scalars import (
    is_number_subset,
    is_text_subset,
    values_of,
)
from lockstitch.contract.document import Document
from lockstitch.contract.mock.disjoint import are_disjoint
from lockstitch.contract.mock.validation import Validator

Answer = Literal["yes", "no", "unknown"]
Way = Literal["read", "write", "both"]

MAX_DEPTH = 60
ALL_TYPES = (
    Null(),
    Boolean(),
    Number(),
    Text(),
    Array(),
    Object(),
)


def every(answers: Iterable[Answer]) -> Answer:
    """Return the conjunction: the first no, else unknown if there is one, else yes."""
    found: Answer = "yes"
    for answer in answers:
        if answer == "no":
            return "no"
        if answer == "unknown":
            found = "unknown"
    return found


def is_subset(
    narrow: Schema,
    wide: Schema,
    document: Document,
    other: Document | None = None,
    direction: Way = "write",
) -> Answer:
    """Return whether `wide` accepts every value that `narrow` accepts.

    Args:
        narrow: A schema of `document`.
        wide: A schema of `other`, or of `document` when that is not given.
        document: Where the references of `narrow` lead.
        other: Where the references of `wide` lead.
        direction: In a request ("write") members that are only read are not demanded, in an
            answer ("read") those that are only written; "both" demands all of them.
    """
    return Subset(document, document if other is None else other, direction).of(narrow, wide)


@dataclass(slots=True)
class Subset:
    """Answers for the schemas of two documents, and remembers the answers.

    `known` and `trail` are the answers, and the order in which they came; `mirror` answers with
    the documents exchanged.
    """

    document: Document
    other: Document
    direction: Way = "write"
    known: dict[tuple[int, int], Answer] = field(default_factory=dict)
    trail: list[tuple[int, int]] = field(default_factory=list)
    mirror: "Subset | None" = None
    _held: list[Schema] = field(default_factory=list)
    _depth: int = 0

    def of(self, narrow: Schema, wide: Schema) -> Answer:
        """Return whether `wide` accepts every value that `narrow` accepts."""
        named = isinstance(narrow, Reference) or isinstance(wide, Reference)
        narrow, wide = self.document.resolve(narrow), self.other.resolve(wide)
        if not named:
            return self._of(narrow, wide)
        key = (id(narrow), id(wide))
        if key in self.known:
            return self.known[key]
        self._held += [narrow, wide]
        return self._found(key, narrow, wide)

    def _found(self, key: tuple[int, int], narrow: Schema, wide: Schema) -> Answer:
        """Answer by assuming "yes" of what recurs; where that is wrong, forget what rests on it."""
        start = len(self.trail)
        self.trail.append(key)
        self.known[key] = "yes"
        answer = self._of(narrow, wide)
        if answer != "yes":
            for one in self.trail[start:]:
                # That fewer values are accepted stays true without the assumption.
                if self.known[one] != "no":
                    del self.known[one]
            del self.trail[start:]
            self.known[key] = answer
        return answer

    def _of(self, narrow: Schema, wide: Schema) -> Answer:
        if self._depth > MAX_DEPTH:
            return "unknown"
        self._depth += 1
        try:
            return self._checked(narrow, wide)
        finally:
            self._depth -= 1

    def _checked(self, narrow: Schema, wide: Schema) -> Answer:
        """Weigh the keywords that the algebra does not express: they make a schema narrower."""
        answer = self._shapes(narrow, wide)
        ours, theirs = set(narrow.notes.unchecked), set(wide.notes.unchecked)
        if answer == "yes" and not theirs <= ours and not isinstance(narrow, Nothing):
            return "unknown"
        return "unknown" if answer == "no" and ours else answer

    def _shapes(self, narrow: Schema, wide: Schema) -> Answer:  # noqa: PLR0911 - one for each pair
        match narrow, wide:
            case (Nothing(), _) | (_, Anything()):
                return "yes"
            case _, Nothing():
                return "no"
            case Anything(), _:
                return every(self.of(one, wide) for one in ALL_TYPES)
            case Union(), Union() if self._same_alternatives(narrow, wide):
                return "yes"
            case Union(), _:
                return every(self.of(one, wide) for one in self._tagged(narrow, self.document))
            case Enumeration(), _:
                return self._enumeration(narrow, wide)
            case Boolean(), Enumeration() | Union():
                return self._enumeration(Enumeration((True, False)), wide)
            case _, Union():
                return self._into_union(narrow, wide)
            case _:
                return self._plain(narrow, wide)

    def _plain(self, narrow: Schema, wide: Schema) -> Answer:  # noqa: PLR0911 - one for each pair
        match narrow, wide:
            case Null(), Null():
                return "yes"
            case Boolean(), Boolean():
                return "yes"
            case Number(), Number():
                return is_number_subset(narrow, wide)
            case Text(), Text():
                return is_text_subset(narrow, wide)
            case Number(), Enumeration():
                values = values_of(narrow)
                return "no" if values is None else self._enumeration(Enumeration(values), wide)
            case Array(), Array():
                return self._arrays(narrow, wide)
            case Object(), Object():
                return self._objects(narrow, wide)
            case _:
                return "no"

    def _enumeration(self, narrow: Enumeration, wide: Schema) -> Answer:
        accepted = self._validator(self.other)
        return "yes" if all(accepted.accepts(wide, value) for value in narrow.values) else "no"

    def _validator(self, document: Document) -> Validator:
        return Validator(document, "read" if self.direction == "read" else "write")

    # Unions

    def _same_alternatives(self, narrow: Union, wide: Union) -> bool:
        """Whether each alternative has one of its own on the other side, so that all is the same.

        Then it does not matter whether exactly one of them, or at least one, must accept.
        """
        if len(narrow.members) != len(wide.members) or narrow.exclusive != wide.exclusive:
            return False
        left = list(wide.members)
        for member in narrow.members:
            found = next((one for one in left if self._is_same(member, one)), None)
            if found is None:
                return False
            left.remove(found)
        return True

    def _is_same(self, ours: Schema, theirs: Schema) -> bool:
        if isinstance(ours, Reference) != isinstance(theirs, Reference):
            return False
        if not isinstance(ours, Reference):
            return ours == theirs and not _refers(ours)
        return ours == theirs and self.of(ours, theirs) == "yes" and self._back(theirs, ours)

    def _back(self, theirs: Schema, ours: Schema) -> bool:
        if self.mirror is None:
            # Both share what they know, so that what recurs through both comes to an end.
            self.mirror = replace(self, document=self.other, other=self.document, mirror=self)
        return self.mirror.of(theirs, ours) == "yes"

    def _tagged(self, union: Union, document: Document) -> Iterator[Schema]:
        """Yield the alternatives; one that a discriminator chooses has its values."""
        tag = union.discriminator
        for place, member in enumerate(union.members):
            names = tuple(value for value, goal in tag.mapping if goal == place) if tag else ()
            shape = document.resolve(member)
            given = shape.member(tag.property) if tag and isinstance(shape, Object) else None
            if (
                not names
                or not isinstance(shape, Object)
                or given is None
                or not isinstance(document.resolve(given.schema), Text)
            ):
                yield member
            else:
                chosen = replace(given, schema=Enumeration(names))
                rest = tuple(chosen if one is given else one for one in shape.properties)
                yield replace(shape, properties=rest)

    def _into_union(self, narrow: Schema, wide: Union) -> Answer:
        members = tuple(self._tagged(wide, self.other))
        answers = [self.of(narrow, member) for member in members]
        if "yes" in answers:
            return self._alone(members, answers.index("yes"), wide)
        near = [one for one in members if not self._are_disjoint(narrow, one)]
        if len(near) <= 1:
            # What no other alternative can take must be taken by this one.
            return self.of(narrow, near[0]) if near else "no"
        return "unknown"

    def _alone(self, members: tuple[Schema, ...], place: int, wide: Union) -> Answer:
        """Whether no other alternative of a `oneOf` accepts what this one does."""
        if not wide.exclusive or wide.discriminator is not None:
            return "yes"
        chosen = members[place]
        others = [one for index, one in enumerate(members) if index != place]
        apart = all(are_disjoint(self.other, chosen, one) for one in others)
        return "yes" if apart else "unknown"

    def _are_disjoint(self, narrow: Schema, wide: Schema) -> bool:
        if _refers(narrow) or _refers(wide):
            # The keys of two documents are not comparable: only the outermost shapes are.
            return _shape(narrow) != _shape(self.other.resolve(wide))
        return are_disjoint(self.other, narrow, wide)

    # Arrays

    def _arrays(self, narrow: Array, wide: Array) -> Answer:
        longest = narrow.max_items
        if isinstance(narrow.items, Nothing):
            longest = min(
                len(narrow.prefix), longest if longest is not None else len(narrow.prefix)
            )
        if wide.min_items > narrow.min_items:
            return "no"
        most = _longest(wide)
        if most is not None and (longest is None or longest > most):
            return "no"
        answers = list(self._items(narrow, wide, longest))
        if wide.unique and not narrow.unique and (longest is None or longest > 1):
            answers.append("unknown" if _is_small(narrow.items) else "no")
        return every(answers)

    def _items(self, narrow: Array, wide: Array, longest: int | None) -> Iterator[Answer]:
        places = max(len(narrow.prefix), len(wide.prefix))
        for place in range(places if longest is None else min(places, longest)):
            yield self.of(_item(narrow, place), _item(wide, place))
        if longest is None or longest > places:
            yield self.of(narrow.items, wide.items)

    # Objects

    def _objects(self, narrow: Object, wide: Object) -> Answer:
        return every(
            (
                *self._required(narrow, wide),
                *self._members(narrow, wide),
                *self._others(narrow, wide),
                *self._counts(narrow, wide),
            )
        )

    def _required(self, narrow: Object, wide: Object) -> Iterator[Answer]:
        demands = self._validator(self.other).demands
        for member in wide.properties:
            if member.required if self.direction == "both" else demands(member):
                ours = narrow.member(member.name)
                yield "yes" if ours is not None and ours.required else "no"

    def _members(self, narrow: Object, wide: Object) -> Iterator[Answer]:
        for name in dict.fromkeys(one.name for one in (*narrow.properties, *wide.properties)):
            ours = narrow.member(name)
            if ours is None and _ignores_others(narrow):
                continue
            for one in self._validator(self.other).schemas_of(wide, name):
                answers = [
                    self.of(mine, one)
                    for mine in self._validator(self.document).schemas_of(narrow, name)
                ]
                if "yes" in answers:
                    yield "yes"
                else:
                    yield "unknown" if len(answers) > 1 else answers[0]

    def _others(self, narrow: Object, wide: Object) -> Iterator[Answer]:
        if narrow.patterns or wide.patterns:
            yield self._patterns(narrow, wide)
        if not isinstance(narrow.additional, Nothing):
            yield self.of(narrow.additional, wide.additional)
        if wide.names is not None and wide.names != narrow.names:
            free = narrow.patterns or not isinstance(narrow.additional, Nothing)
            names = Enumeration(tuple(one.name for one in narrow.properties))
            yield self.of(narrow.names or Text(), wide.names) if free else "yes"
            yield self._enumeration(names, wide.names)

    def _patterns(self, narrow: Object, wide: Object) -> Answer:
        """Members by pattern can be compared where both sides have the same patterns."""
        ours, theirs = dict(narrow.patterns), dict(wide.patterns)
        if not theirs.keys() <= ours.keys():
            closed = not ours and isinstance(narrow.additional, Nothing)
            return "yes" if closed else "unknown"
        extra = [ours[one] for one in ours if one not in theirs]
        answers = [self.of(ours[one], theirs[one]) for one in theirs]
        answers += [self.of(one, wide.additional) for one in extra]
        return "unknown" if every(answers) == "no" and len(ours) > 1 else every(answers)

    def _counts(self, narrow: Object, wide: Object) -> Iterator[Answer]:
        if wide.min_properties > narrow.min_properties:
            required = sum(member.required for member in narrow.properties)
            yield "yes" if required >= wide.min_properties else "no"
        most = narrow.max_properties
        if isinstance(narrow.additional, Nothing) and not narrow.patterns:
            most = min(len(narrow.properties), len(narrow.properties) if most is None else most)
        if wide.max_properties is not None and (most is None or most > wide.max_properties):
            yield "no"


def _ignores_others(schema: Object) -> bool:
    """Whether members without a name are noise: in a dictionary they are all that there is."""
    return isinstance(schema.additional, Anything) and not schema.patterns and not schema.is_map


def _longest(array: Array) -> int | None:
    if isinstance(array.items, Nothing):
        return (
            len(array.prefix)
            if array.max_items is None
            else min(len(array.prefix), array.max_items)
        )
    return array.max_items


def _item(array: Array, place: int) -> Schema:
    return array.prefix[place] if place < len(array.prefix) else array.items


def _is_small(items: Schema) -> bool:
    return isinstance(items, Nothing | Reference)


def _shape(schema: Schema) -> str:
    match schema:
        case Enumeration():
            return "string" if all(isinstance(one, str) for one in schema.values) else "scalar"
        case Text():
            return "string"
        case _:
            return type(schema).__name__


def _refers(schema: Schema) -> bool:
    """Whether there is a reference anywhere in the schema."""
    match schema:
        case Reference():
            return True
        case Union():
            return any(map(_refers, schema.members))
        case Array():
            return any(map(_refers, (*schema.prefix, schema.items)))
        case Object():
            inner = [member.schema for member in schema.properties]
            inner += [one for _, one in schema.patterns]
            return any(map(_refers, (*inner, schema.additional)))
        case _:
            return False
