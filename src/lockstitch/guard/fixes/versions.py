"""A route that changed too much for a small fix: the old one stays, the new one moves to /v2.

The old function comes back from the source of the base, with those of the definitions that it
uses which have changed since; they get a name that ends in `V1` or `_v1`.
"""

import json
from collections.abc import Iterator

from lockstitch.contract.difference import Change
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import AddAtEnd, AddBefore, Edit, SetDecorator
from lockstitch.guard.fixes.old_code import OldCode, old_code
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.registrations import registration_of


def version_route(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that keeps the old route and moves the new one to a new version."""
    before, _ = case.operations(change)
    route = case.route(change)
    found = registration_of(case, route) if route else None
    if before is None or found is None:
        return
    old = old_code(case, before, found.route.file)
    if old is None:
        return
    moved = json.dumps(f"/v2{found.path}")
    edits: tuple[Edit, ...] = (
        SetDecorator(found.route.file, found.route.function, found.code, first=moved),
        *(AddBefore(found.route.file, found.route.function, code) for code in old.pieces),
        *old.imports,
    )
    yield Proposal(
        kind="route-versioned",
        explanation=(
            f"`{before.method.upper()} {before.path}` is the route of before again, marked as "
            f"deprecated; the new one is `{found.prefix}/v2{found.path}`.{_shared_state(old)}"
        ),
        edits=edits,
    )


def restore_route(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that brings a removed route back from the source of the base."""
    before, after = case.operations(change)
    if before is None or after is not None:
        return
    for name in sorted(case.base_texts):
        old = old_code(case, before, name) if name in case.texts else None
        if old is None:
            continue
        yield Proposal(
            kind="route-restored",
            explanation=(
                f"`{before.method.upper()} {before.path}` is there again, marked as deprecated, "
                f"until no caller uses it any more.{_shared_state(old)}"
            ),
            edits=(*_at_its_place(case, name, old), *old.imports),
        )
        return


def _shared_state(old: OldCode) -> str:
    if not old.state:
        return ""
    words = ", ".join(f"`{name}`" for name in old.state)
    return f" It keeps {words} of its own: let both routes share what they store."


def _at_its_place(case: Case, name: str, old: OldCode) -> Iterator[Edit]:
    """Put the route before the one that followed it in the base, else at the end."""
    now = case.now(name).definitions
    following = next((one for one in old.following if one in now), None)
    if following is None:
        yield AddAtEnd(name, "\n\n\n".join(old.pieces))
    for code in old.pieces if following else ():
        yield AddBefore(name, following or "", code)
