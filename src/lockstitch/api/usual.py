"""The usual request of a prediction: JSON that is there at once, without an Idempotency-Key.

For it, what the route class does in general steps is one function of the same parts: the audience,
the reader of the body, the endpoint. Whatever is not usual goes the general way from the beginning.
"""

from collections.abc import Awaitable, Callable, Coroutine
from types import CoroutineType
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from lockstitch.api.indexed_request import IndexedRequest
from lockstitch.api.json_body import JsonBody
from lockstitch.api.route import Endpoint
from lockstitch.api.soon import go_on
from lockstitch.settings import Settings

_JSON: Final = b"application/json"
_UNUSUAL: Final = frozenset(
    {b"idempotency-key", b"transfer-encoding", b"content-encoding", b"expect"}
)

Answer = Callable[[Request], Coroutine[Any, Any, Response]]


def is_usual(request: IndexedRequest) -> bool:
    """Return whether the headers of a request are those of the usual one."""
    fields = request.headers.fields
    return fields.get(b"content-type") == _JSON and _UNUSUAL.isdisjoint(fields)


def usual_answer(endpoint: Endpoint, settings: Settings) -> Answer | None:
    """Return what answers usual requests of an endpoint, or None when it has none.

    Args:
        endpoint: The endpoint.
        settings: How long and how deep a body may be.
    """
    plain, body = endpoint.plain, endpoint.body
    if plain is None or not isinstance(body, JsonBody) or not endpoint.is_async:
        return None
    audience, caller_name, request_name = plain.audience, plain.caller_name, plain.request_name
    call, body_name = endpoint.call, endpoint.body_name
    most_bytes, max_depth = settings.max_body_bytes, settings.max_json_depth

    async def answer(request: Request) -> Response:
        caller = await audience(request)
        message, later = _at_once(request.receive)
        content = b"" if message is None else _whole_body(request, message, most_bytes)
        if not content:
            return await endpoint.answer(_beginning_again(request, message, later))
        values = {body_name: body.validate(content, max_depth)}
        if caller_name is not None:
            values[caller_name] = caller
        if request_name is not None:
            values[request_name] = request
        return endpoint.as_response(await call(**values))

    return answer


def _at_once(receive: Receive) -> tuple[Message | None, Awaitable[Message] | None]:
    """Return the next message if it is there, or else what to wait for."""
    arriving = receive()
    if type(arriving) is not CoroutineType:
        return None, arriving
    try:
        waited_for = arriving.send(None)
    except StopIteration as done:
        return done.value, None
    return None, go_on(arriving, waited_for)


def _whole_body(request: Request, message: Message, most_bytes: int) -> bytes:
    """Return the body of a message that holds all of it and no more than allowed, else nothing."""
    if message["type"] != "http.request" or message.get("more_body", False):
        return b""
    content: bytes = message.get("body", b"")
    announced = request.headers.get("content-length")
    is_as_announced = announced == str(len(content)) and len(content) <= most_bytes
    return content if is_as_announced else b""


def _beginning_again(
    request: Request, message: Message | None, later: Awaitable[Message] | None
) -> Request:
    """Return the request as if nothing of its body had been read."""
    receive = request.receive
    is_first = True

    async def receive_again() -> Message:
        nonlocal is_first
        if not is_first:
            return await receive()
        is_first = False
        if message is not None:
            return message
        assert later is not None  # noqa: S101 - one of the two there is
        return await later

    return IndexedRequest(request.scope, receive_again, request._send)  # noqa: SLF001
