"""Versions of one API side by side: which operations a version has, and how one says goodbye.

```python
from lockstitch.contract.versions import deprecate

app.include_router(v1)  # /v1/tasks
app.include_router(v2)  # /v2/tasks
deprecate(app, "/v1", since=date(2026, 3, 1), sunset=date(2026, 9, 1), replaced_by="/v2")
```
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.contract.declarations import deprecated_members
from lockstitch.contract.extensions import PREFIX, Deprecation
from lockstitch.contract.reading.documents import METHODS
from lockstitch.errors import ConfigurationError

_VERSION: Final = re.compile(r"v\d+(?:[._-]?\w+)*", re.IGNORECASE)
_SCHEMAS: Final = "#/components/schemas/"
_STATE: Final = "lockstitch_deprecations"
_MEMBER: Final = f"{PREFIX}{Deprecation.name}"


def deprecate(
    app: FastAPI,
    path: str,
    *,
    since: date,
    sunset: date | None = None,
    replaced_by: str | None = None,
    link: str | None = None,
) -> None:
    """Announce that everything below a path will go.

    Each answer below it, errors too, gets the headers Deprecation, Sunset and Link, and each
    operation is deprecated in the contract. What a route declares of itself stays.

    Args:
        app: The application, with its routers included.
        path: Such as "/v1", or the path of a single route, such as "/v1/tasks/{id}".
        since: The day on which it was, or will be, deprecated.
        sunset: The day from which it may be gone.
        replaced_by: The path below which the same routes are, such as "/v2".
        link: Where a person reads more.

    Raises:
        ConfigurationError: No route is below the path.
    """
    path = path.rstrip("/")
    paths = {context.path or "" for context in iter_route_contexts(app.routes)}
    if not any(_is_below(at, path) for at in paths):
        raise ConfigurationError(
            f"No route is below {path}. Include its router before deprecate(app, {path!r}, …)."
        )
    fact = Deprecation(since=since, sunset=sunset, link=link)
    _announced(app).append(_Announcement(path, replaced_by, fact))
    app.add_middleware(_Announced, path=path, headers=fact.headers)


@dataclass(frozen=True, slots=True)
class _Announcement:
    path: str
    replaced_by: str | None
    fact: Deprecation


def _announced(app: FastAPI) -> list[_Announcement]:
    """Return what an application has announced; with the first, its contract begins to say so."""
    announced: list[_Announcement] | None = getattr(app.state, _STATE, None)
    if announced is None:
        announced = []
        setattr(app.state, _STATE, announced)
        described = app.openapi

        def openapi() -> dict[str, Any]:
            document = described()
            tell_deprecations(app, document)
            return document

        app.openapi = openapi  # type: ignore[method-assign]
    return announced


def tell_deprecations(app: FastAPI, document: Mapping[str, Any]) -> None:
    """Write into an application's document what `deprecate` has announced of it.

    What an operation declares of itself stays.
    """
    announced: list[_Announcement] = getattr(app.state, _STATE, [])
    paths = document.get("paths", {})
    for one in announced:
        for path, item in paths.items():
            if not _is_below(path, one.path):
                continue
            twin = f"{one.replaced_by}{path.removeprefix(one.path)}"
            for method in set(item) & set(METHODS):
                known = method in paths.get(twin, {})
                replacement = f"{method.upper()} {twin}" if known else None
                told = one.fact.model_copy(update={"replacement": replacement})
                if _MEMBER not in item[method]:
                    item[method].update(deprecated_members(told))


def _is_below(at: str, path: str) -> bool:
    return at == path or at.startswith(f"{path}/")


class _Announced:
    """Adds the headers to every answer below a path."""

    def __init__(self, app: ASGIApp, path: str, headers: Mapping[str, str]) -> None:
        self._app = app
        below = re.sub(r"\\{[^{}]+\\}", "[^/]+", re.escape(path))
        self._below = re.compile(rf"{below}(?:/.*)?")
        self._headers = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not self._below.fullmatch(path):
            await self._app(scope, receive, send)
            return

        async def announced(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                if not any(name.lower() == b"deprecation" for name, _ in own):
                    message = {**message, "headers": [*own, *self._headers]}
            await send(message)

        await self._app(scope, receive, announced)


# A client of one version


def select_version(document: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return the document with the operations of one version, and of none.

    An operation is of a version when its path has that part, as `/v1/tasks` and `/api/v1/tasks`
    have, or when it is tagged with it. Schemas that only other versions use are left out.

    Raises:
        ConfigurationError: No operation is of the version.
    """
    paths: dict[str, Any] = {}
    versions: set[str] = set()
    for path, item in document.get("paths", {}).items():
        kept = {}
        for name, value in item.items():
            found = _versions(path, value) if name in METHODS else set()
            versions |= found
            if not found or version in found:
                kept[name] = value
        if set(kept) & set(METHODS):
            paths[path] = kept
    if version not in versions:
        known = f"It has {', '.join(sorted(versions))}." if versions else "It has no versions."
        raise ConfigurationError(f"The contract has no operation of version {version!r}. {known}")
    return _pruned({**document, "paths": paths})


def _versions(path: str, operation: Mapping[str, Any]) -> set[str]:
    named = [*path.split("/"), *map(str, operation.get("tags", ()))]
    return {one for one in named if _VERSION.fullmatch(one)}


def _pruned(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without component schemas that nothing refers to."""
    components = document.get("components", {})
    schemas = components.get("schemas", {})
    rest = {name: value for name, value in components.items() if name != "schemas"}
    reached: dict[str, Any] = {}
    waiting = list(_named([{**document, "components": rest}]))
    while waiting:
        name = waiting.pop()
        if name in schemas and name not in reached:
            reached[name] = schemas[name]
            waiting += _named([schemas[name]])
    kept = {name: schema for name, schema in schemas.items() if name in reached}
    return {**document, "components": {**rest, "schemas": kept}} if schemas else document


def _named(nodes: list[Any]) -> Iterator[str]:
    """Yield the names of the component schemas that parts of a document refer to."""
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, Mapping):
            nodes += node.values()
        elif isinstance(node, str) and node.startswith(_SCHEMAS):
            yield node.removeprefix(_SCHEMAS).partition("/")[0].replace("~1", "/")
