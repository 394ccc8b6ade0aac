"""Walking two schemas side by side: every step from the one to the other, member by member."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lockstitch.contract.algebra import (
    ABSENT,
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
    without_null,
)
from lockstitch.contract.difference import arrays, objects, unions
from lockstitch.contract.difference.deltas import Delta, default_of, delta, spoken
from lockstitch.contract.difference.keywords import keyword_steps, raw_schema
from lockstitch.contract.difference.recursion import Recursion
from lockstitch.contract.difference.scalars import (
    enumeration_steps,
    listed,
    number_steps,
    shown,
    text_steps,
)
from lockstitch.contract.difference.stray import Stray
from lockstitch.contract.difference.subset import Subset
from lockstitch.contract.document import Document

MAX_DEPTH: Final = 60
MANY_STEPS: Final = 24
_LOST: Final = frozenset({"alternative-removed", "named-alternative-removed"})


@dataclass(slots=True)
class Comparer:
    """Compares schemas of two documents, each pair of named ones once."""

    base: Document
    revision: Document
    narrowed: Subset = field(init=False)
    widened: Subset = field(init=False)
    _stray: Stray = field(init=False)
    _known: Recursion[tuple[Delta, ...]] = field(default_factory=lambda: Recursion(()))
    _depth: int = 0

    def __post_init__(self) -> None:
        self.narrowed = Subset(self.base, self.revision, "both")
        self.widened = Subset(self.revision, self.base, "both")
        self._stray = Stray(self.base, self.revision)

    def steps(self, base: Schema, revision: Schema, above: str = "") -> tuple[Delta, ...]:
        """Return every step from the one schema to the other.

        Args:
            base: A schema of the base document.
            revision: A schema of the revision.
            above: The pointer of the base schema around it, whose keywords are told already.
        """
        named = isinstance(base, Reference) or isinstance(revision, Reference)
        site = tuple(_notes(base, revision, self.base, self.revision)) if above is not None else ()
        ours, theirs = self.base.resolve(base), self.revision.resolve(revision)
        if not named:
            return (*site, *self._steps(ours, theirs, above))
        # What recurs is told where it is met first. Both schemas are parts of their documents.
        key = (id(ours), id(theirs))
        found = self._known.of(key, lambda: _once(self._steps(ours, theirs, "")))
        return (*site, *found)

    def _steps(self, base: Schema, revision: Schema, above: str) -> tuple[Delta, ...]:
        if self._depth > MAX_DEPTH:
            return ()
        self._depth += 1
        try:
            found: list[Delta] = []
            if not above or base.notes.pointer != above:
                old = raw_schema(base, self.base.raw)
                new = raw_schema(revision, self.revision.raw)
                found += keyword_steps(base, revision, old, new)
                pointers = (base.notes.pointer, revision.notes.pointer)
                found += self._stray.steps(self, old, new, pointers)
            told = {step.kind for step in found}
            shapes = self._shapes(base, revision)
            return (*found, *(step for step in shapes if not _is_told(step.kind, told)))
        finally:
            self._depth -= 1

    def _shapes(self, base: Schema, revision: Schema) -> Iterator[Delta]:
        if isinstance(base, Anything | Nothing) or isinstance(revision, Anything | Nothing):
            yield from _extremes(base, revision)
            return
        ours, had_null = without_null(base)
        theirs, has_null = without_null(revision)
        if had_null and has_null and (isinstance(ours, Null) or isinstance(theirs, Null)):
            if ours != theirs:
                yield from unions.null_steps(base, revision)
            return
        if has_null and not had_null and not isinstance(theirs, Null):
            yield delta("became-nullable", "widens", "may be null now", base, revision)
        if had_null and not has_null and not isinstance(ours, Null):
            yield delta(
                "became-not-nullable", "narrows", "may not be null any more", base, revision
            )
        yield from self._without_null(ours, theirs)

    def _without_null(self, base: Schema, revision: Schema) -> Iterator[Delta]:
        match base, revision:
            case (Anything() | Nothing(), _) | (_, Anything() | Nothing()):
                yield from _extremes(base, revision)
            case (Union(), _) | (_, Union()):
                yield from unions.union_steps(self, base, revision)
            case (Reference(), _) | (_, Reference()):
                yield from self.steps(base, revision, base.notes.pointer)
            case Number(), Number():
                yield from number_steps(base, revision)
            case Text(), Text():
                yield from text_steps(base, revision)
            case Enumeration(), Enumeration():
                yield from enumeration_steps(base, revision)
            case Array(), Array():
                yield from arrays.array_steps(self, base, revision)
            case Object(), Object():
                yield from objects.object_steps(self, base, revision)
            case (Boolean(), Boolean()) | (Null(), Null()):
                return
            case _:
                yield from self._other_types(base, revision)

    def _other_types(self, base: Schema, revision: Schema) -> Iterator[Delta]:
        """Yield the step to another shape; a list of values may be one of the same type."""
        if isinstance(revision, Enumeration) and self.widened.of(revision, base) == "yes":
            words = f"must be one of {listed(revision.values)} now"
            yield delta("became-enum", "narrows", words, base, revision)
        elif isinstance(base, Enumeration) and self.narrowed.of(base, revision) == "yes":
            words = f"may be any {spoken(revision)}, and was one of {listed(base.values)}"
            yield delta("no-longer-enum", "widens", words, base, revision)
        else:
            words = f"is {_typed(revision)}, which was {_typed(base)}"
            yield delta("type-changed", "changes", words, base, revision)


def _once(steps: tuple[Delta, ...]) -> tuple[Delta, ...]:
    """Return each step by its shortest way alone where there are many.

    Between schemas that contain each other there are more ways than anybody reads.
    """
    if len(steps) <= MANY_STEPS:
        return steps
    shortest: dict[tuple[str, str | None, str | None, str], Delta] = {}
    for step in sorted(steps, key=lambda one: len(one.member)):
        place = (step.kind, step.base_pointer, step.revision_pointer, step.words)
        shortest.setdefault(place, step)
    return tuple(shortest.values())


def _is_told(kind: str, told: set[str]) -> bool:
    """Whether the step of a keyword tells of another step as well.

    An encoding is read as a format. What is only described for a type accepts all the others, so
    none of them comes or goes beside it.
    """
    if any(one.startswith("content-encoding") for one in told):
        return kind.startswith("format-")
    if "type-widened" in told:
        return kind in {*_LOST, "became-not-nullable", "type-changed"}
    return "type-narrowed" in told and kind in {
        "alternative-added",
        "named-alternative-added",
        "became-nullable",
        "type-changed",
    }


def _typed(schema: Schema) -> str:
    if isinstance(schema, Enumeration):
        return " or ".join(dict.fromkeys(json_type(value) for value in schema.values))
    return spoken(schema)


def _extremes(base: Schema, revision: Schema) -> Iterator[Delta]:
    """Yield the step from or to any value, or none at all."""
    if type(base) is type(revision):
        return
    if isinstance(revision, Anything) or isinstance(base, Nothing):
        words = f"may be {spoken(revision)}, and was {spoken(base)}"
        yield delta("type-widened", "widens", words, base, revision)
    else:
        words = f"must be {spoken(revision)}, and was {spoken(base)}"
        yield delta("type-narrowed", "narrows", words, base, revision)


def _notes(base: Schema, revision: Schema, document: Document, other: Document) -> Iterator[Delta]:
    """Yield what changed in what a schema says without checking it."""
    old, new = default_of(base, document), default_of(revision, other)
    if old is ABSENT and new is not ABSENT:
        words = f"has the default {shown(new)} now"
        yield delta("default-added", "notes", words, base, revision)
    elif old is not ABSENT and new is ABSENT:
        words = f"has the default {shown(old)} no more"
        yield delta("default-removed", "notes", words, base, revision)
    elif old is not ABSENT and (json_type(old), old) != (json_type(new), new):
        words = f"has the default {shown(new)}, which was {shown(old)}"
        yield delta("default-changed", "notes", words, base, revision)
    if base.notes.deprecated != revision.notes.deprecated:
        kind, words = (
            ("member-deprecated", "is deprecated now")
            if revision.notes.deprecated
            else ("member-reactivated", "is deprecated no more")
        )
        yield delta(kind, "notes", words, base, revision)
