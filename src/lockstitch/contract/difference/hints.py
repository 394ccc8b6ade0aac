"""Values that the keywords outside of the schema algebra suggest, such as those of `contains`."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol

from lockstitch.contract.algebra import Schema
from lockstitch.contract.difference.contents import SCHEMA, content_values
from lockstitch.contract.document import Document
from lockstitch.contract.reading.schemas import SchemaReader
from lockstitch.errors import ContractError

Raw = Mapping[str, Any]

_CONDITIONS: Final = ("if", "then", "else", "not", "propertyNames", "unevaluatedItems")
_FEW: Final = 3
_MOST_ITEMS: Final = 50
NAMES: Final = ("", "a b", "UPPER", "_", "7", "x" * 40)


class Samples(Protocol):
    """What makes values that a schema accepts."""

    document: Document

    def values(self, schema: Schema, count: int = ...) -> Iterator[Any]:
        """Yield some values that the schema accepts."""
        ...


def hinted(raws: tuple[Raw, Raw], samples: Samples, whole: list[Any]) -> Iterator[Any]:
    """Yield values that two raw schemas may judge differently.

    Args:
        raws: The schema that should accept and the one that should refuse.
        samples: Makes values of a schema.
        whole: Some values that the first one accepts.
    """
    objects = [one for one in whole if isinstance(one, dict)]
    for raw in raws:
        yield from _containing(raws, _values(raw.get("contains"), samples), whole)
        for word in _CONDITIONS:
            yield from _joined(_values(raw.get(word), samples), objects)
        for trigger, inner in _table(raw, "dependentSchemas"):
            for value in ("amber", *_values(_member(inner, trigger), samples)):
                broken = [{trigger: value, name: 7} for name in _members(inner)]
                broken += [{trigger: value, name: "amber"} for name in _members(inner)]
                yield from _joined([{trigger: value}, *broken], [*objects, {}])
        for trigger, _ in _table(raw, "dependentRequired"):
            yield from _joined([{trigger: "amber"}, {trigger: 7}], [*objects, {}])
        if "propertyNames" in raw:
            yield from _joined([{name: "amber"} for name in NAMES], [*objects, {}])


def held(wide: Raw, narrow: Raw, samples: Samples) -> Iterator[str]:
    """Yield texts whose contents two raw schemas may judge differently."""
    inner = _values(wide.get(SCHEMA), samples)
    least = [{}, [], "", 0, "a"] if SCHEMA in narrow else []
    yield from content_values(wide, [*inner, *least])


def _table(raw: Raw, word: str) -> list[tuple[str, Any]]:
    found = raw.get(word)
    return list(found.items()) if isinstance(found, Mapping) else []


def _members(raw: Any) -> list[str]:
    members = raw.get("properties") if isinstance(raw, Mapping) else None
    return list(members)[:_FEW] if isinstance(members, Mapping) else []


def _member(raw: Any, name: str) -> Any:
    members = raw.get("properties") if isinstance(raw, Mapping) else None
    return members.get(name) if isinstance(members, Mapping) else None


def _values(raw: Any, samples: Samples) -> list[Any]:
    """Return values of a schema that no document has read."""
    if not isinstance(raw, Mapping):
        return []
    reader = SchemaReader(samples.document.raw, lambda _pointer, _message: None)
    try:
        schema = reader.read(raw, "")
        return list(islice(samples.values(schema), _FEW))
    except (ContractError, KeyError):
        return []


def _containing(raws: tuple[Raw, Raw], inner: list[Any], whole: list[Any]) -> Iterator[list[Any]]:
    """Yield arrays with as many matching items as are just allowed, and one more or less."""
    if not inner:
        return
    limits = [raw.get(word) for raw in raws for word in ("minContains", "maxContains")]
    known = [one for one in limits if isinstance(one, int) and one < _MOST_ITEMS]
    counts = {0, 1, *(one + step for one in known for step in (-1, 0, 1))}
    others = [one for one in whole if isinstance(one, list)][:_FEW]
    for count in sorted(one for one in counts if one >= 0):
        matching = [inner[place % len(inner)] for place in range(count)]
        yield matching
        for other in others:
            yield [*other, *matching]


def _joined(parts: list[Any], objects: list[dict[str, Any]]) -> Iterator[Any]:
    for part in parts:
        yield part
        if isinstance(part, dict):
            for one in objects[:_FEW]:
                yield {**one, **part}
