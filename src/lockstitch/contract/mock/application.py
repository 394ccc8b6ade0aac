"""An ASGI application that answers as the contract says."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from lockstitch.contract.document import Document, Operation
from lockstitch.contract.mock.answers import Answer, Mocks, OperationMock
from lockstitch.contract.mock.requests import Received, RequestChecker
from lockstitch.contract.mock.routing import Router
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.mock.validation import Validator
from lockstitch.errors import LockstitchError, RequestRefused

EVENTS: Final = 3
_PROBLEM: Final = "application/problem+json"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_DELAY_SECONDS: Final = 60.0
_HTML: Final = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


class MockApplication:
    """Serves a document: validated requests, seeded answers, and the failures that are asked for.

    Headers of a request choose the scenario: `X-Mock-Status: 404` answers with that declared
    status, `X-Mock-Delay: 1.5` waits so many seconds, `X-Mock-Malformed: json` breaks the body
    off in the middle and `X-Mock-Malformed: html` answers the page of a failed proxy.
    """

    def __init__(self, document: Document, seed: int = 1) -> None:
        self._document = document
        self._seed = seed
        self._mocks = Mocks(document)
        self._checker = RequestChecker(document)
        self._router = Router(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008, "reason": "Only HTTP is mocked."})
            return
        request = Request(scope, receive)
        response = await self._response(request)
        for name, value in _cors(request).items():
            response.headers[name] = value
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return Response(status_code=204)
        mock: OperationMock | None = None
        try:
            operation, path = self._router.find(request.method, _path(request))
            mock = self._mocks.of(operation)
            received = await _received(request, path)
            await asyncio.sleep(_delay(request))
            asked = _status(request)
            if asked is None:
                self._checker.check(operation, received)
            return self._answer(mock, asked, received, request)
        except ClientDisconnect:
            return Response(status_code=499)
        except LockstitchError as error:
            return self._refusal(error, mock)

    def _answer(
        self, mock: OperationMock, asked: int | None, received: Received, request: Request
    ) -> Response:
        malformed = request.headers.get("x-mock-malformed")
        if malformed == "html":
            return Response(_HTML, 502, media_type="text/html")
        answer = mock.choose(asked, request.headers.get("accept", ""))
        if answer is None:
            raise _unanswerable(mock, asked)
        seed = seed_text(self._seed, mock.operation, answer, received)
        body = self._body(answer, seed)
        if isinstance(body, bytes) and malformed == "json":
            body = body[: len(body) // 2]
        return self._sent(answer, answer.code(asked), body, seed)

    def _sent(
        self, answer: Answer, status: int, body: bytes | AsyncIterator[bytes], seed: str
    ) -> Response:
        headers = {
            name: _header(sample(recipe, f"{seed}\n{name.lower()}", self._mocks.cookbook))
            for name, recipe in (answer.headers or {}).items()
        }
        if answer.media_type:
            headers["content-type"] = answer.media_type
        if isinstance(body, bytes):
            return Response(body, status, headers)
        headers["cache-control"] = "no-cache, no-transform"
        return StreamingResponse(body, status, headers)

    def _body(self, answer: Answer, seed: str) -> bytes | AsyncIterator[bytes]:
        match answer.kind:
            case "empty":
                return b""
            case "events" | "data" | "typed" | "positions" | "lines":
                return self._stream(answer, seed)
            case "text" | "binary":
                return str(sample(answer.recipe, seed, self._mocks.cookbook)).encode()
            case _:
                return _json(sample(answer.recipe, seed, self._mocks.cookbook))

    async def _stream(self, answer: Answer, seed: str) -> AsyncIterator[bytes]:
        for place in range(EVENTS):
            value = sample(answer.recipe, f"{seed}\n{place}", self._mocks.cookbook)
            yield _streamed(answer, value, place + 1)
        if answer.kind == "positions":
            yield _frame({"event": "end", "data": {"count": EVENTS, "checksum": None}})

    def _refusal(self, error: LockstitchError, mock: OperationMock | None) -> Response:
        """Answer an error: as a problem, unless the operation declares another shape for it."""
        body: Any = {
            "type": error.urn,
            "title": error.title,
            "status": error.status,
            "detail": error.sentence,
            "request_id": "mock",
            **error.extensions(),
        }
        media_type = _PROBLEM
        answer = mock.choose(error.status) if mock else None
        if mock and answer and answer.kind == "json" and not self._declares(mock, answer, body):
            seed = f"{self._seed}\n{error.urn}"
            body = sample(answer.recipe, seed, self._mocks.cookbook)
            media_type = answer.media_type
        headers = {"x-mock-refused": _header(error.sentence)[:500]}
        return Response(_json(body), error.status, headers, media_type)

    def _declares(self, mock: OperationMock, answer: Answer, body: Any) -> bool:
        validator = Validator(self._document)
        return any(
            content.schema is not None and validator.accepts(content.schema, body)
            for response in mock.operation.responses
            if response.status == answer.status
            for content in response.contents
        )


def seed_text(seed: int, operation: Operation, answer: Answer, received: Received) -> str:
    """Return what seeds an answer: the same request always has the same answer."""
    query = sorted(f"{name}={value}" for name, value in received.query)
    body = received.body.decode("utf-8", "replace") if "json" in received.media_type else ""
    parts = [str(seed), operation.id, answer.status, *received.path.values(), *query, body]
    return "\n".join(parts)


def _streamed(answer: Answer, value: Any, number: int) -> bytes:
    """Return one line or one server-sent event."""
    match answer.kind:
        case "lines":
            return _json(value) + b"\n"
        case "data":
            return _frame({"data": value})
        case "typed":
            return _frame({"event": value["type"], "data": value["data"]})
        case "positions":
            position = f"mock:{number}"
            data = {"stream": "mock", "position": position, **value}
            return _frame({"event": "event", "id": position, "data": data})
        case _:
            return _event(value)


def _frame(fields: Mapping[str, Any]) -> bytes:
    return _event({**fields, "data": _json(fields["data"]).decode()})


def _event(fields: Mapping[str, Any]) -> bytes:
    named = [f"{name}: {fields[name]}\n" for name in ("event", "id", "retry") if name in fields]
    data = [f"data: {line}\n" for line in str(fields.get("data", "")).split("\n")]
    return ("".join([*named, *data]) + "\n").encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _header(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("ascii", "replace").decode().replace("\n", " ")


async def _received(request: Request, path: dict[str, str]) -> Received:
    return Received(
        path=path,
        query_string=request.url.query,
        headers=dict(request.headers),
        cookies=request.cookies,
        media_type=request.headers.get("content-type", ""),
        body=await request.body(),
    )


def _path(request: Request) -> str:
    """Return the path as it was sent, with what is percent-encoded in it."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("ascii", "replace").partition("?")[0]


def _status(request: Request) -> int | None:
    text = request.headers.get("x-mock-status")
    if text is None:
        return None
    if not re.fullmatch(r"[1-5]\d\d", text):
        raise RequestRefused(400, f"X-Mock-Status must be a status such as 404, not {text[:20]!r}.")
    return int(text)


def _delay(request: Request) -> float:
    text = request.headers.get("x-mock-delay", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MAX_DELAY_SECONDS:
        raise RequestRefused(400, f"X-Mock-Delay must be 0 to 60 seconds, not {text[:20]!r}.")
    return seconds


def _unanswerable(mock: OperationMock, asked: int | None) -> RequestRefused:
    hopeless = [one for one in mock.impossible if asked is None or one.status == str(asked)]
    if hopeless:
        return RequestRefused(501, f"No finite value was found for {hopeless[0].pointer}.")
    declared = ", ".join(mock.statuses()) or "no response"
    return RequestRefused(400, f"{mock.operation.id} declares {declared}, not {asked}.")


def _cors(request: Request) -> dict[str, str]:
    """Let pages of this machine call the mock from any port."""
    origin = request.headers.get("origin", "")
    if urlsplit(origin).hostname not in _LOOPBACK:
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": request.headers.get("access-control-request-method", "*"),
        "access-control-allow-headers": request.headers.get("access-control-request-headers", "*"),
        "access-control-expose-headers": "*",
        "vary": "Origin",
    }


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
