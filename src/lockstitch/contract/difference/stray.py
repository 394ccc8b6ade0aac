"""Keywords that cannot apply where they stand, such as a maximum of a string.

No value is checked against them, yet whoever wrote them meant something, and many services enforce
it: so their steps are told as if they applied, and no witness is looked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from lockstitch.contract.algebra import Schema
from lockstitch.contract.difference.arrays import Comparing
from lockstitch.contract.difference.deltas import Delta
from lockstitch.contract.document import Document
from lockstitch.contract.reading.keywords import BY_TYPE
from lockstitch.contract.reading.schemas import SchemaReader
from lockstitch.errors import ContractError

Raw = Mapping[str, Any]

# What a list of values leaves nothing to say about.
_OF_SCALARS: Final = ("string", "number")
_COMPOSED: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf"})


def stray_groups(raw: Raw) -> frozenset[str]:
    """Return the types whose keywords stand at a schema that is not of that type."""
    kind = raw.get("type")
    if not isinstance(kind, str | list) or not _COMPOSED.isdisjoint(raw):
        return frozenset()
    types = _types(raw)
    listed = "enum" in raw or "const" in raw
    return frozenset(
        name
        for name, words in BY_TYPE.items()
        if not words.isdisjoint(raw) and (name not in types or (listed and name in _OF_SCALARS))
    )


def _types(raw: Raw) -> set[Any]:
    return {"number" if one == "integer" else one for one in _listed(raw.get("type", []))}


def _listed(kind: str | list[Any]) -> list[Any]:
    return [kind] if isinstance(kind, str) else kind


@dataclass(slots=True)
class Stray:
    """Reads stray keywords as schemas of their own. Both documents take in what they refer to."""

    base: Document
    revision: Document

    def steps(
        self, comparer: Comparing, old: Raw, new: Raw, pointers: tuple[str, str]
    ) -> Iterator[Delta]:
        """Yield the steps between the stray keywords of two schemas."""
        for name in sorted(stray_groups(old) | stray_groups(new)):
            ours = _read(self.base, old, name, pointers[0])
            theirs = _read(self.revision, new, name, pointers[1])
            both = name in stray_groups(old) & stray_groups(new)
            # Of what came or went together with its type, the step of the type tells.
            if ours is None or theirs is None or not (both or _same_type(old, new)):
                continue
            for step in comparer.steps(ours, theirs, pointers[0]):
                idle = name not in _types(new)
                words = f"{step.words}, which cannot apply to {new['type']}" if idle else step.words
                yield replace(step, nominal=True, stray=True, idle=idle, words=words)


def _same_type(old: Raw, new: Raw) -> bool:
    return bool(old.get("type") == new.get("type"))


def _read(document: Document, raw: Raw, name: str, pointer: str) -> Schema | None:
    words = {word: raw[word] for word in BY_TYPE[name] if word in raw}  # type: ignore[index]
    reader = SchemaReader(document.raw, _ignore, old=document.version.startswith("3.0"))
    try:
        found = reader.read({**words, "type": name}, pointer)
        reader.finish()
    except ContractError:
        return None
    if isinstance(document.schemas, dict):
        for key, schema in reader.schemas.items():
            document.schemas.setdefault(key, schema)
    return found


def _ignore(pointer: str, message: str) -> None:
    del pointer, message
