"""The outermost layer of an application: what is true of every request and every answer.

It stands outside the application's own middleware and outside the handler of unexpected errors, so
that no answer leaves without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.api.cors import Cors, vary_by_origin
from lockstitch.api.problems import is_ours, problem_response
from lockstitch.api.security_headers import Field, SecurityHeaders
from lockstitch.errors import ForeignOrigin, HostRefused, LockstitchError, RequestError
from lockstitch.identity.exposure import PROBES
from lockstitch.identity.forwarded import Forwarding, apply
from lockstitch.identity.hosts import AllowedHosts, refusal
from lockstitch.identity.origin import is_foreign
from lockstitch.settings import Settings

_WITH_TLS: Final = {"http": "https", "ws": "wss"}
_REFUSED: Final = 1008


class Boundary:
    """Judges the host, believes trusted proxies, answers other origins, completes headers.

    Before the settings are known, only the headers that need none are added.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._rules: _Rules | None = None
        self._headers = SecurityHeaders(0)

    def configure(self, settings: Settings) -> None:
        """Take the settings; called at each start of the application."""
        self._rules = _Rules(self.app, settings)
        self._headers = SecurityHeaders(settings.hsts_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        kind = scope["type"]
        rules = self._rules
        if kind == "http":
            await self._answer(scope, receive, send, rules)
        elif kind == "websocket" and rules is not None:
            await rules.connect(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, rules: "_Rules | None"
    ) -> None:
        insist = varies = False
        app = self.app
        if rules is not None:
            varies = rules.cors is not None
            insist, app = rules.admit(scope)
        headers = self._headers

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers.complete(message, scope, insist=insist)
                if varies:
                    vary_by_origin(message)
            await send(message)

        await app(scope, receive, send_completed)


@dataclass(frozen=True)
class _Rules:
    """What the settings say of requests."""

    app: ASGIApp
    settings: Settings

    @cached_property
    def cors(self) -> Cors | None:
        return Cors(self.app, self.settings) if self.settings.cors_origins else None

    @cached_property
    def hosts(self) -> AllowedHosts:
        return AllowedHosts.of(self.settings)

    @cached_property
    def forwarding(self) -> Forwarding | None:
        trusted = self.settings.trusted_proxies
        return Forwarding(trusted, self.settings.proxy_headers) if trusted else None

    @cached_property
    def https(self) -> bool:
        """Whether people come by https, although a proxy reaches us by http."""
        return self.settings.secure and self.settings.tls_cert is None

    def admit(self, scope: Scope) -> tuple[bool, ASGIApp]:
        """Return whether browsers are to insist on https, and what answers the request."""
        fields, error, loopback = self._enter(scope)
        if error is not None and not (scope["path"] in PROBES and isinstance(error, HostRefused)):
            return False, _Refusal(error)
        insist = not loopback and scope.get("scheme") == "https"
        if self.cors is not None:
            origin = fields.get(b"origin")
            if origin is not None and self.cors.allows(origin):
                return insist, self.cors.answer
        return insist, self.app

    async def connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a WebSocket through whose host and, below our prefix, whose origin are allowed."""
        _, error, _ = self._enter(scope)
        if error is None and is_ours(scope["path"]):
            connection = HTTPConnection(scope)
            if is_foreign(connection, self.settings):
                error = ForeignOrigin("A page of another site may not connect.")
        if error is None:
            await self.app(scope, receive, send)
        else:
            await _refuse_connection(error, scope, receive, send)

    def _enter(self, scope: Scope) -> tuple[dict[bytes, bytes], LockstitchError | None, bool]:
        """Make scheme and host what the person's browser knows, and judge the host.

        Returns the headers, why the request is refused, and whether the host is this machine.
        """
        sent = scope["headers"]
        fields: dict[bytes, bytes] = dict(sent)
        if b"transfer-encoding" in fields or len(fields) < len(sent):
            error = _doubt(sent, fields)
            if error is not None:
                return fields, error, False
        if self.https:
            scope["scheme"] = _WITH_TLS.get(scope.get("scheme", "http"), "https")
        if self.forwarding is not None:
            forwarded = self.forwarding.read(scope)
            if forwarded is not None:
                apply(forwarded, scope)
                scope.setdefault("state", {})["lockstitch_forwarded"] = forwarded
                fields = dict(scope["headers"])
        host = fields.get(b"host", b"")
        server = scope.get("server")
        refused, loopback = self.hosts.judge(host, server[0] if server is not None else "")
        return fields, refusal(host) if refused else None, loopback


class _Refusal:
    """Answers a request with a problem."""

    def __init__(self, error: LockstitchError) -> None:
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(Request(scope), self._error)
        # Nobody reads the body, and where it ends may be in doubt.
        response.headers["connection"] = "close"
        await response(scope, receive, send)


def _doubt(sent: Iterable[Field], fields: Mapping[bytes, bytes]) -> RequestError | None:
    """Return why a proxy in front of us may have read the request in another way than we do."""
    if sum(name == b"host" for name, _ in sent) > 1:
        return RequestError("The request has two Host headers. Send one.")
    if b"transfer-encoding" in fields and b"content-length" in fields:
        return RequestError(
            "The request has both Content-Length and Transfer-Encoding. Send one of them."
        )
    return None


async def _refuse_connection(
    error: LockstitchError, scope: Scope, receive: Receive, send: Send
) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        # Starlette speaks the extension where the scope is a WebSocket's.
        await problem_response(Request({**scope, "type": "http"}), error)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _REFUSED})
