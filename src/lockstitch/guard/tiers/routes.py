"""What the routes of a live FastAPI application say: their models, callers and functions."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security.base import SecurityBase
from pydantic import BaseModel

from lockstitch.contract.export import AUDIENCE
from lockstitch.contract.extensions import Audience as DeclaredAudience
from lockstitch.identity.audience import Audience, Public

Side = Literal["request", "response"]

# Whoever reads one of these knows, or can know, who is calling.
_IDENTIFYING = ("authorization", "api_key", "api-key", "bearer", "credentials", "signature")
_READS_IDENTITY = re.compile(
    r"cookies\b|headers\s*(?:\.get\(|\[)\s*[\"'](?:authorization|x-api-key|cookie)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that a route takes or answers; `direct` when it is not inside of another."""

    model: type[BaseModel]
    side: Side
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the application.

    Attributes:
        audience: What it declares of its callers, by a dependency or in its part of the contract.
        identified: Whether a dependency finds out who is calling, or is said to.
        functions: The function of the route, and those of its dependencies.
    """

    method: str
    path: str
    uses: tuple[ModelUse, ...]
    audience: DeclaredAudience | None
    identified: bool
    functions: tuple[Callable[..., Any], ...]

    @property
    def name(self) -> str:
        """`GET /tasks`."""
        return f"{self.method} {self.path}"

    @property
    def claims(self) -> frozenset[str] | None:
        """What the token of its callers holds; None when nothing is said of it."""
        told = None if self.audience is None else self.audience.claims
        return None if told is None else frozenset(told)


def read_routes(app: FastAPI) -> tuple[Route, ...]:
    """Return the operations of an application, included routers and all."""
    return tuple(
        _route(context, method)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods or ())
        if method != "HEAD"
    )


def _route(context: Any, method: str) -> Route:
    dependants = list(_tree(context.dependant))
    audiences = [one.call for one in dependants if isinstance(one.call, Audience)]
    audience = _audience(context, audiences)
    return Route(
        method=method,
        path=context.path,
        uses=tuple(_uses(context)),
        audience=audience,
        identified=(
            any(_identifies(one) for one in dependants)
            if audience is None
            else audience.kind != Public.name
        ),
        functions=tuple(_functions(dependants)),
    )


def _tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for dependency in dependant.dependencies:
        yield from _tree(dependency)


def _audience(context: Any, audiences: list[Audience]) -> DeclaredAudience | None:
    if audiences:
        described = {**audiences[0].describe(), "claims": tuple(audiences[0].claims)}
        return DeclaredAudience.model_validate(described)
    declared = (context.openapi_extra or {}).get(AUDIENCE)
    return DeclaredAudience.model_validate(declared) if declared else None


def _identifies(dependant: Dependant) -> bool:
    if isinstance(dependant.call, SecurityBase) or dependant.cookie_params:
        return True
    names = [field.alias.lower() for field in dependant.header_params]
    if any(word in name for name in names for word in _IDENTIFYING):
        return True
    # A function may read the header itself; what it calls is not followed.
    return _READS_IDENTITY.search(_source(dependant.call)) is not None


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def _functions(dependants: list[Dependant]) -> Iterator[Callable[..., Any]]:
    for dependant in dependants:
        if inspect.isfunction(dependant.call):
            yield dependant.call


# The models


def _uses(context: Any) -> Iterator[ModelUse]:
    for field in context.dependant.body_params:
        for number, model in enumerate(models_in(field.field_info.annotation)):
            yield ModelUse(model, "request", number == 0)
    for number, model in enumerate(models_in(context.response_model)):
        yield ModelUse(model, "response", number == 0)


def models_in(annotation: Any) -> tuple[type[BaseModel], ...]:
    """Return the models that a type consists of, those in their fields included."""
    return tuple(_models(annotation, {}))


def _models(annotation: Any, seen: dict[type[BaseModel], None]) -> dict[type[BaseModel], None]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return seen
        seen[annotation] = None
        for field in annotation.model_fields.values():
            _models(field.annotation, seen)
    for part in get_args(annotation):
        _models(part, seen)
    return seen
