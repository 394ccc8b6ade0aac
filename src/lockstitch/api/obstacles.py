"""Why a prediction route must be left to FastAPI: what of the owner's stands before it."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute, RouteContext, iter_route_contexts
from starlette.routing import Match, Mount, Route, WebSocketRoute

from lockstitch.api.problems import owners_handlers
from lockstitch.api.route import Endpoint

# Of these it is known how they match; another class may decide by anything in the request.
_KNOWN_MATCHES: Final = frozenset(
    kind.matches for kind in (APIRoute, APIWebSocketRoute, Mount, Route, WebSocketRoute)
)


def find_obstacle_of_all(app: FastAPI, *, builds_its_stack: bool) -> str | None:
    """Return why no route of an application can be compiled, or None.

    Args:
        app: The application, started.
        builds_its_stack: Whether its middleware is not put together by FastAPI alone.
    """
    if builds_its_stack:
        return "the application's middleware is put together by another library"
    if app.user_middleware:
        names = ", ".join(_spelling(middleware.cls) for middleware in app.user_middleware)
        return f"middleware applies: {names}"
    handled = owners_handlers(app)
    if handled:
        return f"the application has exception handlers of its own: {', '.join(handled)}"
    return _obstacle_of_router(app)


def find_obstacle(app: FastAPI, context: RouteContext, endpoint: Endpoint) -> str | None:
    """Return why one route cannot be compiled, or None."""
    if context.methods != {"POST"} or "{" in str(context.path):
        return "it is no POST to one literal path"
    if endpoint.plain is None:
        return f"dependencies apply: {', '.join(_dependencies(context))}"
    if context.max_body_size is not None:
        return "a router's max_body_size applies"
    if context.dependency_overrides_provider is not app:
        return "it is included by a router of another application"
    first = _first_match(app, context)
    if first is not None:
        return f"another route may answer first: {first}"
    return None


def _obstacle_of_router(app: FastAPI) -> str | None:
    if type(app.router) is not APIRouter:
        return f"the application's router is {_spelling(type(app.router))}"
    if app.router.middleware_stack != app.router.app:
        return "the application's router has middleware of its own"
    if app.max_body_size is not None:
        return "the application's max_body_size applies"
    return None


def _dependencies(context: RouteContext) -> list[str]:
    found = [_spelling(needed.call) for needed in context.dependant.dependencies]
    return found or ["parameters of the endpoint"]


def _first_match(app: FastAPI, wanted: RouteContext) -> str | None:
    """Return the route that FastAPI would ask before this one and that may answer."""
    path = str(wanted.path)
    scope = {"type": "http", "method": "POST", "path": path, "root_path": "", "headers": []}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if route is wanted.original_route and context.path == path:
            return None
        spelling = f"{context.path or ''} ({_spelling(type(route))})".strip()
        if type(route).matches not in _KNOWN_MATCHES:
            return spelling
        if context.matches(dict(scope))[0] is Match.FULL:
            return spelling
    return "it is not among the application's routes"


def _spelling(thing: Any) -> str:
    kind = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{kind.__module__}.{kind.__qualname__}"
