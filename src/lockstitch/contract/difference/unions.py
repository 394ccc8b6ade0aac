"""Steps between unions: which alternatives belong together, which are gone, which are new."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from lockstitch.contract.algebra import (
    Enumeration,
    Null,
    Object,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.difference.arrays import Comparing
from lockstitch.contract.difference.deltas import Delta, delta, spoken
from lockstitch.contract.document import Document

Twins = Callable[[Schema, Schema], bool]

LOSSES: Final = frozenset({"narrows", "changes"})
GAINS: Final = frozenset({"widens", "changes"})


def null_steps(base: Schema, revision: Schema) -> Iterator[Delta]:
    """Yield the step from or to a schema that accepts nothing but null."""
    wider = isinstance(base, Null)
    kind, effect = ("type-widened", "widens") if wider else ("type-narrowed", "narrows")
    words = f"is {spoken(revision)}, which was {spoken(base)}"
    yield delta(kind, effect, words, base, revision)  # type: ignore[arg-type]


def union_steps(comparer: Comparing, base: Schema, revision: Schema) -> Iterator[Delta]:
    """Yield the steps between two schemas of which at least one is a union."""
    pairs, gone, new = _matched(comparer, _members(base), _members(revision))
    for old, twin in pairs:
        yield from _paired(comparer, base, revision, old, twin)
    named = isinstance(base, Union) and isinstance(revision, Union)
    for member in gone:
        words = f"may be {spoken(member)} no more"
        still = comparer.narrowed.of(member, revision) == "yes"
        if not still or (named and isinstance(member, Reference)):
            kind = "named-alternative-removed" if still else "alternative-removed"
            yield replace(delta(kind, "narrows", words, member, revision), nominal=still)
    for member in new:
        words = f"may be {spoken(member)} now"
        known = comparer.widened.of(member, base) == "yes"
        if not known or (named and isinstance(member, Reference)):
            kind = "named-alternative-added" if known else "alternative-added"
            yield replace(delta(kind, "widens", words, base, member), nominal=known)


def _members(schema: Schema) -> list[Schema]:
    members = schema.members if isinstance(schema, Union) else (schema,)
    return [one for one in members if not isinstance(one, Null)]


def _paired(
    comparer: Comparing, base: Schema, revision: Schema, old: Schema, twin: Schema
) -> Iterator[Delta]:
    """Yield the steps within an alternative, unless another one makes up for what it loses."""
    found = comparer.steps(old, twin, base.notes.pointer)
    effects = {step.effect for step in found}
    kept = not effects.isdisjoint(LOSSES) and comparer.narrowed.of(old, revision) == "yes"
    known = not effects.isdisjoint(GAINS) and comparer.widened.of(twin, base) == "yes"
    for step in found:
        lost = step.effect in LOSSES and not kept
        won = step.effect in GAINS and not known
        if step.effect == "notes" or (lost and won and step.effect == "changes"):
            yield step
        elif lost:
            yield replace(step, effect="narrows")
        elif won:
            yield replace(step, effect="widens")


def _matched(
    comparer: Comparing, old: list[Schema], new: list[Schema]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Return the alternatives that belong together, those that are gone, and the new ones."""
    pairs: list[tuple[Schema, Schema]] = []
    old, new = list(old), list(new)
    for is_twin in (_same, _comparable(comparer), _same_tag(comparer), _same_shape):
        for member in tuple(old):
            twin = next((one for one in new if is_twin(member, one)), None)
            if twin is not None:
                pairs.append((member, twin))
                old.remove(member)
                new.remove(twin)
    return pairs, old, new


def _same(old: Schema, new: Schema) -> bool:
    return old == new


def _comparable(comparer: Comparing) -> Twins:
    """Two alternatives of which one holds the other; named ones only where one was renamed."""

    def is_twin(old: Schema, new: Schema) -> bool:
        if not _may_pair(comparer, old, new):
            return False
        return comparer.narrowed.of(old, new) == "yes" or comparer.widened.of(new, old) == "yes"

    return is_twin


def _same_tag(comparer: Comparing) -> Twins:
    """Two alternatives that a required member with the same constants tells apart from others."""

    def is_twin(old: Schema, new: Schema) -> bool:
        ours = _tags(comparer.narrowed.document.resolve(old), comparer.narrowed.document)
        theirs = _tags(comparer.narrowed.other.resolve(new), comparer.narrowed.other)
        return _may_pair(comparer, old, new) and not ours.isdisjoint(theirs)

    return is_twin


def _may_pair(comparer: Comparing, old: Schema, new: Schema) -> bool:
    if not isinstance(old, Reference) or not isinstance(new, Reference):
        return True
    kept = old.key in comparer.narrowed.other.schemas
    return not kept and new.key not in comparer.narrowed.document.schemas


def _tags(schema: Schema, document: Document) -> set[tuple[str, Enumeration]]:
    if not isinstance(schema, Object):
        return set()
    members = (
        (one.name, document.resolve(one.schema)) for one in schema.properties if one.required
    )
    return {(name, inner) for name, inner in members if isinstance(inner, Enumeration)}


def _same_shape(old: Schema, new: Schema) -> bool:
    if isinstance(old, Reference) or isinstance(new, Reference):
        return False
    pair = {type(old), type(new)}
    return len(pair) == 1 or pair == {Text, Enumeration}
