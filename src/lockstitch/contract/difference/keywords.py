"""Steps in keywords that the schema algebra does not express, read from the documents."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lockstitch.contract.algebra import Schema
from lockstitch.contract.difference.deltas import Delta, Effect, delta
from lockstitch.contract.difference.scalars import shown
from lockstitch.contract.pointers import resolve
from lockstitch.contract.reading.keywords import inferred_types
from lockstitch.errors import UnreadableDocument

Raw = Mapping[str, Any]

# To add one of these makes a schema narrower, to remove it wider, to change it can do either.
ASSERTIONS: Final = (
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "else",
    "if",
    "not",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
# The same, member by member.
TABLES: Final = ("dependentRequired", "dependentSchemas")
EXTENSIBLE: Final = "x-extensible-enum"
NAMES: Final = {
    "contentEncoding": "content-encoding",
    "contentMediaType": "content-media-type",
    "contentSchema": "content-schema",
    "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties",
    "dependentRequired": "dependent-required",
    "dependentSchemas": "dependent-schema",
}
_SHAPED: Final = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"})
_COMPARED: Final = frozenset(
    {*ASSERTIONS, *TABLES, EXTENSIBLE, "minContains", "maxContains", "discriminator", "allOf"}
)


def keyword_steps(base: Schema, revision: Schema, old: Raw, new: Raw) -> Iterator[Delta]:
    """Yield the steps in the keywords that stand at two schemas."""
    yield from _declared(old, new, base, revision)
    if _COMPARED.isdisjoint(old) and _COMPARED.isdisjoint(new):
        return
    for word in ASSERTIONS:
        if word != "unevaluatedProperties" or old.get(word) is not False is not new.get(word):
            yield from _assertion(word, old, new, base, revision)
    for word in TABLES:
        yield from _table(word, old, new, base, revision)
    if "contains" in old and "contains" in new:
        yield from _contains(old, new, base, revision)
    yield from _extensible(old, new, base, revision)
    yield from _discriminator(old, new, base, revision)
    yield from _parts(old, new, base, revision)


def raw_schema(schema: Schema, document: Raw) -> Raw:
    """Return what a schema was read from, or nothing where it stands for no place alone."""
    pointer = schema.notes.pointer
    if not pointer:
        return {}
    try:
        found = resolve(document, pointer, pointer)
    except UnreadableDocument:
        return {}
    return found if isinstance(found, Mapping) else {}


def _declared(old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    """Yield the step of a type that was only to be guessed: without one, other types pass."""
    if _SHAPED.isdisjoint(old) and inferred_types(old) and "type" in new:
        words = "must be of its type now, and was only described for it"
        yield delta("type-narrowed", "narrows", words, base, revision)
    elif _SHAPED.isdisjoint(new) and inferred_types(new) and "type" in old:
        words = "is only described for its type, and had to be of it"
        yield delta("type-widened", "widens", words, base, revision)


def _assertion(word: str, old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    name = NAMES.get(word, word)
    if word in old and word in new:
        if old[word] != new[word]:
            words = f'has another "{word}" than before'
            yield delta(f"{name}-changed", "changes", words, base, revision)
    elif word in new:
        yield delta(f"{name}-added", "narrows", f'has "{word}" now', base, revision)
    elif word in old:
        yield delta(f"{name}-removed", "widens", f'has "{word}" no more', base, revision)


def _table(word: str, old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    ours, theirs = (one if isinstance(one := raw.get(word), Mapping) else {} for raw in (old, new))
    name = NAMES[word]
    for member in dict.fromkeys((*ours, *theirs)):
        if member not in ours:
            words = f'has "{word}" of {shown(member)} now'
            yield delta(f"{name}-added", "narrows", words, base, revision)
        elif member not in theirs:
            words = f'has "{word}" of {shown(member)} no more'
            yield delta(f"{name}-removed", "widens", words, base, revision)
        elif ours[member] != theirs[member]:
            words = f'has another "{word}" of {shown(member)}'
            effect = _moved(ours[member], theirs[member])
            yield delta(f"{name}-changed", effect, words, base, revision)


def _moved(old: Any, new: Any) -> Effect:
    if isinstance(old, list) and isinstance(new, list):
        gone = [one for one in old if one not in new]
        fresh = [one for one in new if one not in old]
        if gone and fresh:
            return "changes"
        return "narrows" if fresh else "widens" if gone else "notes"
    return "changes"


def _contains(old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    for word, name, usual, sign in (
        ("minContains", "min-contains", 1, -1),
        ("maxContains", "max-contains", None, 1),
    ):
        ours, theirs = old.get(word, usual), new.get(word, usual)
        if ours == theirs:
            continue
        low, high = _count(ours), _count(theirs)
        moved = "increased" if high > low else "decreased"
        effect: Effect = "widens" if (high > low) == (sign > 0) else "narrows"
        words = f'has a "{word}" of {shown(theirs)}, which was {shown(ours)}'
        yield delta(f"{name}-{moved}", effect, words, base, revision)


def _count(value: Any) -> float:
    """Return a limit that may be missing, or be no number by mistake."""
    return value if isinstance(value, int | float) else float("inf")


def _extensible(old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    """An extensible enumeration tells of values to come, so a new one breaks nobody."""
    ours, theirs = old.get(EXTENSIBLE), new.get(EXTENSIBLE)
    if not isinstance(ours, list) or not isinstance(theirs, list):
        return
    for value in ours:
        if value not in theirs:
            words = f"has the value {shown(value)} no more"
            yield delta("extensible-enum-value-removed", "narrows", words, base, revision)
    for value in theirs:
        if value not in ours:
            words = f"has the new value {shown(value)}"
            yield delta("extensible-enum-value-added", "notes", words, base, revision)


def _discriminator(old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    ours, theirs = old.get("discriminator"), new.get("discriminator")
    if (
        ours == theirs
        or not isinstance(ours or {}, Mapping)
        or not isinstance(theirs or {}, Mapping)
    ):
        return
    if not ours:
        words = "has a discriminator now"
        yield delta("discriminator-added", "notes", words, base, revision)
    elif not theirs:
        words = "has its discriminator no more"
        yield delta("discriminator-removed", "notes", words, base, revision)
    else:
        words = "has another discriminator than before"
        yield delta("discriminator-changed", "notes", words, base, revision)


def _parts(old: Raw, new: Raw, base: Schema, revision: Schema) -> Iterator[Delta]:
    """Yield parts of `allOf` that came or went.

    A named part is a promise of its own, so that counts even where it demands nothing new; of the
    others it only matters what they demand, which other steps tell.
    """
    ours, theirs = _listed(old), _listed(new)
    for part in theirs:
        if part not in ours:
            words = f'has another part in "allOf": {_named(part)}'
            kind, effect = ("named-part-added", "narrows") if "$ref" in part else _PART_ADDED
            yield replace(delta(kind, effect, words, base, revision), nominal=True)  # type: ignore[arg-type]
    for part in ours:
        if part not in theirs:
            words = f'has a part in "allOf" no more: {_named(part)}'
            kind, effect = ("named-part-removed", "widens") if "$ref" in part else _PART_REMOVED
            yield replace(delta(kind, effect, words, base, revision), nominal=True)  # type: ignore[arg-type]


_PART_ADDED: Final = ("part-added", "notes")
_PART_REMOVED: Final = ("part-removed", "notes")


def _listed(raw: Raw) -> list[Raw]:
    parts = raw.get("allOf")
    return [one for one in parts if isinstance(one, Mapping)] if isinstance(parts, list) else []


def _named(part: Raw) -> str:
    reference = part.get("$ref")
    return str(reference).rpartition("/")[2] if reference else "an unnamed schema"
