"""Prediction routes that are answered in front of FastAPI, where it has nothing to add.

FastAPI's middleware, exception stacks and search for the route cost more than a small model. A
compiled route runs the same endpoint on the same request and skips them. So it is compiled only
where nothing of the owner's stands between, and start-up says which routes are, and why the others
are not. Whatever is not a plain POST to such a path goes on to the application as it came.
"""

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch.api.indexed_request import IndexedRequest
from lockstitch.api.obstacles import find_obstacle, find_obstacle_of_all
from lockstitch.api.route import Endpoint, PredictionRoute
from lockstitch.api.usual import is_usual, usual_answer
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.api")


class CompiledRoutes:
    """The compiled routes of one application, by path; none before `compile`."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        # Asked before our own layers are put around it.
        self._builds_its_stack = _builds_its_stack(app)
        self._routes: dict[str, _CompiledRoute] = {}

    @property
    def paths(self) -> list[str]:
        """The paths that are compiled."""
        return list(self._routes)

    def compile(self, settings: Settings) -> None:
        """Compile what can be, and say in the log what is not, and why."""
        self._routes.clear()
        of_all = find_obstacle_of_all(self._app, builds_its_stack=self._builds_its_stack)
        for context in list(iter_route_contexts(self._app.routes)):
            route = context.original_route
            if not isinstance(route, PredictionRoute):
                continue
            path = str(context.path)
            endpoint = Endpoint(route, context)
            obstacle = of_all or find_obstacle(self._app, context, endpoint)
            if obstacle is None:
                self._routes[path] = _CompiledRoute(endpoint, context, settings)
                _log.info("route compiled", path=path)
            else:
                _log.info("route not compiled", path=path, reason=obstacle)

    def in_front_of(self, application: ASGIApp) -> ASGIApp:
        """Return an application that answers the compiled routes and hands on the rest."""
        routes = self._routes
        # It is the same dictionary for as long as the application lives, and tests fill it late.
        overrides = self._app.dependency_overrides

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] == "POST" and not overrides:
                path = get_route_path(scope) if scope.get("root_path") else scope["path"]
                route = routes.get(path)
                # FastAPI's own spans name the route that it has found itself.
                if route is not None and "fastapi.telemetry" not in scope:
                    await route(scope, receive, send)
                    return
            await application(scope, receive, send)

        return dispatch


class _CompiledRoute:
    """One endpoint as an ASGI application of its own."""

    def __init__(self, endpoint: Endpoint, context: RouteContext, settings: Settings) -> None:
        self._endpoint = endpoint
        self._usual = usual_answer(endpoint, settings)
        self._found: dict[str, Any] = {
            "endpoint": context.endpoint,
            "path_params": {},
            "route": context.original_route,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(self._found)
        request = IndexedRequest(scope, receive, send)
        usual = self._usual if is_usual(request) else None
        response = await self._endpoint.handle(request, usual)
        await response(scope, receive, send)


def _builds_its_stack(app: FastAPI) -> bool:
    """Return whether somebody put a builder of their own in the place of FastAPI's."""
    builder = app.build_middleware_stack
    return getattr(builder, "__func__", None) is not FastAPI.build_middleware_stack
