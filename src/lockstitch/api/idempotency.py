"""Answering a request once, however often it arrives with the same Idempotency-Key."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from lockstitch.api.services import services
from lockstitch.database.session import SERVER, Connection, become
from lockstitch.errors import InvalidRequest, Violation
from lockstitch.identity.idempotency import Answer, Claim, KeyedAnswer, keep
from lockstitch.identity.principal import Caller

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_PATTERN: Final = "^[!-~]{1,255}$"

# As OpenAPI describes the header.
PARAMETER: Final[dict[str, Any]] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Made by the caller for one request; sent again, it gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": _PATTERN},
}


@dataclass(slots=True)
class _Keyed:
    """A request with a key, while it is being answered."""

    claim: Claim
    respond: Callable[[Any], Response]
    kept: bool = False


def read_key(request: Request) -> str | None:
    """Return the key that a request carries.

    Raises:
        InvalidRequest: There are two, or it is none.
    """
    sent = request.headers.getlist(HEADER)
    if not sent:
        return None
    if len(sent) > 1 or re.fullmatch(_PATTERN, sent[0]) is None:
        message = "Send one key of 1 to 255 visible ASCII characters"
        pointer = f"/{HEADER.lower()}"
        raise InvalidRequest([Violation("header", pointer, "string_pattern_mismatch", message)])
    return sent[0]


async def answer_once(
    request: Request,
    *,
    caller: Caller,
    key: str,
    body: bytes,
    run: Callable[[], Awaitable[Any]],
    respond: Callable[[Any], Response],
) -> Response:
    """Answer a request, or give it the answer that the same request got before.

    What fails has had no effect and is not stored: the same key may be tried again.

    Args:
        request: The request.
        caller: Who sent it.
        key: Its key.
        body: Its body, or other bytes that are the same for the same body alone.
        run: Does it, and stores the answer with `keep_answer` or `keyed_answer`.
        respond: Makes a response of what `run` returns.
    """
    keys = services(request).idempotency_keys
    operation = f"{request.method} {request.url.path}"
    digest = hashlib.sha256(f"{operation}?{request.url.query}\n".encode() + body).digest()
    claimed = await keys.claim(caller, key, operation[:200], digest)
    if isinstance(claimed, Answer):
        headers = {**claimed.headers, REPLAYED.lower(): "true"}
        return Response(claimed.body, claimed.status, headers)
    keyed = _Keyed(claimed, respond)
    request.state.lockstitch_keyed = keyed
    try:
        result = await run()
        if not keyed.kept:
            # The route has no transaction of its own to store the answer in.
            async with services(request).database.transaction(SERVER) as connection:
                await keep_answer(request, connection, result)
    except Exception:
        await keys.release(claimed)
        raise
    return respond(result)


async def keep_answer(request: Request, connection: Connection, result: Any) -> None:
    """Store what a route is about to return in the transaction of its effect, as the last of it.

    Without a key there is nothing to store.
    """
    keyed = keyed_answer(request, result)
    if keyed is not None:
        await become(connection, SERVER)
        await keep(connection, [keyed])


def keyed_answer(request: Request, result: Any) -> KeyedAnswer | None:
    """Return the answer to store with the effect; None when the request has no key."""
    keyed: _Keyed | None = getattr(request.state, "lockstitch_keyed", None)
    if keyed is None:
        return None
    keyed.kept = True
    response = keyed.respond(result)
    headers = {"content-type": response.headers["content-type"]} if response.body else {}
    answer = Answer(response.status_code, headers, bytes(response.body))
    return services(request).idempotency_keys.seal(keyed.claim, answer)
