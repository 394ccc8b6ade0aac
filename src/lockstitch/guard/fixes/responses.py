"""Fixes of one value of a response: what was promised before is promised again."""

from collections.abc import Iterator

from lockstitch.contract.algebra import Boolean, Number, Schema, Text, without_null
from lockstitch.guard.fixes.annotations import annotation_of, plain_value
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.constraints import restored_constraints
from lockstitch.guard.fixes.edits import AddMember, Edit, SetConfig
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.spots import Sides, Spot

ALWAYS_SENT = ("json_schema_serialization_defaults_required", "True")


def narrow(case: Case, spot: Spot, sides: Sides) -> Iterator[Proposal]:
    """Yield what lets a value promise all that the base promises; each yields one aspect."""
    base, base_null = without_null(sides.base)
    revision, revision_null = without_null(sides.revision)
    here = case.base.resolve(base), case.revision.resolve(revision)
    if sides.base_required and not sides.revision_required:
        yield Proposal(
            kind="field-always-sent",
            explanation=(
                f"The contract promises `{spot.owner}.{spot.name}` again: its default is sent "
                "where nothing else is."
            ),
            edits=(SetConfig(spot.file, spot.owner, (ALWAYS_SENT,)),),
        )
    if revision_null and not base_null and not sides.nested:
        yield from _never_null(case, spot, base)
    keywords = restored_constraints(spot, here[0], here[1], nested=sides.nested)
    if keywords:
        names = ", ".join(f"`{name}`" for name, _ in keywords)
        yield Proposal(
            kind="constraint-restored",
            explanation=(
                f"`{spot.owner}.{spot.name}` has {names} of before again; an answer beyond is "
                "refused before it is sent."
            ),
            edits=(spot.set(keywords=keywords),),
        )
    conversion = _conversion(here[0], here[1])
    if conversion and not revision_null and not sides.nested:
        yield _old_type(case, spot, base, conversion)


def _never_null(case: Case, spot: Spot, base: Schema) -> Iterator[Proposal]:
    value = plain_value(base, case.base, case.sources)
    if value is None or spot.model is None:
        return
    old = annotation_of(base, case.base, case.sources)
    imports = tuple(one for pair in old.imports for one in spot.needs(*pair))
    code = f"return {value} if value is None else value"
    yield Proposal(
        kind="null-never-sent",
        explanation=f"`{spot.owner}.{spot.name}` is sent as {value} where it is None.",
        edits=(*imports, *_serializer(spot, spot.annotation, old.code, code)),
    )


def _conversion(base: Schema, revision: Schema) -> str | None:
    """Return the function that makes any value of the revision one of the base."""
    if base == Text() and isinstance(revision, Number | Boolean):
        return "str"
    return None


def _old_type(case: Case, spot: Spot, base: Schema, conversion: str) -> Proposal:
    old = annotation_of(base, case.base, case.sources)
    code = f"return {conversion}(value)"
    return Proposal(
        kind="old-type-sent",
        explanation=f"`{spot.owner}.{spot.name}` is sent as {old.code}, as before.",
        edits=tuple(_serializer(spot, spot.annotation, old.code, code)),
    )


def _serializer(spot: Spot, given: str, sent: str, body: str) -> Iterator[Edit]:
    yield from spot.needs("pydantic", "field_serializer")
    code = f"""
@field_serializer("{spot.name}")
def _{spot.name}_as_before(self, value: {given}) -> {sent}:
    {body}
"""
    yield AddMember(spot.file, spot.owner, code)
