"""A request id, what is left of the limits, and one log line for each request, as pure ASGI."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.identity.limit_headers import limit_headers

_log = structlog.get_logger("lockstitch.access")

_HEADER = b"x-request-id"
# Whatever else a caller sends as an id could forge a log line.
_SAFE = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"/livez", "/readyz"})


class RequestContext:
    """Give each request an id (its own, if it sent one), answer it and log it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, say what is left of the limits, and log how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identity = _sent_id(scope) or uuid4().hex
        scope.setdefault("state", {})["request_id"] = identity
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = identity
                headers.update(limit_headers(scope))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                if scope["path"] not in _QUIET:
                    _log.info(
                        "request",
                        method=scope["method"],
                        path=scope["path"],
                        status=status,
                        duration_seconds=round(time.perf_counter() - started, 4),
                    )


def request_id(request: Request) -> str:
    """Return the id of a request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _sent_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER and _SAFE.fullmatch(value):
            return str(value, "ascii")
    return None
