"""Lowering a schema: naming what is inline, dropping what does not travel, merging overlaps."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Discriminator,
    Enumeration,
    Notes,
    Nothing,
    Null,
    Number,
    Object,
    Property,
    Reference,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.document import Warn
from lockstitch.contract.typescript import names
from lockstitch.contract.typescript.patterns import UntranslatablePattern, joined
from lockstitch.errors import NameCollision

if TYPE_CHECKING:
    from lockstitch.contract.typescript.plan import Plan, Unit

# Formats whose strings have a type of their own; all others are remarks, as in JSON Schema.
TYPED_FORMATS: Final = frozenset(
    {"date", "date-time", "decimal", "duration", "int64", "time", "uuid"}
)


class Lowering:
    """Lowers the schema of one unit; what it names on the way becomes units of the plan."""

    def __init__(self, plan: "Plan", unit: "Unit", *, form: bool) -> None:
        self._plan = plan
        self._unit = unit
        self._form = form

    def of(self, schema: Schema, name: str, *, top: bool = True) -> Schema:  # noqa: PLR0911 - one return for each shape
        """Return the lowered schema; `name` is what it would be called if it needs a name."""
        match schema:
            case Object(properties=()):
                return self._map(schema, name)
            case Object():
                if top:
                    return self._struct(schema, name)
                return self._named(schema, name)
            case Array():
                return self._array(schema, name)
            case Union():
                return self._union(schema, name, top=top)
            case Reference():
                direction: Literal["read", "write"] = "read" if self._unit.reads else "write"
                return replace(schema, key=self._plan.type_name_of(schema.key, direction))
            case Text():
                return self._text(schema)
            case _:
                return schema

    def _named(self, schema: Object | Union, name: str) -> Reference:
        """Make a unit of an inline schema."""
        from lockstitch.contract.typescript.plan import Unit

        unit = Unit(
            name=self._plan.reserve(name),
            schema=schema,
            reads=self._unit.reads,
            writes=self._unit.writes,
            pointer=schema.notes.pointer,
        )
        self._plan.units[unit.name] = unit
        unit.schema = Lowering(self._plan, unit, form=self._form).of(schema, unit.name)
        return Reference(unit.name, notes=schema.notes)

    def _named_union(self, schema: Union, name: str) -> Reference:
        """Make a unit of an inline union, or take the one that is the same already."""
        same = (schema, self._unit.reads, self._unit.writes)
        if same not in self._plan.unions:
            self._plan.unions[same] = self._named(schema, name).key
        return Reference(self._plan.unions[same], notes=schema.notes)

    def _inner(self, schema: Schema, name: str) -> Schema:
        return self.of(schema, name, top=False)

    # Objects

    def _struct(self, schema: Object, name: str) -> Object:
        kept = tuple(member for member in schema.properties if self._travels(member))
        self._check_names(kept)
        members = tuple(
            replace(member, schema=self._inner(member.schema, self._place(name, member.name)))
            for member in kept
        )
        return replace(self._map(schema, name), properties=members)

    def _place(self, owner: str, member: str) -> str:
        """Name the place of a member: Prediction.prediction_result is PredictionResult."""
        word = names.pascal_case(member)
        if word.startswith(owner) and word != owner and not self._plan.is_taken(word):
            return word
        return owner + word

    def _travels(self, member: Property) -> bool:
        if self._unit.reads and self._unit.writes:
            return True
        return not (member.write_only if self._unit.reads else member.read_only)

    def _check_names(self, members: tuple[Property, ...]) -> None:
        seen: dict[str, str] = {}
        for member in members:
            name = self._plan.member_name(member.name, self._unit)
            if name in seen:
                raise NameCollision(
                    f"{seen[name]!r} and {member.name!r} would both be called {name!r}. "
                    "Rename one, or generate with names as they are on the wire.",
                    pointer=self._unit.pointer,
                )
            seen[name] = member.name

    def _map(self, schema: Object, name: str) -> Object:
        patterns = []
        for pattern, inner in schema.patterns:
            literal = self._literal((pattern,), schema.notes)
            if literal is not None:
                patterns.append((literal, self._inner(inner, f"{name}Value")))
        additional = schema.additional
        if len(patterns) < len(schema.patterns):
            additional = Anything()
        return replace(
            schema,
            patterns=tuple(patterns),
            additional=self._inner(additional, f"{name}Value"),
            names=None if schema.names is None else self._inner(schema.names, f"{name}Name"),
        )

    # Arrays and strings

    def _array(self, schema: Array, name: str) -> Array:
        prefix = tuple(
            self._inner(item, f"{name}Item{place + 1}") for place, item in enumerate(schema.prefix)
        )
        return replace(schema, prefix=prefix, items=self._inner(schema.items, f"{name}Item"))

    def _text(self, schema: Text) -> Text:
        kind = schema.format
        if kind == "binary" and self._form and self._unit.writes:
            return Text(format="blob", notes=schema.notes)
        if kind not in TYPED_FORMATS or kind in self._plan.options.plain:
            kind = None
        literal = self._literal(schema.patterns, schema.notes) if schema.patterns else None
        return replace(schema, format=kind, patterns=() if literal is None else (literal,))

    def _literal(self, patterns: tuple[str, ...], notes: Notes) -> str | None:
        try:
            return joined(patterns)
        except UntranslatablePattern as error:
            message = f"The pattern {' and '.join(patterns)} is not checked: {error}."
            self._plan.warnings.append(
                Warn(pointer=notes.pointer, message=message, rule="not-checked")
            )
            return None

    # Unions

    def _union(self, schema: Union, name: str, *, top: bool) -> Schema:
        rest, null = without_null(schema)
        if not isinstance(rest, Union):
            # What is called after its place needs no "Option1" when the only other one is null.
            inner = self._inner(rest, f"{name}Value" if top else name)
            return replace(schema, members=(inner, Null()))
        if not top and sum(isinstance(m, Object | Reference) for m in rest.members) > 1:
            named = self._named_union(replace(rest, notes=schema.notes), name)
            return Union(members=(named, Null()), notes=schema.notes) if null else named
        members = tuple(
            self._inner(member, self._option_name(member, name, place))
            for place, member in enumerate(rest.members)
        )
        if any(isinstance(member, Anything) for member in members):
            return Anything(notes=schema.notes)
        if rest.discriminator is None:
            members = _distinct(members)
        else:
            rest = replace(rest, discriminator=_complete(rest.discriminator, rest.members))
        if null:
            members = (*members, Null())
        if len(members) == 1:
            return members[0]
        return replace(rest, members=members)

    def _option_name(self, member: Schema, name: str, place: int) -> str:
        title = member.notes.title
        if title and isinstance(member, Object):
            suffix = names.pascal_case(title)
            return suffix if suffix.startswith(name) else name + suffix
        return f"{name}Option{place + 1}"


def _complete(tag: Discriminator, members: tuple[Schema, ...]) -> Discriminator:
    """Add what OpenAPI implies: a member without a mapping goes by its own name."""
    mapped = {place for _, place in tag.mapping}
    implied = tuple(
        (member.key, place)
        for place, member in enumerate(members)
        if isinstance(member, Reference) and place not in mapped
    )
    return replace(tag, mapping=tag.mapping + implied)


def _distinct(members: tuple[Schema, ...]) -> tuple[Schema, ...]:
    """Drop the members whose values another member takes as they are."""
    kept: list[Schema] = []
    for member in members:
        if member in kept or isinstance(member, Nothing):
            continue
        if any(_absorbs(other, member) for other in members if other is not member):
            continue
        kept.append(member)
    return tuple(kept)


def _absorbs(wide: Schema, narrow: Schema) -> bool:
    match wide, narrow:
        case Text(), (Text() | Enumeration()):
            return wide == Text() != narrow and _are(narrow, str)
        case Number(), (Number() | Enumeration()):
            free = wide == Number(format=wide.format) and not wide.integer
            return free and _are(narrow, int, float) and not _free_number(narrow)
        case _:
            return False


def _free_number(schema: Schema) -> bool:
    return isinstance(schema, Number) and schema == Number(format=schema.format)


def _are(schema: Schema, *types: type) -> bool:
    if isinstance(schema, Text):
        return schema.format is None
    if isinstance(schema, Enumeration):
        return all(isinstance(v, types) and not isinstance(v, bool) for v in schema.values)
    return True
