"""The extension that mounts Lockstitch on an ordinary FastAPI application."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from lockstitch.api import (
    accounts,
    audit_log,
    credentials,
    datasets,
    health,
    invitations,
    keys,
    members,
    models,
    organisations,
    outbox,
    prediction_batches,
    prediction_streams,
    predictions,
    sign_in_providers,
)
from lockstitch.api.boundary import Boundary
from lockstitch.api.compiled import CompiledRoutes
from lockstitch.api.cors import refuse_open_cors
from lockstitch.api.description import audiences
from lockstitch.api.lifespan import wrap_lifespan
from lockstitch.api.problems import Problem, answer_http_error, answer_problem
from lockstitch.api.request_context import RequestContext
from lockstitch.api.route import ContractRoute
from lockstitch.api.traces import Traces
from lockstitch.contract.export import Document, export_document
from lockstitch.errors import ConfigurationError, LockstitchError, RouteNotReady
from lockstitch.serving.model import Model
from lockstitch.serving.streaming import StreamingModel
from lockstitch.settings import Settings


class Lockstitch:
    """Mounts typed routes for each model, identity, history and health on an application.

    The application stays its owner's: routes, middleware, dependencies, exception handlers and
    lifespan keep working, whether they are added before or after. Nothing is read, opened or
    connected before the application starts.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        models: Sequence[type[Model[Any, Any]]] = (),
        settings: Settings | None = None,
    ) -> None:
        """Mount on an application.

        Args:
            app: The application.
            models: The classes to serve, each with a name of its own.
            settings: Read from the environment at start-up when not given.

        Raises:
            ConfigurationError: Two models share a name, or one is not typed.
        """
        self.app = app
        self.models = _by_name(models)
        self._document: Document | None = None
        for router in self._routers():
            app.include_router(router)
        app.openapi = self.openapi  # type: ignore[method-assign]
        self._compiled = CompiledRoutes(app)
        self._traces = Traces()
        self._boundary: Boundary | None = None
        self._settings: Settings | None = None
        self._wrap_stack()
        app.add_exception_handler(LockstitchError, answer_problem)
        _answer_unknown_paths(app)
        app.state.lockstitch_extension = self
        wrap_lifespan(
            app,
            self.models,
            configure=self._configure,
            ready=self._compiled.compile,
            settings=settings,
            traces=self._traces,
        )

    def openapi(self) -> Document:
        """Return the contract; `/openapi.json` serves it and `lockstitch export` writes it."""
        if self._document is None:
            self._document = export_document(self.app, Problem)
        return self._document

    @property
    def compiled_paths(self) -> list[str]:
        """The paths that are answered in front of FastAPI, since the application started."""
        return self._compiled.paths

    def refuse_undeclared_routes(self) -> None:
        """Check that each route of ours says who may call it.

        Raises:
            RouteNotReady: A route declares no audience, or several.
        """
        for context in iter_route_contexts(self.app.routes):
            route = context.original_route
            if not isinstance(route, ContractRoute):
                continue
            declared = set(audiences(context.dependant))
            if len(declared) != 1:
                raise RouteNotReady(
                    f"{context.path} declares {len(declared) or 'no'} audience"
                    f"{'s' if len(declared) > 1 else ''}. Add exactly one, such as "
                    "dependencies=[Depends(person())]."
                )

    def _configure(self, settings: Settings) -> None:
        """Check the application and give the boundary its settings, before anything is opened."""
        self.refuse_undeclared_routes()
        refuse_open_cors(self.app)
        self._settings = settings
        if self._boundary is not None:
            self._boundary.configure(settings)

    def _wrap_stack(self) -> None:
        """Put our outermost layers around all middleware, whenever it is added.

        Starlette's handler of unexpected errors stands outside every middleware that can be added;
        its answers too need an id and headers.
        """
        build = self.app.build_middleware_stack

        def build_wrapped() -> ASGIApp:
            self._boundary = Boundary(self._compiled.in_front_of(build()))
            if self._settings is not None:
                self._boundary.configure(self._settings)
            return self._traces.in_front_of(RequestContext(self._boundary))

        self.app.build_middleware_stack = build_wrapped  # type: ignore[method-assign]

    def _routers(self) -> list[APIRouter]:
        resources = [
            health,
            accounts,
            sign_in_providers,
            credentials,
            organisations,
            members,
            invitations,
            keys,
            audit_log,
            models,
            predictions,
            datasets,
            outbox,
        ]
        mounted = [resource.router for resource in resources]
        for model in self.models.values():
            mounted += [models.mount_model(model), prediction_batches.mount_batch(model)]
            if issubclass(model, StreamingModel):
                mounted.append(prediction_streams.mount_stream(model))
        return mounted


def find_lockstitch(app: object) -> Lockstitch:
    """Return the extension that is mounted on an application.

    Raises:
        ConfigurationError: It is no FastAPI application, or has no extension.
    """
    extension = getattr(getattr(app, "state", None), "lockstitch_extension", None)
    if not isinstance(extension, Lockstitch):
        raise ConfigurationError(
            "The application does not use Lockstitch. Add Lockstitch(app, models=[…]) to it."
        )
    return extension


def _by_name(models: Sequence[type[Model[Any, Any]]]) -> dict[str, type[Model[Any, Any]]]:
    found: dict[str, type[Model[Any, Any]]] = {}
    for model in models:
        if model.name in found:
            raise ConfigurationError(
                f"{model.__qualname__} and {found[model.name].__qualname__} are both named "
                f"{model.name!r}. Give one of them another `name`."
            )
        found[model.name] = model
    return found


def _answer_unknown_paths(app: FastAPI) -> None:
    """Answer what no route takes with a problem, unless the owner has a handler for that."""
    handlers = app.exception_handlers
    if handlers.get(HTTPException) is http_exception_handler:
        app.add_exception_handler(HTTPException, answer_http_error)
