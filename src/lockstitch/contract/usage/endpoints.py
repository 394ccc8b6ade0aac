"""Calls that no operation answers, and clients that expect the service at different places."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from lockstitch.contract.document import Document
from lockstitch.contract.usage.calls import Base, Call, Spot, Usage
from lockstitch.contract.usage.urls import HOLE, Router, Target, prefix_of
from lockstitch.findings import Finding

# Whose calls are the same client's: an origin, an environment variable, or the page's own origin.
Group = tuple[str | None, str | None]

_LOCAL: Final = re.compile(
    r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|[\w-]+)(:\d+)?$", re.IGNORECASE
)
_SERVICE_VARIABLE: Final = re.compile(r"API|BACKEND|SERVICE|SERVER|BASE_?URL", re.IGNORECASE)
_FOREIGN_VARIABLE: Final = re.compile(r"SUPABASE|STRIPE|AUTH0|CLERK|SENTRY|POSTHOG", re.IGNORECASE)
_PUBLIC: Final = re.compile(r"(NEXT_PUBLIC|VITE|REACT_APP|PUBLIC|EXPO_PUBLIC)_")


def endpoint_findings(usage: Usage, document: Document) -> Iterator[Finding]:
    """Yield a finding for each call of the service that it will not answer as meant."""
    router = Router(document)
    ours = _calls_of_the_service(usage, document)
    for call in ours:
        if call.operation is None:
            yield _unknown(router, call)
    yield from _bases(ours)


def _calls_of_the_service(usage: Usage, document: Document) -> list[Call]:
    """Return the calls that mean this service, whether it answers them or not."""
    groups: dict[Group, list[Call]] = defaultdict(list)
    for call in usage.calls:
        groups[_group(call.base)].append(call)
    ours: set[Call] = set()
    for group, calls in groups.items():
        known = {call.base.prefix for call in calls if call.operation is not None}
        ours |= {
            call
            for call in calls
            if call.operation is not None
            or (_is_of_the_service(group, call, document, known=known) and not _is_own(usage, call))
        }
    # The same path at another host is the same service, at a place that was forgotten.
    paths = {_without_prefix(call.path) for call in ours}
    ours |= {
        call for call in usage.calls if call.base.origin and _without_prefix(call.path) in paths
    }
    return [call for call in usage.calls if call in ours]


def _without_prefix(path: str) -> str:
    return path.removeprefix(prefix_of(path))


def _group(base: Base) -> Group:
    return base.origin or None if base.variable else base.origin, base.variable


def _is_of_the_service(group: Group, call: Call, document: Document, *, known: set[str]) -> bool:
    """Whether an unknown call means the service; `known` are prefixes of calls that do."""
    origin, variable = group
    if "." in call.path.rsplit("/", 1)[-1]:
        # A file of the page's own origin, such as `/locales/en.json`.
        return False
    if origin:
        servers = {_origin(server) for server in document.servers}
        return bool(_LOCAL.fullmatch(origin)) or origin in servers
    if variable is not None:
        of_service = _SERVICE_VARIABLE.search(variable) and not _FOREIGN_VARIABLE.search(variable)
        return bool(known or of_service)
    if origin is None:
        return bool(known)
    # Pages, files and data of the front end itself have the same origin.
    mounts = {prefix for prefix in known if prefix} | {"/api"}
    is_mounted = any(call.path.startswith(f"{mount}/") for mount in mounts)
    return is_mounted or ("" in known and not call.path.startswith("/_"))


def _origin(server: str) -> str:
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}"


def _is_own(usage: Usage, call: Call) -> bool:
    """Whether a route handler of the front end itself answers."""
    return call.base.origin == "" and any(
        _fits(route.split("/"), call.path.split("/")) for route in usage.own_routes
    )


def _fits(route: list[str], path: list[str]) -> bool:
    for position, part in enumerate(route):
        if part == "**":
            return True
        if position >= len(path) or part not in {path[position], HOLE}:
            return False
    return len(route) == len(path)


def target_for(call: Call) -> Target:
    """Return the address of a call."""
    return Target(
        origin=call.base.origin,
        variable=call.base.variable,
        segments=tuple(part for part in call.path.split("/") if part),
    )


def _unknown(router: Router, call: Call) -> Finding:
    target = target_for(call)
    methods = router.methods(target)
    if methods:
        listed = ", ".join(methods)
        return Finding(
            rule="wrong-method",
            severity="error",
            place=call.spot.place,
            message=f"{call.method} {call.path} is called, and the contract has {listed} there.",
            fix=f"Call it with {listed}, or add {call.method} to the service.",
            subject=f"{call.method} {call.path}",
        )
    near = router.nearest(target)
    return Finding(
        rule="unknown-endpoint",
        severity="error",
        place=call.spot.place,
        message=f"{call.method} {call.path} is called, and no operation of the contract answers.",
        fix=f"The nearest path of the contract is {near}." if near else "Add the operation.",
        subject=f"{call.method} {call.path}",
    )


def _bases(calls: list[Call]) -> Iterator[Finding]:
    """Yield a finding at each client but the first that expects the service elsewhere."""
    first = _clients(calls)
    if len(first) < 2:  # noqa: PLR2004 - one place is none too many
        return
    names = ", ".join(sorted(first))
    (_, start), *others = first.items()
    for name, call in others:
        yield Finding(
            rule="base-urls-differ",
            severity="warning",
            place=call.spot.place,
            message=f"This client expects the service at {name}; together they name {names}.",
            fix="Let all clients take the base from one place.",
            subject=name,
            related=(start.spot.place,),
        )


def _clients(calls: list[Call]) -> dict[str, Call]:
    """Return the first call of each client, by the base that it names.

    One place with several bases, a variable and what stands in for it, is one client.
    """
    names: dict[Spot, list[str]] = defaultdict(list)
    for call in calls:
        name = _spelled(call)
        if name is not None and name not in names[call.spot]:
            names[call.spot].append(name)
    clients: dict[str, Call] = {}
    known: set[str] = set()
    for call in calls:
        spelled = names[call.spot]
        if spelled and known.isdisjoint(spelled):
            clients[spelled[0]] = call
        known.update(spelled)
    return clients


def _spelled(call: Call) -> str | None:
    """Return a base as a person would say it, or None where it may be anything.

    A variable that only the server knows may well differ from what browsers use.
    """
    base = call.base
    if base.variable is not None and not base.origin:
        return f"${base.variable}" if _PUBLIC.match(base.variable) else None
    if base.origin is None:
        return None
    prefix = base.prefix if call.operation is not None else prefix_of(call.path)
    return f"{base.origin}{prefix}" or None
