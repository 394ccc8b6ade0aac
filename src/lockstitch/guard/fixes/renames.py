"""A member that got another name goes by both."""

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher

from pydantic.alias_generators import to_camel, to_snake

from lockstitch.contract.algebra import Object, Property
from lockstitch.guard.fixes.annotations import plain_value
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.constraints import constrained
from lockstitch.guard.fixes.edits import AddMember, Edit, SetConfig, TakeEitherName
from lockstitch.guard.fixes.migrations import Migration, column_type, rename_column
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.spots import Spot, spot_of_field
from lockstitch.guard.sources import ModelSource
from lockstitch.guard.sources.syntax import fields

# Names that have less in common than this are two different things.
_ALIKE = 0.34


def new_name(case: Case, base: Object, revision: Object, old: str) -> Property | None:
    """Return the member of the revision that is what the base calls `old`."""
    before = base.member(old)
    if before is None:
        return None
    come = [one for one in revision.properties if base.member(one.name) is None]
    fitting = [one for one in come if _same(case, before, one)]
    at_its_place = [one for one in fitting if _same_place(base, revision, old, one.name)]
    ranked = sorted(fitting, key=lambda one: _likeness(old, one.name), reverse=True)
    if ranked and _likeness(old, ranked[0].name) >= _ALIKE:
        return ranked[0]
    return at_its_place[0] if at_its_place else None


def old_name(case: Case, base: Object, revision: Object, new: str) -> str | None:
    """Return what the base calls the member that the revision calls `new`."""
    gone = [one.name for one in base.properties if revision.member(one.name) is None]
    renamed = ((one, new_name(case, base, revision, one)) for one in gone)
    return next((one for one, member in renamed if member and member.name == new), None)


def _same(case: Case, before: Property, after: Property) -> bool:
    return case.base.resolve(before.schema) == case.revision.resolve(after.schema)


def _same_place(base: Object, revision: Object, old: str, new: str) -> bool:
    """Whether two members are as far behind the same member, so that one became the other."""
    before = [member.name for member in base.properties]
    after = [member.name for member in revision.properties]
    return _distance(before, old, after) == _distance(after, new, before)


def _distance(names: list[str], name: str, others: list[str]) -> tuple[str, int]:
    place = names.index(name)
    stays = (one for one in range(place - 1, -1, -1) if names[one] in others)
    last = next(stays, -1)
    return names[last] if last >= 0 else "", place - last


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def keep_old_name(
    case: Case, model: ModelSource, direction: str, old: Property, new: Property
) -> Proposal | None:
    """Return the fix that lets a member go by its old name as well."""
    source = model.field(new.name)
    spot = spot_of_field(case, model, source) if source else None
    name = python_name(case, model, old.name)
    if spot is None or model.kind != "model" or name is None:
        return None
    if case.is_shared(model):
        edits, words = tuple(_both_ways(spot, name, old, new)), "accepts and answers"
    elif direction == "request":
        edits, words = tuple(_accepted(case, spot, name, old, new)), "accepts"
    else:
        edits, words = tuple(_answered(spot, name, old)), "answers"
    return Proposal(
        kind="old-name-kept",
        explanation=(
            f"`{model.qualname}` {words} `{old.name}` beside `{new.name}`, marked as deprecated, "
            f"until no caller uses it any more."
        ),
        edits=edits,
        migrations=tuple(_columns(case, model, name, new)),
    )


def _columns(case: Case, model: ModelSource, name: str, new: Property) -> Iterator[Migration]:
    field = model.field(new.name)
    column = field.column if field else None
    old = f"{model.table}.{name}"
    if column is not None and model.table == column.rpartition(".")[0] and column != old:
        yield rename_column(old, column, column_type(new.schema, case.revision))


def needs_of(spot: Spot, annotation: str) -> tuple[Edit, ...]:
    """Return the imports that constraints in an annotation need."""
    if not annotation.startswith("Annotated["):
        return ()
    return (*spot.needs("typing", "Annotated"), *spot.needs("pydantic", "Field"))


def python_name(case: Case, model: ModelSource, wire: str) -> str | None:
    """Return what a field of that name in JSON is called in a class, or None if it cannot be."""
    known = [name for name in _fields_of_base(case, model) if wire in {name, to_camel(name)}]
    if known:
        return known[0]
    if all(wire_name == field.name for field in model.fields for wire_name in field.wires):
        return wire if wire.isidentifier() else None
    camel = all(to_camel(field.name) in field.wires for field in model.fields)
    name = to_snake(wire)
    return name if camel and to_camel(name) == wire else None


def _fields_of_base(case: Case, model: ModelSource) -> list[str]:
    node = case.before(model.file).definitions.get(model.qualname)
    return list(fields(node)) if isinstance(node, ast.ClassDef) else []


def _answered(spot: Spot, name: str, old: Property) -> Iterator[Edit]:
    yield from spot.needs("pydantic", "computed_field")
    kind = constrained(spot.annotation, old.schema)
    yield from needs_of(spot, kind)
    code = f'''
@computed_field(json_schema_extra={{"deprecated": True}})
@property
def {name}(self) -> {kind}:
    """The old name of `{spot.name}`."""
    return self.{spot.name}
'''
    yield AddMember(spot.file, spot.owner, code)


def _accepted(case: Case, spot: Spot, name: str, old: Property, new: Property) -> Iterator[Edit]:
    yield from spot.needs("pydantic", "AliasChoices", "Field")
    choices = f'AliasChoices("{new.name}", "{old.name}")'
    keywords: tuple[tuple[str, str | None], ...] = (("validation_alias", choices),)
    default: str | None = None
    if old.required and new.required:
        # A value is still demanded, under the one name or the other.
        default, keywords = "None", (*keywords, ("validate_default", "True"))
        yield TakeEitherName(spot.file, spot.owner, new.name, old.name)
    elif new.required:
        default = plain_value(new.schema, case.revision, case.sources)
    yield spot.set(default=default, keywords=keywords)
    kind = constrained(spot.annotation, old.schema)
    yield from needs_of(spot, kind)
    # Its default is None whatever its type: nobody reads it, and callers may not send null.
    code = call_code(
        f"{name}: {kind} = Field", ["default=None", "exclude=True", "deprecated=True"], 4
    )
    yield AddMember(spot.file, spot.owner, code, after=spot.name)


def _both_ways(spot: Spot, name: str, old: Property, new: Property) -> Iterator[Edit]:
    """Two fields, each filled from either name; the answer always has both.

    The old one is serialised as what the new one is at that time.
    """
    yield from spot.needs("pydantic", "AliasChoices", "Field", "field_serializer")
    yield from spot.needs("typing", "Any")
    required = old.required and new.required
    demanded: tuple[tuple[str, str | None], ...] = (
        (("validate_default", "True"),) if required else ()
    )
    yield spot.set(
        default="None" if required else None,
        keywords=(("validation_alias", f'AliasChoices("{new.name}", "{old.name}")'), *demanded),
    )
    kind = constrained(spot.annotation, old.schema)
    yield from needs_of(spot, kind)
    given = ["default=None", f'validation_alias=AliasChoices("{old.name}", "{new.name}")']
    given += ["deprecated=True", *(f"{keyword}={text}" for keyword, text in demanded)]
    code = call_code(f"{name}: {kind} = Field", given, 4)
    yield AddMember(spot.file, spot.owner, code, after=spot.name)
    serializer = f"""
@field_serializer("{name}")
def _{name}_is_{spot.name}(self, _value: Any) -> {kind}:
    return self.{spot.name}
"""
    yield AddMember(spot.file, spot.owner, serializer)
    always = ("json_schema_serialization_defaults_required", "True")
    yield SetConfig(spot.file, spot.owner, (always,))
    if required:
        yield TakeEitherName(spot.file, spot.owner, new.name, old.name)
