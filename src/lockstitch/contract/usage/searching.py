"""Finding every call of a contract in a front end."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from lockstitch.contract.document import Document
from lockstitch.contract.usage.calls import Base, Call, MemberRead, Stage, Usage
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.invocation import stage_of
from lockstitch.contract.usage.following.search import search
from lockstitch.contract.usage.following.trace import Found
from lockstitch.contract.usage.front_end import FrontEnd
from lockstitch.contract.usage.sending import sends_of
from lockstitch.contract.usage.syntax import Function

_PAGE_FILE: Final = re.compile(r"(^|/)(page|layout|template)\.[jt]sx?$|(^|/)pages/(?!api/)")
_ROUTE_FILE: Final = re.compile(
    r"/app/(?P<app>.*)/route\.[jt]s$|/pages/(?P<pages>api/.*)\.[jt]sx?$"
)
_HOOK: Final = re.compile(r"use[A-Z]")


def find_calls(front_end: FrontEnd, document: Document) -> Usage:
    """Find each place that calls the service, with the members it reads and sends.

    `document` is the contract that the code is written against. Nothing is run and nothing is
    fetched: values are followed through the sources.
    """
    engine = search(front_end, document)
    calls = [_call(engine, found) for found in engine.trace.requests.values()]
    calls.sort(key=lambda call: (call.spot, call.method, call.path))
    stages, uses = _stages(engine)
    return Usage(
        calls=tuple(calls),
        stages=tuple(stages.values()),
        uses=tuple(uses),
        own_routes=tuple(sorted(own_routes(front_end))),
        unfinished=tuple(sorted({_named(function) for function in engine.unfinished})),
    )


def own_routes(front_end: FrontEnd) -> Iterator[str]:
    """Yield the paths that route handlers and API pages of Next.js answer."""
    for name in front_end.sources:
        found = _ROUTE_FILE.search(f"/{name}")
        if found is not None:
            parts = (found["app"] or found["pages"] or "").split("/")
            shown = [_route_part(part) for part in parts if not part.startswith(("(", "@"))]
            yield "/" + "/".join(part for part in shown if part and part != "index")


def _route_part(part: str) -> str:
    return "**" if part.startswith(("[...", "[[...")) else "{}" if part.startswith("[") else part


def _call(engine: Engine, found: Found) -> Call:
    request = found.request
    sends, whole = sends_of(engine, found)
    owner = stage_of(request.site.function)
    return Call(
        operation=request.operation,
        method=request.method,
        path=request.path,
        spot=request.site.spot,
        style=request.style,
        base=_base(found),
        reads=tuple(sorted(_reads(found), key=lambda read: (read.spot, read.path))),
        sends=sends,
        claims=tuple(sorted(found.claims, key=lambda claim: (claim.spot, claim.path))),
        body_is_whole=whole,
        owner=_key(engine, owner) if owner is not None else request.site.spot.file,
    )


def _reads(found: Found) -> Iterator[MemberRead]:
    """What is asked for before it is read may be missing: it is read as if of a problem."""
    for read in found.reads:
        if (read.side, read.path) not in found.probes:
            yield read


def _base(found: Found) -> Base:
    """Return the base that says most: a literal before a variable."""
    ranked = sorted(found.bases, key=lambda one: (not one.origin, one.variable or "", str(one)))
    variable = next((one.variable for one in ranked if one.variable is not None), None)
    first = ranked[0]
    return replace(first, variable=variable)


def _stages(engine: Engine) -> tuple[dict[str, Stage], list[tuple[str, str]]]:
    stages: dict[str, Stage] = {}
    uses: dict[tuple[str, str], None] = {}
    for outer, inner in engine.trace.uses:
        for function in (outer, inner):
            _add(engine, function, stages)
        uses[_key(engine, outer), _key(engine, inner)] = None
    for found in engine.trace.requests.values():
        owner = stage_of(found.request.site.function)
        if owner is not None:
            _add(engine, owner, stages)
    return dict(sorted(stages.items())), sorted(uses)


def _add(engine: Engine, function: Function, stages: dict[str, Stage]) -> None:
    spot = engine.spot(function.file, function.at)
    stage = Stage(name=function.name, kind=_kind(function), spot=spot)
    stages.setdefault(stage.key, stage)


def _kind(function: Function) -> Literal["page", "component", "hook", "function"]:
    if _HOOK.match(function.name):
        return "hook"
    if not function.name[:1].isupper():
        return "function"
    is_page = function.renders and _PAGE_FILE.search(function.file)
    return "page" if is_page else "component"


def _key(engine: Engine, function: Function) -> str:
    del engine
    return f"{function.file}#{function.name}"


def _named(function: Function) -> str:
    return f"{function.file}:{function.at[0] + 1} {function.name}".rstrip()
