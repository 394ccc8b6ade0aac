"""Steps between arrays."""

from collections.abc import Iterator
from typing import Protocol

from lockstitch.contract.algebra import Anything, Array, Nothing, Schema
from lockstitch.contract.difference.deltas import ANY_MEMBER, Delta, below, delta, spoken
from lockstitch.contract.difference.scalars import limit_steps
from lockstitch.contract.difference.subset import Subset


class Comparing(Protocol):
    """What compares the schemas inside of an array, an object or a union."""

    narrowed: Subset
    widened: Subset

    def steps(self, base: Schema, revision: Schema, above: str = "") -> tuple[Delta, ...]:
        """Return every step from the one schema to the other."""
        ...


def array_steps(comparer: Comparing, base: Array, revision: Array) -> Iterator[Delta]:
    """Yield the steps between two arrays."""
    yield from limit_steps(
        base, revision, "min-items", -1, base.min_items or None, revision.min_items or None
    )
    yield from limit_steps(base, revision, "max-items", 1, base.max_items, revision.max_items)
    if base.unique != revision.unique:
        if revision.unique:
            yield delta("unique-items-set", "narrows", "may not repeat items now", base, revision)
        else:
            yield delta("unique-items-unset", "widens", "may repeat items now", base, revision)
    yield from _prefix_steps(comparer, base, revision)
    yield from _rest_steps(comparer, base, revision)


def _prefix_steps(comparer: Comparing, base: Array, revision: Array) -> Iterator[Delta]:
    shared = min(len(base.prefix), len(revision.prefix))
    for place in range(shared):
        found = comparer.steps(base.prefix[place], revision.prefix[place])
        yield from below(str(place), found)
    for place in range(shared, len(revision.prefix)):
        new = revision.prefix[place]
        words = f"has {spoken(new)} at place {place} now"
        effect = _effect(comparer, base.items, new)
        yield delta("prefix-items-added", effect, words, base, revision)  # type: ignore[arg-type]
    for place in range(shared, len(base.prefix)):
        old = base.prefix[place]
        words = f"has {spoken(old)} at place {place} no more"
        effect = _effect(comparer, old, revision.items)
        yield delta("prefix-items-removed", effect, words, base, revision)  # type: ignore[arg-type]


def _effect(comparer: Comparing, old: Schema, new: Schema) -> str:
    wider = comparer.narrowed.of(old, new) == "yes"
    narrower = comparer.widened.of(new, old) == "yes"
    if wider:
        return "notes" if narrower else "widens"
    return "narrows" if narrower else "changes"


def _rest_steps(comparer: Comparing, base: Array, revision: Array) -> Iterator[Delta]:
    old, new = base.items, revision.items
    if isinstance(old, Nothing) and isinstance(new, Nothing):
        return
    if isinstance(old, Nothing):
        yield delta("items-opened", "widens", "may be longer now", base, revision)
    elif isinstance(new, Nothing):
        yield delta("items-closed", "narrows", "may not be longer any more", base, revision)
    elif not (isinstance(old, Anything) and isinstance(new, Anything)):
        yield from below(ANY_MEMBER, comparer.steps(old, new))
