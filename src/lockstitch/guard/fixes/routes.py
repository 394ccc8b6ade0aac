"""Fixes of whole operations: a route that moved keeps its old path, a status its old number."""

import json
from collections.abc import Iterator

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Operation
from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import AddDecorator, Edit, SetDecorator
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.registrations import Registration, registration_of
from lockstitch.guard.fixes.routers import include_again, router_of, second_router
from lockstitch.guard.sources.places import path_shape


def keep_route(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that lets the function of a moved route answer its old path as well."""
    base, _ = case.operations(change)
    moved = _moved(case, base) if base else None
    route = case.sources.route(moved.method, moved.path) if moved else None
    found = registration_of(case, route) if route else None
    if base is None or moved is None or found is None:
        return
    explanation = (
        f"`{base.method.upper()} {base.path}` is answered by the function that answers "
        f"`{moved.method.upper()} {moved.path}` now, and marked as deprecated."
    )
    if base.path.startswith(found.prefix):
        path = base.path.removeprefix(found.prefix)
        edits: tuple[Edit, ...] = (_second_decorator(case, base, moved, found, path),)
    else:
        edits = tuple(_under_old_prefix(case, base, moved, found))
    if edits:
        yield Proposal("route-kept", explanation, edits)


def _moved(case: Case, base: Operation) -> Operation | None:
    """Return the operation of the revision that is the base's under another path or method."""
    known = {(one.method, path_shape(one.path)) for one in case.base.operations}
    new = [o for o in case.revision.operations if (o.method, path_shape(o.path)) not in known]
    name = _function_name(base)
    ranked = sorted(
        (
            (_function_name(one) == name, _alike(one, base), one.method == base.method, place)
            for place, one in enumerate(new)
        ),
        reverse=True,
    )
    if not ranked or not (ranked[0][0] or ranked[0][1]):
        return None
    return new[ranked[0][3]]


def _function_name(operation: Operation) -> str:
    """Undo FastAPI's way of making operation ids: the name of the function is left."""
    suffix = "".join(c if c.isalnum() or c == "_" else "_" for c in operation.path)
    return operation.id.removesuffix(f"{suffix}_{operation.method}")


def _alike(one: Operation, other: Operation) -> bool:
    """Whether two operations take and answer the same."""
    names = [{p.name for p in side.parameters} for side in (one, other)]
    bodies = [
        [content.schema for content in side.body.contents] if side.body else []
        for side in (one, other)
    ]
    answers = [
        [(r.status, tuple(c.schema for c in r.contents)) for r in side.responses]
        for side in (one, other)
    ]
    return names[0] == names[1] and bodies[0] == bodies[1] and answers[0] == answers[1]


def _under_old_prefix(
    case: Case, base: Operation, moved: Operation, found: Registration
) -> Iterator[Edit]:
    """Yield what lets a router answer under its old prefix as well."""
    if not path_shape(base.path).endswith(path_shape(found.path)):
        return
    old = base.path[: _prefix_length(base.path, found.path)]
    router = router_of(case, found)
    included = found.prefix.removesuffix(router.prefix) if router else found.prefix
    own = router.prefix if router else ""
    if old.endswith(own):
        yield from include_again(case, found, included, old.removesuffix(own) if own else old)
    elif router and old.startswith(included):
        yield from second_router(case, router, old.removeprefix(included))
        name = f"{router.name}_before"
        yield _second_decorator(case, base, moved, found, base.path.removeprefix(old), name)


def _prefix_length(path: str, ending: str) -> int:
    """Return how much of a path stands before its last parts."""
    parts = path.split("/")
    kept = parts[: len(parts) - ending.count("/")]
    return len("/".join(kept))


def _second_decorator(
    case: Case,
    base: Operation,
    moved: Operation,
    found: Registration,
    path: str,
    registrar: str | None = None,
) -> AddDecorator:
    """Return the old decorator: the new one with the old path and method."""
    for old, new in zip(_parameters(base.path), _parameters(moved.path), strict=False):
        path = path.replace(f"{{{old}}}", f"{{{new}}}")
    keywords = [one for one in found.call.keywords if one.arg not in {"deprecated", "operation_id"}]
    file = case.now(found.route.file)
    given = [json.dumps(path), *(file.code(one) for one in keywords)]
    given += [] if registrar else ["deprecated=True"]  # The old router is deprecated as a whole.
    if any(one.arg == "operation_id" for one in found.call.keywords):
        given.append(f"operation_id={json.dumps(base.id)}")
    code = call_code(f"@{registrar or found.registrar}.{base.method}", given, 0)
    return AddDecorator(found.route.file, found.route.function, code)


def _parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def restore_status(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that answers with the number of before."""
    before, after = case.operations(change)
    route = case.route(change)
    found = registration_of(case, route) if route else None
    if before is None or after is None or found is None:
        return
    old = [one.status for one in before.responses if one.status.startswith("2")]
    new = [one.status for one in after.responses if one.status.startswith("2")]
    if len(old) != 1 or old == new or not old[0].isdecimal():
        return
    keyword = ("status_code", None if old[0] == "200" else old[0])
    start = found.code
    yield Proposal(
        kind="status-restored",
        explanation=f"The route answers with status {old[0]} as before.",
        edits=(SetDecorator(found.route.file, found.route.function, start, keywords=(keyword,)),),
    )
