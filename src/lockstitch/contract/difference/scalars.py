"""Steps between numbers, strings and enumerations."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from lockstitch.contract.algebra import Enumeration, Number, Scalar, Schema, Text, json_type
from lockstitch.contract.difference.deltas import Delta, delta, spoken

# Each of these formats holds the values of those after it.
_WIDER_FORMATS: Final = {
    "bigint": {"int64", "int32"},
    "double": {"float"},
    "idn-email": {"email"},
    "idn-hostname": {"hostname"},
    "int64": {"int32"},
    "iri": {"uri"},
    "iri-reference": {"iri", "uri", "uri-reference"},
    "uri-reference": {"uri"},
}
# A pattern of these finds something in every text.
EVERY_TEXT: Final = frozenset(
    {"", ".*", "^.*$", "^.*", ".*$", "^", "$", "[\\s\\S]*", "^[\\s\\S]*$"}
)
# Formats that say how to show a text, and nothing of the text.
SILENT_FORMATS: Final = frozenset({"password", "string", "text", "textarea", "markdown", "html"})
MAX_SHOWN: Final = 60
_LIMITS: Final = {
    "max": "maximum",
    "max-items": "maximum number of items",
    "max-length": "maximum length",
    "max-properties": "maximum number of members",
    "min": "minimum",
    "min-items": "minimum number of items",
    "min-length": "minimum length",
    "min-properties": "minimum number of members",
}


def shown(value: Any) -> str:
    """Return a value as JSON, not too long for a sentence."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def limit_steps(
    base: Schema, revision: Schema, name: str, sign: int, old: float | None, new: float | None
) -> Iterator[Delta]:
    """Yield the step of one limit; `sign` is 1 for an upper and -1 for a lower one."""
    said = _LIMITS.get(name, name.replace("-", " "))
    if old == new:
        return
    if old is None:
        yield delta(f"{name}-set", "narrows", f"has a {said} of {shown(new)} now", base, revision)
    elif new is None:
        yield delta(f"{name}-unset", "widens", f"has no {said} any more", base, revision)
    else:
        moved = "increased" if new > old else "decreased"
        effect = "widens" if (new - old) * sign > 0 else "narrows"
        words = f"has a {said} of {shown(new)}, which was {shown(old)}"
        yield delta(f"{name}-{moved}", effect, words, base, revision)  # type: ignore[arg-type]


# Numbers


def number_steps(base: Number, revision: Number) -> Iterator[Delta]:
    """Yield the steps between two numbers."""
    if base.integer != revision.integer:
        kind, effect = (
            ("type-narrowed", "narrows") if revision.integer else ("type-widened", "widens")
        )
        words = f"is {spoken(revision)}, which was {spoken(base)}"
        yield delta(kind, effect, words, base, revision)  # type: ignore[arg-type]
    yield from _bound_steps(base, revision, "max", 1)
    yield from _bound_steps(base, revision, "min", -1)
    yield from _multiple_steps(base, revision)
    if base.format != revision.format and base.integer == revision.integer:
        yield from _format_steps(base, revision)


def _bound_steps(base: Number, revision: Number, name: str, sign: int) -> Iterator[Delta]:
    old, old_open = _bound(base, name)
    new, new_open = _bound(revision, name)
    if old != new or old_open == new_open:
        yield from limit_steps(base, revision, name, sign, old, new)
    elif old is not None:
        effect = "narrows" if new_open else "widens"
        moved = ("decreased" if new_open else "increased") if sign > 0 else None
        moved = moved or ("increased" if new_open else "decreased")
        words = f"{'excludes' if new_open else 'includes'} its {name}imum of {shown(new)} now"
        yield delta(f"{name}-{moved}", effect, words, base, revision)  # type: ignore[arg-type]


def _bound(number: Number, name: str) -> tuple[float | None, bool]:
    limit, is_open, inwards = number.minimum, number.exclusive_minimum, 1
    if name == "max":
        limit, is_open, inwards = number.maximum, number.exclusive_maximum, -1
    # An integer above 0 is one of at least 1.
    if limit is not None and is_open and number.integer and float(limit).is_integer():
        return limit + inwards, False
    return limit, is_open


def _multiple_steps(base: Number, revision: Number) -> Iterator[Delta]:
    old, new = base.multiple_of, revision.multiple_of
    if old == new:
        return
    if old is None or new is None:
        kind, effect, words = (
            ("multiple-of-set", "narrows", f"must be a multiple of {shown(new)} now")
            if old is None
            else ("multiple-of-unset", "widens", f"need not be a multiple of {shown(old)}")
        )
    else:
        kind, words = "multiple-of-changed", f"is a multiple of {shown(new)}, was of {shown(old)}"
        effect = "changes"
        if is_multiple(new, old):
            effect = "narrows"
        elif is_multiple(old, new):
            effect = "widens"
    yield delta(kind, effect, words, base, revision)  # type: ignore[arg-type]


def is_multiple(value: float, step: float) -> bool:
    """Whether a number is a multiple of another, reckoned in decimals."""
    return Fraction(str(value)) % Fraction(str(step)) == 0


# Texts


def text_steps(base: Text, revision: Text) -> Iterator[Delta]:
    """Yield the steps between two strings."""
    low, high = base.min_length or None, revision.min_length or None
    if low is None and high is not None:
        words = f"has a min length of {high} now"
        yield delta("min-length-increased", "narrows", words, base, revision)
    elif high is None and low is not None:
        words = f"has no min length any more, which was {low}"
        yield delta("min-length-decreased", "widens", words, base, revision)
    else:
        yield from limit_steps(base, revision, "min-length", -1, low, high)
    yield from limit_steps(base, revision, "max-length", 1, base.max_length, revision.max_length)
    yield from _pattern_steps(base, revision)
    yield from _format_steps(base, revision)


def _pattern_steps(base: Text, revision: Text) -> Iterator[Delta]:
    lost = [one for one in base.patterns if one not in revision.patterns]
    new = [one for one in revision.patterns if one not in base.patterns]
    if new and all(one in EVERY_TEXT for one in new):
        if lost:
            words = f"may be any text, and had to match {lost[0]}"
            yield delta("pattern-generalized", "widens", words, base, revision)
    elif new and lost:
        words = f"must match {new[0]}, and had to match {lost[0]}"
        yield delta("pattern-changed", "changes", words, base, revision)
    elif new:
        yield delta("pattern-added", "narrows", f"must match {new[0]} now", base, revision)
    elif lost and not all(one in EVERY_TEXT for one in lost):
        yield delta("pattern-removed", "widens", f"need not match {lost[0]}", base, revision)


# Formats


def _format_steps(base: Number | Text, revision: Number | Text) -> Iterator[Delta]:
    old, new = effective_format(base), effective_format(revision)
    if old == new:
        return
    if old is None:
        yield delta("format-added", "narrows", f"has the format {new} now", base, revision)
    elif new is None:
        yield delta("format-removed", "widens", f"has the format {old} no more", base, revision)
    else:
        effect = "changes"
        if holds_format(new, old):
            effect = "widens"
        elif holds_format(old, new):
            effect = "narrows"
        words = f"has the format {new}, which was {old}"
        kind = {"changes": "format-changed", "widens": "format-widened"}.get(effect)
        yield delta(kind or "format-narrowed", effect, words, base, revision)  # type: ignore[arg-type]


def effective_format(schema: Number | Text) -> str | None:
    """Return the format of a schema, unless it says nothing of the values."""
    return None if schema.format in SILENT_FORMATS else schema.format


def holds_format(wide: str, narrow: str) -> bool:
    """Whether every value of the one format is one of the other."""
    return narrow in _WIDER_FORMATS.get(wide, set())


# Enumerations


def enumeration_steps(base: Enumeration, revision: Enumeration) -> Iterator[Delta]:
    """Yield a step for each value that was removed or added."""
    old = {(json_type(value), value): value for value in base.values}
    new = {(json_type(value), value): value for value in revision.values}
    if len(old) == len(new) == 1 and old != new:
        # What has one value is told apart by it; a list may grow, a constant is another thing.
        words = f"is always {listed(revision.values)}, which was {listed(base.values)}"
        yield delta("type-changed", "changes", words, base, revision)
        return
    for key, value in old.items():
        if key not in new:
            words = f"has the value {shown(value)} no more"
            yield delta("enum-value-removed", "narrows", words, base, revision)
    for key, value in new.items():
        if key not in old:
            words = f"has the new value {shown(value)}"
            yield delta("enum-value-added", "widens", words, base, revision)


def listed(values: tuple[Scalar, ...]) -> str:
    """Return values for a sentence."""
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""  # noqa: PLR2004 - three are enough
    return ", ".join(shown(value) for value in values[:3]) + more
