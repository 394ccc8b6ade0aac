"""From schemas to recipes."""

from collections.abc import Iterable
from dataclasses import replace
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
    Property,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.mock.disjoint import are_disjoint, lacks_a_member
from lockstitch.contract.mock.heights import Heights
from lockstitch.contract.mock.numbers import number_recipe
from lockstitch.contract.mock.recipe import (
    Cookbook,
    Items,
    Members,
    Named,
    OneOf,
    Others,
    Pick,
    Recipe,
)
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.mock.texts import WORDS, finds, text_recipe
from lockstitch.contract.mock.validation import Validator

_ANYTHING: Final = ("amber", 7, True, None, {"birch": 1}, ["cedar"])
# How many items or dictionary entries a mock has when nothing else is said.
_SOME: Final = 3
_TRIES: Final = 24
_KEPT: Final = 3
_NAMES: Final = 12


class Recipes:
    """Makes recipes of the schemas of one document, and keeps those that have a name."""

    def __init__(self, validator: Validator) -> None:
        self.cookbook = Cookbook()
        self._validator = validator
        self._heights = Heights(validator)
        self._making: set[str] = set()
        # How often something was found to lead back to what is being made.
        self._circles = 0
        self._impossible: set[str] = set()
        self._doubtful: list[tuple[OneOf, Schema]] = []

    def of(self, schema: Schema) -> Recipe | None:
        """Return the recipe of a schema, or None when no finite value of it could be found."""
        found = self._recipe(schema)
        self._settle()
        return found

    def _recipe(self, schema: Schema) -> Recipe | None:
        examples = self._examples(schema)
        if examples:
            return Pick(examples)
        if not self._heights.ends(schema):
            return None
        match schema:
            case Number():
                return number_recipe(schema)
            case Text():
                return text_recipe(schema)
            case Array() | Object() | Union() | Reference():
                return self._composite(schema)
            case _:
                return Pick(_constants(schema))

    def _composite(self, schema: Array | Object | Union | Reference) -> Recipe | None:
        match schema:
            case Array():
                return self._items(schema)
            case Object():
                return self._members(schema)
            case Union():
                return self._union(schema)
            case Reference():
                return self._named(schema.key)

    def _examples(self, schema: Schema) -> tuple[Any, ...]:
        """Return the examples that are true; an id is not repeated, so its example is not used."""
        if isinstance(schema, Text) and schema.format == "uuid":
            return ()
        return tuple(one for one in schema.notes.examples if self._validator.accepts(schema, one))

    def _named(self, key: str) -> Recipe | None:
        named = self.cookbook.named
        if key in self._impossible:
            return None
        if key in self._making:
            self._circles += 1
            return Named(key)
        if key in named:
            return Named(key)
        known, doubts = len(named), len(self._doubtful)
        self._making.add(key)
        found = self._recipe(self._validator.document.schemas[key])
        self._making.discard(key)
        if found is None:
            # What was made meanwhile may lead here, so it is made again when it is asked for.
            self._impossible.add(key)
            for one in list(named)[known:]:
                del named[one]
            del self._doubtful[doubts:]
            return None
        named[key] = found
        return Named(key)

    # Arrays

    def _items(self, schema: Array) -> Recipe | None:
        prefix = [self._recipe(item) for item in schema.prefix]
        known = [one for one in prefix if one is not None]
        circles = self._circles
        rest = self._recipe(schema.items) if not isinstance(schema.items, Nothing) else None
        if len(known) < len(prefix) or (rest is None and schema.min_items > len(known)):
            return None if schema.min_items else Items()
        least = max(0, schema.min_items - len(known))
        most = max(least, _SOME if not known else 0)
        if schema.max_items is not None:
            most = min(most, schema.max_items - len(known))
        if most < 0 or rest is None:
            most = least = 0
        # An empty list shows little; but what may hold itself ends only by holding nothing.
        shown = min(1, most) if self._circles == circles else 0
        return Items(tuple(known), rest, max(least, shown), most, distinct=schema.unique)

    # Objects

    def _members(self, schema: Object) -> Recipe | None:
        required: dict[str, Recipe] = {}
        optional: dict[str, Recipe] = {}
        for member in schema.properties:
            if self._is_left_out(member):
                continue
            recipe = self._recipe(self._member_schema(schema, member))
            demanded = self._validator.demands(member)
            if recipe is None and demanded:
                return None
            if recipe is not None:
                (required if demanded else optional)[member.name] = recipe
        others = self._others(schema, len(required))
        return self._counted(schema, required, optional, others)

    def _is_left_out(self, member: Property) -> bool:
        reads = self._validator.direction == "read"
        return member.write_only if reads else member.read_only

    def _member_schema(self, schema: Object, member: Property) -> Schema:
        """Return the schema of a member; a pattern that fits its name counts as well."""
        fitting = [inner for one, inner in schema.patterns if finds(one, member.name)]
        return fitting[0] if fitting and isinstance(member.schema, Anything) else member.schema

    def _counted(
        self,
        schema: Object,
        required: dict[str, Recipe],
        optional: dict[str, Recipe],
        others: Others | None,
    ) -> Recipe | None:
        """Make optional members required, or drop them, until every count is allowed."""
        missing = schema.min_properties - len(required) - (others.least if others else 0)
        if others is None or missing > 0:
            shallow = sorted(optional, key=lambda name: self._height(schema, name))
            for name in shallow[: max(0, missing)]:
                required[name] = optional.pop(name)
        if schema.min_properties > len(required) + (others.least if others else 0):
            return None
        if schema.max_properties is not None:
            room = schema.max_properties - len(required) - (others.most if others else 0)
            optional = dict(list(optional.items())[: max(0, room)])
        return Members(required, optional, others)

    def _height(self, schema: Object, name: str) -> float:
        member = schema.member(name)
        return self._heights.of(member.schema) if member else 0

    def _others(self, schema: Object, required: int) -> Others | None:
        """Return the recipe of the members whose names are data."""
        most = _SOME if schema.is_map else 1
        if schema.max_properties is not None:
            most = min(most, schema.max_properties - required)
        shown = 0 if schema.properties else min(1, most)
        offered = sum(1 for m in schema.properties if not self._validator.demands(m))
        needed = max(0, schema.min_properties - required - offered)
        least = max(shown, needed)
        wanted = schema.declared or schema.patterns or schema.is_map or least > 0
        if max(most, least) <= 0 or not wanted:
            return None
        for pattern, inner in (*schema.patterns, (None, schema.additional)):
            names = self._names(schema, pattern)
            circles = self._circles
            value = self._recipe(inner) if names and not isinstance(inner, Nothing) else None
            if value is not None and len(names) >= least:
                least = least if self._circles == circles else needed
                return Others(names, value, least, min(max(most, least), len(names)))
        return None

    def _names(self, schema: Object, pattern: str | None) -> tuple[str, ...]:
        """Return names that a member without a name of its own may have."""
        patterns = (pattern,) if pattern else ()
        wanted = Text(patterns=patterns)
        recipe = text_recipe(wanted) if pattern else None
        if schema.names is not None and pattern is None:
            recipe = self._recipe(schema.names)
        tried: Iterable[str] = WORDS
        if recipe is not None:
            tried = (str(sample(recipe, f"{n}", self.cookbook)) for n in range(_NAMES * 2))
        elif pattern or schema.names is not None:
            return ()
        fitting = [name for name in dict.fromkeys(tried) if self._may_be(schema, name, patterns)]
        return tuple(fitting[: max(_NAMES, schema.min_properties)])

    def _may_be(self, schema: Object, name: str, patterns: tuple[str, ...]) -> bool:
        if schema.member(name) or name == "__proto__":
            return False
        if schema.names is not None and not self._validator.accepts(schema.names, name):
            return False
        return all((one in patterns) == finds(one, name) for one, _ in schema.patterns)

    # Unions

    def _union(self, schema: Union) -> Recipe | None:
        chosen: list[tuple[float, Recipe]] = []
        for place, member in enumerate(schema.members):
            recipe = self._recipe(self._tagged(schema, place, member))
            if recipe is not None:
                chosen.append((self._heights.of(member), recipe))
        if not chosen:
            return None
        shallowest = min(range(len(chosen)), key=lambda place: chosen[place][0])
        chosen.insert(0, chosen.pop(shallowest))
        found = OneOf(tuple(recipe for _, recipe in chosen))
        if schema.exclusive and not self._all_disjoint(schema):
            self._doubtful.append((found, schema))
        return found

    def _all_disjoint(self, schema: Union) -> bool:
        members = schema.members
        document = self._validator.document
        return all(
            are_disjoint(document, one, other) or lacks_a_member(document, one, other)
            for one in members
            for other in members
            if one is not other
        )

    def _tagged(self, union: Union, place: int, member: Schema) -> Schema:
        """Return the member with its discriminator's value, where it does not say it itself."""
        tag = union.discriminator
        shape = self._validator.document.resolve(member)
        if tag is None or not isinstance(shape, Object):
            return member
        names: tuple[Any, ...] = tuple(value for value, goal in tag.mapping if goal == place)
        if not names and isinstance(member, Reference):
            names = (member.key,)
        given = shape.member(tag.property)
        own = self._validator.document.resolve(given.schema) if given else None
        if isinstance(own, Enumeration):
            names = tuple(name for name in names if name in own.values) or own.values
            if set(names) == set(own.values) and given and given.required:
                return member
        if not names:
            return member
        tagged = Property(name=tag.property, schema=Enumeration(names), required=True)
        kept = tuple(one for one in shape.properties if one.name != tag.property)
        return replace(shape, properties=(tagged, *kept), notes=replace(shape.notes, examples=()))

    def _settle(self) -> None:
        """Replace each `oneOf` whose members may overlap by values that only one member accepts."""
        while self._doubtful:
            found, schema = self._doubtful.pop(0)
            true = [value for one in found.choices for value in self._true_values(one, schema)]
            if true:
                found.choices = (Pick(tuple(true)),)

    def _true_values(self, choice: Recipe, schema: Schema) -> list[Any]:
        """Return small values of one recipe that the whole schema accepts."""
        tried = [sample(choice, f"{n}", self.cookbook) for n in range(_TRIES)]
        true = [value for value in tried if self._validator.accepts(schema, value)]
        return sorted(true, key=lambda value: len(repr(value)))[:_KEPT]


def _constants(schema: Schema) -> tuple[Any, ...]:
    match schema:
        case Null():
            return (None,)
        case Boolean():
            return (True, False)
        case Enumeration():
            return schema.values
        case _:
            return _ANYTHING
