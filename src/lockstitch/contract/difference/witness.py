"""Finding a value that the one side accepts and the other refuses, and having it confirmed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Literal

import jsonschema_rs

from lockstitch.contract.algebra import Anything, Array, Nothing, Object, Schema, Union
from lockstitch.contract.difference.candidates import Candidates, Sampling
from lockstitch.contract.difference.changes import Side, Witness
from lockstitch.contract.difference.contents import strict_validator
from lockstitch.contract.difference.deltas import ANY_MEMBER, Delta
from lockstitch.contract.difference.grafts import SOME_NAME, grafted, pruned
from lockstitch.contract.difference.plain_schema import Way, standalone
from lockstitch.contract.difference.refusals import Refusal, refusal
from lockstitch.contract.difference.rules import SENT, SchemaSide
from lockstitch.contract.document import Document
from lockstitch.errors import ContractError

# Steps of what JSON Schema only notes.
NOTED: Final = ("content-", "format-")
# The formats that the validator checks.
FORMATS: Final = frozenset(
    {
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "idn-email",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    }
)
MAX_TRIES: Final = 200
ANYWHERE: Final = "anywhere"
# So many values are explained, and none with more parts.
MAX_EXPLAINED: Final = 60
MAX_PARTS: Final = 200
# Of so many, the shortest is shown.
ENOUGH: Final = 4


@dataclass(frozen=True, slots=True)
class Suspect:
    """A step in a schema that may break somebody, with what a witness of it is made from."""

    side: SchemaSide
    base: Schema
    revision: Schema
    step: Delta


@dataclass(slots=True)
class Witnesses:
    """Looks for witnesses of the breaking steps between two documents."""

    base: Document
    revision: Document
    shared: dict[tuple[Side, Way, str, str], list[Any]] = field(default_factory=dict)
    _samplings: dict[tuple[Side, Way], Sampling] = field(default_factory=dict)
    _validators: dict[tuple[Side, Way, str, bool], Any] = field(default_factory=dict)

    def find(self, suspect: Suspect) -> Witness | None:
        """Return a confirmed witness of a step, or None when none was found."""
        sent = suspect.side in SENT
        wide, narrow = ("base", "revision") if sent else ("revision", "base")
        search = _Search(
            self,
            suspect,
            wide,  # type: ignore[arg-type]
            narrow,  # type: ignore[arg-type]
            "write" if sent else "read",
        )
        found = search.best()
        if found is not None or not suspect.step.kind.startswith(NOTED):
            return found
        search.asserted = True
        return search.best()

    def document(self, side: Side) -> Document:
        """Return the document of a side."""
        return self.base if side == "base" else self.revision

    def sampling(self, side: Side, way: Way) -> Sampling:
        """Return what makes values of a side."""
        if (side, way) not in self._samplings:
            self._samplings[side, way] = Sampling(self.document(side), way)
        return self._samplings[side, way]

    def validator(self, side: Side, way: Way, pointer: str, *, asserted: bool) -> Any:
        """Return the validator of the schema at a pointer, or None where there is none."""
        key = (side, way, pointer, asserted)
        if key not in self._validators:
            document = self.document(side)
            self._validators[key] = _validator(document, pointer, way, asserted=asserted)
        return self._validators[key]


def _validator(document: Document, pointer: str, way: Way, *, asserted: bool) -> Any:
    if pointer == ANYWHERE:
        return jsonschema_rs.Draft202012Validator(True)
    try:
        schema = standalone(document.raw, pointer, way)
        if asserted:
            return strict_validator(schema)
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (ContractError, ValueError, jsonschema_rs.ValidationError):
        # A pattern or a keyword that the validator cannot read: then nothing is confirmed.
        return None


@dataclass(slots=True)
class _Search:
    witnesses: Witnesses
    suspect: Suspect
    wide: Side
    narrow: Side
    way: Way
    asserted: bool = False

    def best(self) -> Witness | None:
        """Look for a value of the whole, then for one of the member alone.

        A value that is refused for another reason than the step shows nothing of it.
        """
        return self._in_whole() or self._in_member()

    def _in_whole(self) -> Witness | None:
        """Look for a value of the whole body, parameter or header."""
        whole, other = self._pair(self.suspect.base, self.suspect.revision)
        pointers = (_pointer(whole), _pointer(other))
        member = self.suspect.step.member
        return self._first(self._whole_values(whole, other), pointers, "root", member)

    def _in_member(self) -> Witness | None:
        """Look for a value of the member alone."""
        step = self.suspect.step
        if step.base is None or step.revision is None:
            return None
        local, other = self._pair(step.base, step.revision)
        pointers = (_pointer(local), _pointer(other))
        member = step.member[-1:] if step.of_owner else ()
        return self._first(self._candidates().of(local, other), pointers, "member", member)

    def _pair(self, base: Schema, revision: Schema) -> tuple[Schema, Schema]:
        return (base, revision) if self.wide == "base" else (revision, base)

    def _candidates(self) -> Candidates:
        sampling = self.witnesses.sampling(self.wide, self.way)
        return Candidates(sampling, self.witnesses.document(self.narrow))

    def _validator(self, side: Side, pointer: str) -> Any:
        return self.witnesses.validator(side, self.way, pointer, asserted=self.asserted)

    def _first(
        self,
        values: Iterator[Any],
        pointers: tuple[str, str],
        at: Literal["root", "member"],
        member: tuple[str, ...],
    ) -> Witness | None:
        if not all(pointers):
            return None
        accepting = self._validator(self.wide, pointers[0])
        refusing = self._validator(self.narrow, pointers[1])
        if accepting is None or refusing is None:
            return None
        shown = (
            value
            for value in islice(values, 3 * MAX_TRIES)
            if not refusing.is_valid(value) and accepting.is_valid(value)
        )
        kind = self.suspect.step.kind
        found = _best(shown, lambda value: refusal(refusing, value, kind, member))
        if found is None:
            return None
        return Witness(
            value=found[0],
            accepted_by=self.wide,
            refused_by=self.narrow,
            refusal=found[1].words,
            at=at,
            asserted=self.asserted,
            base_pointer=pointers[0] if self.wide == "base" else pointers[1],
            revision_pointer=pointers[1] if self.wide == "base" else pointers[0],
        )

    # Values of the whole

    def _whole_values(self, whole: Schema, other: Schema) -> Iterator[Any]:
        yield from islice(self._grafted(whole, other), MAX_TRIES)
        yield from islice(self._members(whole), MAX_TRIES)
        yield from islice(self._owners(whole, other), MAX_TRIES)
        yield from islice(self._candidates().of(whole, other), MAX_TRIES)

    def _grafted(self, whole: Schema, other: Schema) -> Iterator[Any]:
        """Yield wholes that both sides accept, but for the member."""
        step = self.suspect.step
        if not step.member or step.base is None or step.revision is None:
            return
        shared = self._shared(whole, other)
        if step.of_owner:
            for one in shared:
                yield from pruned(one, step.member)
            return
        local, twin = self._pair(step.base, step.revision)
        for value in islice(self._candidates().of(local, twin), MAX_TRIES):
            for one in shared:
                yield from grafted(one, step.member, value)

    def _shared(self, whole: Schema, other: Schema) -> list[Any]:
        """Return the shortest few values that both sides accept."""
        known = self.witnesses.shared
        key = (self.wide, self.way, _pointer(whole), _pointer(other))
        judges = [self._validator(self.wide, key[2]), self._validator(self.narrow, key[3])]
        if key not in known and None not in judges:
            sampling = self.witnesses.sampling(self.narrow, self.way)
            made = Candidates(sampling, self.witnesses.document(self.wide)).of(other, whole)
            both = (one for one in islice(made, MAX_TRIES) if all(j.is_valid(one) for j in judges))
            known[key] = sorted(islice(both, ENOUGH), key=_size)[:2]
        return known.get(key, [])

    def _members(self, whole: Schema) -> Iterator[Any]:
        """Yield wholes in which the member itself, or the object that owns it, is at its edges."""
        step = self.suspect.step
        member = step.member[:-1] if step.of_owner else step.member
        if step.base is not None and step.revision is not None:
            local, twin = self._pair(step.base, step.revision)
            for value in self._candidates().of(local, twin):
                yield from self._around(whole, member, value)

    def _owners(self, whole: Schema, other: Schema) -> Iterator[Any]:
        """Yield wholes in which the object that owns the member is at its edges."""
        member = self.suspect.step.member[:-1]
        owners = self._down(self.wide, whole, member)
        twins = list(self._down(self.narrow, other, member))
        for owner in owners:
            for twin in twins:
                for value in self._candidates().of(owner, twin):
                    yield from self._around(whole, member, value)

    def _down(self, side: Side, schema: Schema, member: tuple[str, ...]) -> Iterator[Schema]:
        document = self.witnesses.document(side)
        shapes = [document.resolve(one) for one in _alternatives(document, schema)]
        if not member:
            yield from shapes
            return
        for shape in shapes:
            inner = _member(shape, member[0])
            if inner is not None:
                yield from self._down(side, inner, member[1:])

    def _around(self, schema: Schema, member: tuple[str, ...], value: Any) -> Iterator[Any]:
        """Yield values of the schema in which the member is the given one."""
        if not member:
            yield value
            return
        document = self.witnesses.document(self.wide)
        sampling = self.witnesses.sampling(self.wide, self.way)
        name = member[0]
        for one in _alternatives(document, schema):
            shape = document.resolve(one)
            inner = _member(shape, name)
            if inner is None:
                continue
            for part in self._around(inner, member[1:], value):
                for sample in islice(sampling.values(one), 2):
                    yield from _placed(shape, sample, name, part)


def _alternatives(document: Document, schema: Schema) -> Iterator[Schema]:
    shape = document.resolve(schema)
    if isinstance(shape, Union):
        for member in shape.members:
            yield from _alternatives(document, member)
    else:
        yield schema


def _member(shape: Schema, name: str) -> Schema | None:
    """Return the schema of a member, or of any item or other member."""
    if isinstance(shape, Object):
        found = shape.member(name)
        if found is not None:
            return found.schema
        if name == ANY_MEMBER and shape.patterns:
            return shape.patterns[0][1]
        return None if isinstance(shape.additional, Nothing) else shape.additional
    if not isinstance(shape, Array):
        return None
    if name == ANY_MEMBER:
        return None if isinstance(shape.items, Nothing) else shape.items
    place = int(name) if name.isdecimal() else len(shape.prefix)
    return shape.prefix[place] if place < len(shape.prefix) else shape.items


def _placed(shape: Schema, sample: Any, name: str, part: Any) -> Iterator[Any]:
    if isinstance(shape, Object) and isinstance(sample, dict):
        names = list(sample) if name == ANY_MEMBER and shape.is_map else []
        yield {**sample, (names[0] if names else SOME_NAME) if name == ANY_MEMBER else name: part}
        if name != ANY_MEMBER:
            needed = {one.name for one in shape.properties if one.required}
            yield {**{key: sample[key] for key in sample if key in needed}, name: part}
    elif isinstance(shape, Array) and isinstance(sample, list):
        place = int(name) if name.isdecimal() else len(shape.prefix)
        yield [*sample[:place], part, *sample[place + 1 : shape.min_items]]
        yield [*sample[:place], part, *sample[place + 1 :]]


def _best(values: Iterator[Any], explain: Callable[[Any], Refusal]) -> tuple[Any, Refusal] | None:
    """Return the shortest value that is refused for the step alone, else one with other faults.

    To explain why a large value is refused takes long, so that only one is, when all are large.
    """
    found: dict[str, list[tuple[Any, Refusal]]] = {"alone": [], "among-others": [], "another": []}
    large: list[Any] = []
    for value in islice(values, MAX_EXPLAINED):
        if not _is_small(value):
            large.append(value)
            continue
        why = explain(value)
        found[why.cause].append((value, why))
        if len(found["alone"]) == 2 or len(found["among-others"]) == ENOUGH:  # noqa: PLR2004 - to choose from
            break
    best = min(found["alone"] or found["among-others"], key=lambda one: _size(one[0]), default=None)
    if best is not None or not large:
        return best
    least = min(large[:ENOUGH], key=_size)
    why = explain(least)
    return None if why.cause == "another" else (least, why)


def _is_small(value: Any) -> bool:
    """Whether a value has few parts."""
    waiting, count = [value], 0
    while waiting and count <= MAX_PARTS:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one
    return count <= MAX_PARTS


def _size(value: Any) -> int:
    return len(json.dumps(value, default=str))


def _pointer(schema: Schema) -> str:
    """Return where a schema stands; what nobody wrote down accepts anything."""
    return ANYWHERE if schema == Anything() and not schema.notes.pointer else schema.notes.pointer
