"""Errors as RFC 9457 problem documents."""

from collections.abc import Sequence
from typing import Any, Literal

import structlog
from fastapi import FastAPI
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from lockstitch.api.json_body import escape_pointer, message_of
from lockstitch.api.redaction import redact_text
from lockstitch.api.request_context import request_id
from lockstitch.api.tracebacks import is_our_text, safe_traceback
from lockstitch.errors import (
    BodyTooLarge,
    BodyTooSlow,
    InvalidRequest,
    LockstitchError,
    MethodNotAllowed,
    ModelOverloaded,
    NotFound,
    RequestRefused,
    ServiceBusy,
    Violation,
)
from lockstitch.identity.exposure import PROBES

MEDIA_TYPE = "application/problem+json"

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")

# Under load there are many of them, and each line would make it worse.
_OVERLOADED = (ModelOverloaded, ServiceBusy)

_log = structlog.get_logger("lockstitch.api")

_PLACES: dict[str, Literal["body", "query", "path", "header", "cookie"]] = {
    "body": "body",
    "query": "query",
    "path": "path",
    "header": "header",
    "cookie": "cookie",
}


class ProblemReason(BaseModel):
    """One reason why a request was refused."""

    place: Literal["body", "query", "path", "header", "cookie"] = Field(alias="in")
    pointer: str
    rule: str
    message: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 spells it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemReason] | None = None


def problem_response(request: Request, error: Exception) -> Response:
    """Return the problem document of an error; what is not ours is logged and told to nobody."""
    known = problem_of(request, error)
    document = problem_document(request, known)
    headers = dict(getattr(error, "headers", None) or {})
    running = getattr(request.app.state, "lockstitch", None)
    if running is not None:
        running.metrics.requests.refuse(known.problem)
    retry_after = retry_after_seconds(known)
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if isinstance(known, BodyTooLarge | BodyTooSlow):
        # What is left of the body would be read as the next request.
        headers["connection"] = "close"
    if isinstance(known, MethodNotAllowed):
        headers["allow"] = ", ".join(_allowed_methods(request)) or headers.get("Allow", "")
        headers.pop("Allow", None)
    return Response(to_json(document), known.status, headers, MEDIA_TYPE)


def problem_document(request: Request, known: LockstitchError) -> dict[str, Any]:
    """Return the members of an error's problem document."""
    return {
        "type": known.urn,
        "title": known.title,
        "status": known.status,
        "detail": known.sentence,
        "request_id": request_id(request),
        **known.extensions(),
    }


def problem_of(request: Request, error: Exception) -> LockstitchError:
    """Return what a caller may know of an error; what is on our side is logged."""
    known = _as_lockstitch_error(error)
    if known is None:
        _log.error("unexpected error", exception=_traceback(request, error))
        return LockstitchError("Something went wrong on our side. It has been logged.")
    if known.status >= 500 and not isinstance(known, _OVERLOADED):  # noqa: PLR2004
        if is_our_text(known):
            _log.error("request failed", problem=known.problem, detail=known.sentence)
        else:
            _log.error(
                "request failed", problem=known.problem, exception=_traceback(request, known)
            )
    return known


def retry_after_seconds(error: LockstitchError) -> int | None:
    """Return the whole seconds after which to try again, None where that is not known."""
    if error.retry_after_seconds is None:
        return None
    return max(1, round(error.retry_after_seconds))


def owner_handles(app: FastAPI, error: Exception) -> bool:
    """Return whether the owner of the application has a handler of their own for this error."""
    handlers = app.exception_handlers
    if isinstance(error, HTTPException) and error.status_code in handlers:
        return True
    for kind in type(error).__mro__:
        if kind in handlers:
            return handlers[kind] not in _NOT_THE_OWNERS
    return False


def owners_handlers(app: FastAPI) -> list[str]:
    """Return for which errors the owner of the application has handlers of their own."""
    return [
        kind.__name__ if isinstance(kind, type) else str(kind)
        for kind, handler in app.exception_handlers.items()
        if handler not in _NOT_THE_OWNERS
    ]


def is_ours(path: str) -> bool:
    """Return whether a path is one that only our own routes may answer."""
    return path.startswith("/v1/") or path == "/v1" or path in PROBES


async def answer_problem(request: Request, error: Exception) -> Response:
    """Answer an error of ours that was raised outside our routes."""
    return problem_response(request, error)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer a 404 or 405: under our prefix with a problem, elsewhere as FastAPI does."""
    if is_ours(request.url.path) or not isinstance(error, HTTPException):
        return problem_response(request, error)
    return await http_exception_handler(request, error)


# FastAPI and we put these there; whatever else is there is the owner's.
_NOT_THE_OWNERS = (
    answer_http_error,
    answer_problem,
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)


def violations_of(errors: Sequence[Any]) -> list[Violation]:
    """Return FastAPI's own findings (query, path, header, cookie) as violations."""
    return [
        Violation(
            _PLACES[str(reason["loc"][0])],
            "".join(f"/{escape_pointer(part)}" for part in reason["loc"][1:]),
            reason["type"],
            message_of(reason),
        )
        for reason in errors
    ]


def _traceback(request: Request, error: Exception) -> str:
    # Rendered here, since an application may have logs of its own, which would show variables.
    settings = getattr(request.app.state, "lockstitch_settings", None)
    quote = settings is not None and settings.log_exception_messages
    return redact_text(safe_traceback(error, quote=quote))


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods that some route takes here; one route alone knows only its own."""
    return [
        method
        for method in _METHODS
        for scope in [{**request.scope, "method": method}]
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    ]


def _as_lockstitch_error(error: Exception) -> LockstitchError | None:
    if isinstance(error, LockstitchError):
        return error
    if isinstance(error, RequestValidationError):
        return InvalidRequest(violations_of(error.errors()))
    if isinstance(error, HTTPException):
        return _from_status(error)
    return None


def _from_status(error: HTTPException) -> LockstitchError:
    if error.status_code == NotFound.status:
        return NotFound("There is nothing at this address that you may see.")
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed("This address does not take that method.")
    return RequestRefused(error.status_code, str(error.detail))
