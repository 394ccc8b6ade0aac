"""What a route says of itself in the contract: its audience and everything it can answer."""

from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute

from lockstitch.api.idempotency import PARAMETER
from lockstitch.contract.export import AUDIENCE, BEARER_SCHEME, KEY_SCHEME, SECURITY_SCHEME
from lockstitch.contract.extensions import PREFIX, Idempotency
from lockstitch.errors import (
    BodyTooLarge,
    BodyTooSlow,
    DatabaseUnavailable,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    LockstitchError,
    MalformedBody,
    MalformedForm,
    NotFound,
    RoleTooLow,
    RouteNotReady,
    SignInRequired,
    TooManyRequests,
    UnsupportedMediaType,
)
from lockstitch.identity.audience import Account, Audience, PersonOrMachine, Public

_ALWAYS = (LockstitchError, DatabaseUnavailable)
_OF_A_BODY = (BodyTooSlow, BodyTooLarge, UnsupportedMediaType, InvalidRequest)
_OF_AN_IDENTITY = (SignInRequired, RoleTooLow)
_OF_AN_ID = (NotFound,)
_OF_A_KEY = (IdempotencyKeyInUse, IdempotencyKeyReused)


def problems(*kinds: type[LockstitchError]) -> dict[int | str, dict[str, Any]]:
    """Return what FastAPI takes as `responses` for these errors."""
    return {
        kind.status: {
            "description": kind.title,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for kind in kinds
    }


def describe(route: APIRoute) -> None:
    """Write the audience and the possible problems of a route into its part of the contract.

    A route without an audience is left as it is; start-up refuses it.
    """
    declared = audiences(route.dependant)
    if not declared:
        return
    audience = declared[0]
    kinds: list[type[LockstitchError]] = list(_ALWAYS)
    if route.body_field is not None:
        is_form = isinstance(route.body_field.field_info, Form)
        kinds += [MalformedForm if is_form else MalformedBody, *_OF_A_BODY]
    if route.dependant.query_params or route.dependant.path_params:
        kinds.append(InvalidRequest)
    if route.dependant.path_params:
        kinds += _OF_AN_ID
    # A public write can still be refused: when it comes from another site's page.
    if audience.identified:
        kinds += _OF_AN_IDENTITY
    elif (route.methods or set()) - {"GET", "HEAD"}:
        kinds.append(RoleTooLow)
    if is_keyed(route):
        kinds += _OF_A_KEY
    if not isinstance(audience, Public) or audience.limited:
        kinds.append(TooManyRequests)
    described = {**problems(*kinds), **route.responses}
    route.responses = dict(sorted(described.items(), key=lambda item: str(item[0])))
    route.openapi_extra = {
        **(route.openapi_extra or {}),
        AUDIENCE: audience.describe(),
        "security": [{scheme: []} for scheme in _schemes(audience)],
        **({"parameters": [PARAMETER]} if is_keyed(route) else {}),
    }


def is_keyed(route: APIRoute) -> bool:
    """Return whether the route declares that an Idempotency-Key makes it safe to repeat."""
    return (route.openapi_extra or {}).get(f"{PREFIX}{Idempotency.name}") == "key"


def caller_parameter(route: APIRoute) -> str:
    """Return which parameter of an endpoint is the caller.

    Raises:
        RouteNotReady: None is. Keys belong to callers, so a keyed route must know its own.
    """
    for dependency in route.dependant.dependencies:
        audience = dependency.call
        if isinstance(audience, Audience) and audience.identified and dependency.name:
            return dependency.name
    raise RouteNotReady(
        f"{route.path} takes an Idempotency-Key and does not know its caller. "
        "Give the endpoint a parameter such as caller: Annotated[Principal, Depends(person())]."
    )


def _schemes(audience: Audience) -> list[str]:
    """Return the names of the credentials of which a caller needs one."""
    if isinstance(audience, PersonOrMachine):
        return [SECURITY_SCHEME, KEY_SCHEME, BEARER_SCHEME]
    if isinstance(audience, Account) and audience.by_session:
        return [SECURITY_SCHEME]
    return [SECURITY_SCHEME, BEARER_SCHEME] if audience.identified else []


def audiences(dependant: Dependant) -> list[Audience]:
    """Return every audience that a route's dependencies declare."""
    found = [dependant.call] if isinstance(dependant.call, Audience) else []
    for dependency in dependant.dependencies:
        found += audiences(dependency)
    return found
