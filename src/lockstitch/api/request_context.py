"""A request id, what is left of the limits, and a log line for what is worth one, as pure ASGI."""

import re
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import structlog
import uuid_utils
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.identity.limit_headers import limit_headers

_log = structlog.get_logger("lockstitch.access")

_HEADER = b"x-request-id"
# Whatever else a caller sends as an id could forge a log line.
_SAFE = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"/livez", "/readyz"})
_SERVER_ERROR = 500
# A refusal that its sender may repeat; under load there are many, and each would cost a line.
_UNAVAILABLE = 503

# One variable of our own: structlog's dictionary of them costs twenty times as much a request.
_current: ContextVar[str] = ContextVar("lockstitch_request_id", default="")


class RequestContext:
    """Give each request an id (its own, if it sent one), answer it, and log it if it is notable."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, say what is left of the limits, and log it if it is notable."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identity = _sent_id(scope) or uuid_utils.uuid4().hex
        header = (_HEADER, identity.encode("ascii"))
        scope.setdefault("state", {})["request_id"] = identity
        started = time.perf_counter()
        status = _SERVER_ERROR

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(
                    message.get("headers", ()), [header, *_limits(scope)]
                )
            await send(message)

        current = _current.set(identity)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            duration_seconds = time.perf_counter() - started
            if _is_worth_a_line(scope, status, duration_seconds):
                _log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    duration_seconds=round(duration_seconds, 4),
                )
            _current.reset(current)


def add_request_id(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Name the request that is being answered in each line of the log."""
    del logger, method
    identity = _current.get()
    if identity:
        event.setdefault("request_id", identity)
    return event


def request_id(request: Request) -> str:
    """Return the id of a request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _sent_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER and _SAFE.fullmatch(value):
            return str(value, "ascii")
    return None


def _limits(scope: Scope) -> list[tuple[bytes, bytes]]:
    limits = limit_headers(scope)
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in limits.items()]


def _completed(
    headers: Iterable[tuple[bytes, bytes]], ours: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with ours in the place of any that have their names."""
    names = {name for name, _ in ours}
    return [*(field for field in headers if field[0] not in names), *ours]


def _is_worth_a_line(scope: Scope, status: int, duration_seconds: float) -> bool:
    if scope["path"] in _QUIET:
        return False
    settings: Any = getattr(scope["app"].state, "lockstitch_settings", None)
    if settings is None or settings.access_log == "all":
        return True
    failed = status >= _SERVER_ERROR and status != _UNAVAILABLE
    return failed or duration_seconds >= settings.slow_seconds
