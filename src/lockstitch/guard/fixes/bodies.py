"""Fixes of bodies: of their members, and of the body as a whole."""

from collections.abc import Iterator

from lockstitch.contract.algebra import Nothing, Object
from lockstitch.contract.difference import Change
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import SetConfig
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.removals import restore_field
from lockstitch.guard.fixes.renames import keep_old_name, new_name, old_name
from lockstitch.guard.fixes.requests import widen
from lockstitch.guard.fixes.responses import narrow
from lockstitch.guard.fixes.spots import Sides, Spot, spot_of_parameter, spot_of_trail
from lockstitch.guard.sources import ModelSource
from lockstitch.guard.sources.trails import ANY_MEMBER, Trail, body_trail, content_of


def keep_member(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield what keeps a member of a body as callers of before know it."""
    before, after = case.operations(change)
    base = body_trail(case.base, before, change)
    revision = body_trail(case.revision, after, change)
    if base is None or revision is None:
        return
    if revision.rest:
        yield from _gone(case, change, base, revision)
    elif base.rest:
        yield from _come(case, change, base, revision)
    else:
        yield from _changed(case, change, base, revision)


def _object(case: Case, trail: Trail, *, of_base: bool) -> Object | None:
    """Return the object at which a way ended before its last member."""
    document = case.base if of_base else case.revision
    shape = document.resolve(trail.schema)
    return shape if isinstance(shape, Object) else None


def _owner(trail: Trail) -> Object | None:
    return trail.owner.shape if trail.owner else None


def _gone(case: Case, change: Change, base: Trail, revision: Trail) -> Iterator[Proposal]:
    """The revision lacks the member: it has another name, or comes back."""
    before, after = _owner(base), _object(case, revision, of_base=False)
    model = case.sources.model(revision.key)
    if before is None or after is None or model is None or len(revision.rest) != 1:
        return
    old = before.member(revision.rest[0])
    if old is None:
        return
    new = new_name(case, before, after, old.name)
    if new is not None:
        proposal = keep_old_name(case, model, change.direction, old, new)
        yield from [proposal] if proposal else []
    elif model.kind == "model":
        yield from restore_field(case, model, old, answered=change.direction == "response")


def _come(case: Case, change: Change, base: Trail, revision: Trail) -> Iterator[Proposal]:
    """The base lacks the member, which the revision demands."""
    before, after = _object(case, base, of_base=True), _owner(revision)
    step = revision.owner
    if before is None or after is None or step is None or len(base.rest) != 1:
        return
    new = after.member(step.name)
    name = old_name(case, before, after, step.name)
    old = before.member(name) if name else None
    model = case.sources.model(step.key)
    if new and old and model:
        proposal = keep_old_name(case, model, change.direction, old, new)
        yield from [proposal] if proposal else []
        return
    spot = _spot(case, change, revision)
    if spot is not None and new is not None and change.direction == "request":
        sides = Sides(new.schema, new.schema, revision_required=new.required)
        yield from widen(case, spot, sides)


def _changed(case: Case, change: Change, base: Trail, revision: Trail) -> Iterator[Proposal]:
    """Both have the member, and they differ in it."""
    yield from _opened(case, change, base, revision)
    spot = _spot(case, change, revision)
    before, after = base.owner, revision.owner
    if spot is None or before is None or after is None:
        return
    old, new = before.shape.member(before.name), after.shape.member(after.name)
    sides = Sides(
        base=base.schema,
        revision=revision.schema,
        base_required=old.required if old else False,
        revision_required=new.required if new else False,
        nested=revision.nested,
    )
    yield from (widen if change.direction == "request" else narrow)(case, spot, sides)


def _opened(case: Case, change: Change, base: Trail, revision: Trail) -> Iterator[Proposal]:
    """The revision refuses members that nobody named, which the base ignored."""
    document = case.base.resolve(base.schema), case.revision.resolve(revision.schema)
    model = case.sources.model(revision.key)
    if change.direction != "request":
        return
    if model is None and change.member[-1:] == (ANY_MEMBER,):
        model = case.sources.model(revision.owner.key if revision.owner else None)
    closed = [isinstance(one, Object) and one.additional == Nothing() for one in document]
    if model is not None and closed == [False, True]:
        yield _ignoring(model)


def _ignoring(model: ModelSource) -> Proposal:
    return Proposal(
        kind="extra-members-ignored",
        explanation=f"`{model.qualname}` ignores members that it does not know, as before.",
        edits=(SetConfig(model.file, model.qualname, (("extra", '"ignore"'),)),),
    )


def _spot(case: Case, change: Change, trail: Trail) -> Spot | None:
    """Return where a member is declared: a field of a model, or an argument of the route."""
    spot = spot_of_trail(case, trail)
    if spot is not None or change.direction != "request" or len(trail.steps) != 1:
        return spot
    route = case.route(change)
    source = route.parameter(trail.steps[0].name, "body") if route else None
    return spot_of_parameter(case, source) if source else None


def keep_body(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield what lets callers leave out a body that they could leave out before."""
    before, after = case.operations(change)
    route = case.route(change)
    if before is None or after is None or after.body is None or route is None:
        return
    bodies = [one for one in route.parameters if one.place == "body"]
    spot = spot_of_parameter(case, bodies[0]) if len(bodies) == 1 else None
    old = before.body.contents if before.body else ()
    new = content_of(after, change)
    base = next((one for one in old if new and one.media_type == new.media_type), new)
    if spot is None or base is None or new is None or base.schema is None or new.schema is None:
        return
    yield from widen(
        case,
        spot,
        Sides(
            base=base.schema,
            revision=new.schema,
            base_required=before.body.required if before.body else False,
            revision_required=after.body.required,
        ),
    )
