"""Values that one schema may accept and another may refuse: those at the edges of both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.difference.contents import KEYWORDS, RANGES
from lockstitch.contract.difference.hints import held, hinted
from lockstitch.contract.difference.keywords import raw_schema
from lockstitch.contract.document import Document
from lockstitch.contract.mock.recipe import Cookbook
from lockstitch.contract.mock.recipes import Recipes
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.mock.texts import text_recipe
from lockstitch.contract.mock.validation import Validator
from lockstitch.contract.reading.keywords import UNCHECKED

_UNCHECKED: Final = frozenset({*UNCHECKED, "propertyNames"})
ANY_TYPE: Final[tuple[Any, ...]] = ("amber", 7, 1.5, True, None, [], {}, ["cedar"], {"birch": 1})
TEXTS: Final = ("amber", "", "A 1", "0", "2026-01-31", "x@example.com", "\u00e9\u4e2d", "-")
EXTRA: Final = "unnamed_member"
MAX_VALUES: Final = 50
MAX_LENGTH: Final = 10_000
MAX_ITEMS: Final = 300
SEEDS: Final = 6


@dataclass(slots=True)
class Sampling:
    """Makes values that schemas of one document accept."""

    document: Document
    way: Any = "write"
    _recipes: Recipes = field(init=False)
    _known: dict[int, tuple[Schema, list[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._recipes = Recipes(Validator(self.document, self.way))

    def values(self, schema: Schema, count: int = SEEDS) -> Iterator[Any]:
        """Yield some values that the schema accepts; none where none is found."""
        if id(schema) not in self._known:
            # The schema is kept beside its values, so that no other can have its identity.
            self._known[id(schema)] = (schema, self._made(schema))
        yield from self._known[id(schema)][1][:count]

    def _made(self, schema: Schema) -> list[Any]:
        recipe = self._recipes.of(schema)
        if recipe is None:
            return []
        return [sample(recipe, f"{seed}", self._recipes.cookbook) for seed in range(SEEDS)]


@dataclass(slots=True)
class Candidates:
    """Makes values of one document's schemas that those of another may refuse."""

    sampling: Sampling
    other: Document

    def of(self, wide: Schema, narrow: Schema, depth: int = 0) -> Iterator[Any]:
        """Yield values that `wide` may accept and `narrow` may refuse, the likeliest first."""
        wide = self.sampling.document.resolve(wide)
        narrow = self.other.resolve(narrow)
        if isinstance(wide, Union):
            for member in wide.members:
                yield from islice(self.of(member, narrow, depth), MAX_VALUES)
            return
        if isinstance(wide, Anything):
            yield from ANY_TYPE
        for one in self._alternatives(narrow):
            yield from self._shaped(wide, one, depth)
        yield from self._hinted(wide, narrow)
        yield from self.sampling.values(wide)
        # What is described for one type, without being of it, accepts all the others.
        yield from ANY_TYPE

    def _hinted(self, wide: Schema, narrow: Schema) -> Iterator[Any]:
        ours = raw_schema(wide, self.sampling.document.raw)
        theirs = raw_schema(narrow, self.other.raw)
        if not KEYWORDS.isdisjoint(ours) or not KEYWORDS.isdisjoint(theirs):
            yield from held(ours, theirs, self.sampling)
        if _UNCHECKED.isdisjoint(ours) and _UNCHECKED.isdisjoint(theirs):
            return
        yield from hinted((ours, theirs), self.sampling, list(self.sampling.values(wide)))

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        if isinstance(schema, Union):
            for member in schema.members:
                yield from self._alternatives(self.other.resolve(member))
        else:
            yield schema

    def _shaped(self, wide: Schema, narrow: Schema, depth: int) -> Iterator[Any]:
        match wide:
            case Enumeration():
                yield from wide.values[:MAX_VALUES]
            case Null():
                yield None
            case Boolean():
                yield from (True, False)
            case Number():
                yield from _numbers(wide, narrow)
            case Text():
                yield from self._texts(wide, narrow)
            case Array():
                yield from self._arrays(wide, narrow, depth)
            case Object():
                yield from self._objects(wide, narrow, depth)

    def _texts(self, wide: Text, narrow: Schema) -> Iterator[str]:
        values = [str(one) for one in self.sampling.values(wide)]
        sizes = [wide.min_length, wide.max_length]
        if isinstance(narrow, Text):
            # Just over the edge is shorter than at the far end.
            sizes = [(narrow.max_length or 0) + 1, narrow.min_length - 1, *sizes]
        for size in sizes:
            if size is not None and 0 <= size <= MAX_LENGTH:
                for value in (*values[:2], "a"):
                    yield (value * (size // max(1, len(value)) + 1))[:size]
        yield from values
        yield from TEXTS

    # Arrays

    def _arrays(self, wide: Array, narrow: Schema, depth: int) -> Iterator[list[Any]]:
        items = list(self._filling(wide))
        sizes = [wide.min_items, wide.max_items]
        if isinstance(narrow, Array):
            over = (narrow.max_items or len(narrow.prefix)) + 1
            sizes = [over, narrow.min_items - 1, *sizes, len(narrow.prefix)]
        for size in sizes:
            if size is not None and 0 <= size <= MAX_ITEMS and (items or size == 0):
                yield [items[place % len(items)] for place in range(size)]
        if items:
            yield [items[0], items[0]]
        if depth < 2 and isinstance(narrow, Array):  # noqa: PLR2004 - deeper members have steps of their own
            yield from self._items(wide, narrow, items, depth)

    def _filling(self, wide: Array) -> Iterator[Any]:
        for one in wide.prefix:
            yield next(self.sampling.values(one), None)
        if not isinstance(wide.items, Nothing):
            yield from self.sampling.values(wide.items)

    def _items(
        self, wide: Array, narrow: Array, items: list[Any], depth: int
    ) -> Iterator[list[Any]]:
        for place in range(max(1, len(wide.prefix), len(narrow.prefix))):
            ours, theirs = _item(wide, place), _item(narrow, place)
            for value in islice(self.of(ours, theirs, depth + 1), MAX_VALUES):
                before = [items[n % len(items)] for n in range(place)] if items else []
                after = items[place + 1 : max(wide.min_items, place + 1)] if items else []
                yield [*before, value, *after]

    # Objects

    def _objects(self, wide: Object, narrow: Schema, depth: int) -> Iterator[dict[str, Any]]:
        for whole in islice(self.sampling.values(wide), 3):
            if not isinstance(whole, dict):
                continue
            needed = {one.name for one in wide.properties if one.required}
            least = {name: value for name, value in whole.items() if name in needed}
            yield least
            for name in whole:
                yield {key: value for key, value in whole.items() if key != name}
            yield from _with_extras(wide, narrow, whole, least)
            yield from _with_patterns(wide, narrow, least)
            yield whole
        if depth < 1 and isinstance(narrow, Object):
            yield from self._members(wide, narrow, depth)

    def _members(self, wide: Object, narrow: Object, depth: int) -> Iterator[dict[str, Any]]:
        least = next(self.sampling.values(wide), None)
        if not isinstance(least, dict):
            return
        for one in wide.properties:
            twin = narrow.member(one.name)
            theirs = twin.schema if twin else narrow.additional
            for value in islice(self.of(one.schema, theirs, depth + 1), MAX_VALUES // 2):
                yield {**least, one.name: value}


def _item(array: Array, place: int) -> Schema:
    return array.prefix[place] if place < len(array.prefix) else array.items


def _numbers(wide: Number, narrow: Schema) -> Iterator[float]:
    step = wide.multiple_of or 1
    edges = [wide.minimum, wide.maximum]
    if isinstance(narrow, Number):
        edges += [narrow.minimum, narrow.maximum]
        edges += [narrow.multiple_of, wide.multiple_of]
        for bound in RANGES.get(str(narrow.format), ()):
            # One more than the widest float is the same float.
            edges += [bound, 2 * bound]
    for edge in (*edges, 0, 1):
        if edge is None:
            continue
        for value in (edge, edge + step, edge - step, edge + 0.5, edge - 0.5):
            whole = float(value).is_integer()
            if whole or not wide.integer:
                yield int(value) if whole else value


def _with_extras(
    wide: Object, narrow: Schema, whole: dict[str, Any], least: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield objects with members that nobody names, as many as may be needed."""
    if isinstance(wide.additional, Nothing):
        return
    for value in ("amber", 7, None):
        yield {**least, EXTRA: value}
        yield {**whole, EXTRA: value}
    most = narrow.max_properties if isinstance(narrow, Object) else None
    if most is not None and most < MAX_ITEMS:
        extras = {f"{EXTRA}_{n}": "amber" for n in range(most + 1)}
        yield {**least, **extras}


def _with_patterns(wide: Object, narrow: Schema, least: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield objects with a member whose name fits a pattern of either side."""
    patterns = [*wide.patterns, *(narrow.patterns if isinstance(narrow, Object) else ())]
    for pattern, _ in patterns:
        recipe = text_recipe(Text(patterns=(pattern,)))
        if recipe is not None:
            name = str(sample(recipe, "0", Cookbook()))
            yield from ({**least, name: value} for value in ANY_TYPE)
