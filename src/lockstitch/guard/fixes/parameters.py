"""Fixes of parameters: in the path, the query, a header or a cookie."""

from collections.abc import Iterator

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Operation, Parameter
from lockstitch.guard.fixes.annotations import plain_value
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import AddArgument, AddStatement, Edit
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.requests import widen
from lockstitch.guard.fixes.spots import Sides, Spot, spot_of_parameter, without_none
from lockstitch.guard.sources import ParameterSource, RouteSource
from lockstitch.guard.sources.trails import follow, parameter_of


def keep_parameter(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield what lets a parameter accept all that callers of before send."""
    before, after = case.operations(change)
    route = case.route(change)
    if before is None or after is None or route is None:
        return
    old, new = parameter_of(before, change), parameter_of(after, change)
    source = _source(route, new)
    spot = spot_of_parameter(case, source) if source else None
    if new is None or source is None or spot is None:
        return
    renamed = _old_parameter(case, before, after, new) if old is None else None
    if renamed is not None:
        yield from _keep_old_name(case, spot, source, renamed, new)
        return
    way = change.member
    base = follow(case.base, old.schema, way) if old else None
    revision = follow(case.revision, new.schema, way)
    if revision.rest or (base is not None and base.rest):
        return
    yield from widen(
        case,
        spot,
        Sides(
            base=base.schema if base else revision.schema,
            revision=revision.schema,
            base_required=old.required if old else False,
            revision_required=new.required,
            nested=bool(way),
        ),
    )


def _source(route: RouteSource, parameter: Parameter | None) -> ParameterSource | None:
    if parameter is None:
        return None
    found = [p for p in route.parameters if p.place == parameter.place]
    matching = [p for p in found if p.wire.lower() == parameter.name.lower()]
    return next(iter(sorted(matching, key=lambda one: not one.in_class)), None)


def _old_parameter(
    case: Case, before: Operation, after: Operation, new: Parameter
) -> Parameter | None:
    """Return what the base calls the parameter, if exactly one of its kind has gone."""
    names = {(one.place, one.name) for one in after.parameters}
    gone = [one for one in before.parameters_in(new.place) if (one.place, one.name) not in names]
    fitting = [
        one for one in gone if case.base.resolve(one.schema) == case.revision.resolve(new.schema)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _keep_old_name(
    case: Case, spot: Spot, source: ParameterSource, old: Parameter, new: Parameter
) -> Iterator[Proposal]:
    value = plain_value(new.schema, case.revision, case.sources)
    python_name = old.name.lower().replace("-", "_")
    if value is None or source.in_class or not python_name.isidentifier():
        return
    kind = f"{without_none(_bare(spot.annotation))} | None"
    argument = f"{python_name}: Annotated[{kind}, {spot.call}(deprecated=True)] = None"
    statement = f"if {python_name} is not None:\n    {spot.name} = {python_name}"
    edits: tuple[Edit, ...] = (
        *((spot.set(default=value),) if new.required else ()),
        AddArgument(spot.file, spot.owner, argument),
        AddStatement(spot.file, spot.owner, statement),
        *spot.needs("typing", "Annotated"),
        *spot.needs("fastapi", spot.call),
    )
    yield Proposal(
        kind="old-name-kept",
        explanation=(
            f"`{spot.owner}` takes `{old.name}` for `{new.name}`, marked as deprecated; without "
            f"either it is {value}."
        ),
        edits=edits,
    )


def _bare(annotation: str) -> str:
    """Return the type within `Annotated[...]`."""
    import ast

    node = ast.parse(annotation, mode="eval").body
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Annotated"):
        first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        return ast.unparse(first)
    return annotation
