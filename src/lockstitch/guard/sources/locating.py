"""The line of the source that a change is about."""

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Document
from lockstitch.findings import Place
from lockstitch.guard.sources.places import ApplicationSources, RouteSource
from lockstitch.guard.sources.trails import body_trail, operation_of, parameter_of


def place_of(change: Change, document: Document, sources: ApplicationSources) -> Place | None:
    """Return where the application declares what a change is about.

    That is the field of the model, else the model, the parameter or the function of the route.

    Args:
        change: What differs.
        document: The contract of the application that `sources` is of, base or revision.
        sources: The places of that application.
    """
    route = sources.route((change.method or "").lower(), change.path)
    operation = operation_of(document, change)
    if operation is None or route is None:
        return sources.model_place(change.part) if change.path is None else None
    if change.direction == "neither":
        return route.source
    if parameter_of(operation, change) is not None:
        return _parameter_place(route, change) or route.source
    trail = body_trail(document, operation, change)
    if trail is None:
        return route.source
    step = trail.owner if not trail.rest else None
    model = sources.model(step.key if step else trail.key)
    if model is None:
        return _body_place(route, change) or route.source
    field = model.field(step.name) if step else None
    return field.place if field else model.place


def _parameter_place(route: RouteSource, change: Change) -> Place | None:
    name = (change.part or "").lower()
    found = [one for one in route.parameters if one.wire.lower() == name and one.place != "body"]
    ordered = sorted(found, key=lambda one: not one.in_class)
    return ordered[0].source if ordered else None


def _body_place(route: RouteSource, change: Change) -> Place | None:
    """Return the argument of a body that has no model: a form field, or the body as a whole."""
    bodies = [one for one in route.parameters if one.place == "body"]
    named = [one for one in bodies if change.member[:1] == (one.wire,)]
    chosen = named or (bodies if len(bodies) == 1 else [])
    return chosen[0].source if chosen and change.direction == "request" else None
