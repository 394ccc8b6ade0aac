"""Fixes of one value of a request: what was accepted before is accepted again."""

import ast
import json
from collections.abc import Iterator

from lockstitch.contract.algebra import (
    Array,
    Boolean,
    Enumeration,
    Number,
    Schema,
    Text,
    without_null,
)
from lockstitch.guard.fixes.annotations import annotation_of, plain_value
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.constraints import restored_constraints
from lockstitch.guard.fixes.edits import AddMember, Edit, ReplaceText
from lockstitch.guard.fixes.migrations import Migration, add_column, column_type
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.fixes.spots import Sides, Spot
from lockstitch.guard.sources import ModelSource


def widen(case: Case, spot: Spot, sides: Sides) -> Iterator[Proposal]:
    """Yield what lets a value accept all that the base accepts; each yields one aspect."""
    base, base_null = without_null(sides.base)
    revision, revision_null = without_null(sides.revision)
    here = case.base.resolve(base), case.revision.resolve(revision)
    if sides.revision_required and not sides.base_required:
        yield from _default(case, spot, sides)
    if base_null and not revision_null and not sides.nested:
        yield from _null(case, spot, sides)
    if isinstance(here[0], Enumeration) and isinstance(here[1], Enumeration):
        yield from restore_values(case, spot, here[0], here[1])
    keywords = restored_constraints(spot, here[0], here[1], nested=sides.nested)
    if keywords:
        names = ", ".join(f"`{name}`" for name, _ in keywords)
        yield Proposal(
            kind="constraint-restored",
            explanation=f"`{spot.owner}.{spot.name}` has {names} of before again.",
            edits=(spot.set(keywords=keywords),),
        )
    yield from _repetitions(spot, here[0], here[1]) if not sides.nested else ()
    conversion = _conversion(here[0], here[1])
    if conversion and not sides.nested:
        yield _old_type(case, spot, base, conversion)


def _default(case: Case, spot: Spot, sides: Sides) -> Iterator[Proposal]:
    value = plain_value(sides.revision, case.revision, case.sources)
    annotation = None
    if value is None:
        # There is no plain value of this type, so that "not sent" has to be seen as such.
        value, annotation = "None", f"{spot.annotation} | None"
    yield Proposal(
        kind="default-given",
        explanation=(
            f"`{spot.owner}.{spot.name}` is {value} when it is not sent, as callers of before do "
            "not send it. Choose another default if this one says the wrong thing."
        ),
        edits=(spot.set(default=value, annotation=annotation),),
        migrations=tuple(_column(case, spot, sides, value)),
    )


def _column(case: Case, spot: Spot, sides: Sides, value: str) -> Iterator[Migration]:
    """Yield what a column needs that the base does not know."""
    fields = spot.model.fields if spot.model else ()
    column = next((one.column for one in fields if one.name == spot.name), None)
    if column is not None and sides.base is sides.revision:
        yield add_column(column, column_type(sides.revision, case.revision), value)


def _null(case: Case, spot: Spot, sides: Sides) -> Iterator[Proposal]:
    value = plain_value(sides.revision, case.revision, case.sources)
    if value is None:
        return
    function = f"lambda value: {value} if value is None else value"
    code = _before(spot, function, f"{spot.annotation} | None")
    yield Proposal(
        kind="null-accepted",
        explanation=f"`{spot.owner}.{spot.name}` accepts null as before, and takes it as {value}.",
        edits=(
            spot.set(annotation=code),
            *spot.needs("typing", "Annotated"),
            *spot.needs("pydantic", "BeforeValidator"),
        ),
    )


def _repetitions(spot: Spot, base: Schema, revision: Schema) -> Iterator[Proposal]:
    """Yield what lets a set be sent with repetitions: Pydantic takes them, the contract did not."""
    if not (isinstance(base, Array) and isinstance(revision, Array)):
        return
    if revision.unique and not base.unique:
        yield Proposal(
            kind="constraint-restored",
            explanation=f"`{spot.owner}.{spot.name}` may hold a value twice, which counts once.",
            edits=(
                spot.set(keywords=(("json_schema_extra", '{"uniqueItems": False}'),)),
                *spot.needs("pydantic", "Field"),
            ),
        )


def _conversion(base: Schema, revision: Schema) -> str | None:
    """Return the expression that makes any value of the base one of the revision."""
    if revision == Text():
        kinds = {Boolean: "is bool", Number: "in {int, float}"}
        kind = "is int" if isinstance(base, Number) and base.integer else kinds.get(type(base))
        # `isinstance` would take true for a number.
        return f"str(value) if type(value) {kind} else value" if kind else None
    if isinstance(revision, Array) and revision.items == base and revision.min_items <= 1:
        return "value if isinstance(value, list) else [value]"
    return None


def _old_type(case: Case, spot: Spot, base: Schema, conversion: str) -> Proposal:
    old = annotation_of(base, case.base, case.sources)
    code = _before(spot, f"lambda value: {conversion}", f"{old.code} | {spot.annotation}")
    imports = tuple(one for pair in old.imports for one in spot.needs(*pair))
    return Proposal(
        kind="old-type-accepted",
        explanation=(
            f"`{spot.owner}.{spot.name}` accepts {old.code} as before, and the application sees "
            f"{spot.annotation}."
        ),
        edits=(
            spot.set(annotation=code),
            *spot.needs("typing", "Annotated"),
            *spot.needs("pydantic", "BeforeValidator"),
            *imports,
        ),
    )


def _before(spot: Spot, function: str, accepted: str) -> str:
    """Return the annotation that makes what is accepted into what the application knows."""
    indent = len(f"    {spot.name}: ")
    validator = call_code(
        "BeforeValidator", [function, f"json_schema_input_type={accepted}"], indent
    )
    return call_code("Annotated", [spot.annotation, validator], indent, brackets="[]")


# Enumerations


def restore_values(
    case: Case, spot: Spot | None, base: Enumeration, revision: Enumeration
) -> Iterator[Proposal]:
    """Yield the fix that brings the values back that an enumeration has lost."""
    lost = [value for value in base.values if value not in revision.values]
    if not lost:
        return
    into_class = _into_class(case, revision, lost)
    edits = into_class or _into_literal(case, spot, revision, lost)
    if edits:
        words = ", ".join(f"`{json.dumps(value, ensure_ascii=False)}`" for value in lost)
        marked = ", with a comment that it is deprecated" if into_class else ""
        yield Proposal(
            kind="value-restored",
            explanation=f"{words} is accepted as before{marked}.",
            edits=edits,
        )


def _into_class(
    case: Case, revision: Enumeration, lost: list[str | int | float | bool]
) -> tuple[Edit, ...]:
    wanted = sorted(str(value) for value in revision.values)
    model = next((one for one in case.sources.models if _values(one) == wanted), None)
    if model is None:
        return ()
    lines = ["# Deprecated: nothing new should use it."]
    lines += [f"{_member_name(value)} = {_literal(value)}" for value in lost]
    last = model.fields[-1]
    return (AddMember(last.file, last.owner, "\n".join(lines)),)


def _values(model: ModelSource) -> list[str]:
    if model.kind != "enumeration":
        return []
    return sorted(wire for field in model.fields for wire in field.wires)


def _member_name(value: float | str) -> str:
    name = "".join(c if c.isalnum() else "_" for c in str(value)).upper().strip("_")
    return name if name.isidentifier() else f"VALUE_{name}"


def _literal(value: float | str) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _into_literal(
    case: Case,
    spot: Spot | None,
    revision: Enumeration,
    lost: list[str | int | float | bool],
) -> tuple[Edit, ...]:
    """Extend the `Literal[...]` with just these values: at the spot, else the only one there is."""
    found = [
        (name, *place)
        for name, text in sorted(case.texts.items())
        for place in _literals(text, revision)
    ]
    if spot is not None:
        found = [one for one in found if one[0] == spot.file and one[1] == spot.annotation] or [
            one for one in found if one[1] == "" or len(found) == 1
        ]
    return tuple(
        ReplaceText(name, end, end, "".join(f", {_literal(value)}" for value in lost))
        for name, _, end in found
    )


def _literals(text: str, revision: Enumeration) -> Iterator[tuple[str, int]]:
    file = SourceFile(text)
    whole = {
        id(inner): file.code(node.annotation)
        for node in ast.walk(file.tree)
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None
        for inner in ast.walk(node.annotation)
    }
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Subscript) or not file.code(node.value).endswith("Literal"):
            continue
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        values = [part.value for part in parts if isinstance(part, ast.Constant)]
        if {str(value) for value in values} == {str(value) for value in revision.values}:
            yield whole.get(id(node), ""), file.end(parts[-1])
