"""Asking two applications the same and telling their answers apart."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from generated_requests import Field, Generated

# What is new in each answer, whoever gives it.
_OF_THE_MOMENT = {"id": "id", "created_at": "then", "duration_seconds": 0, "request_id": "request"}
# How much is left of a limit, and for how long, goes on by the clock.
_COUNT = re.compile(rb"\b([rt])=\d+")
_SAFE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer without what is of its moment."""

    status: int
    headers: tuple[Field, ...]
    body: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that two applications answer differently."""

    request: Generated
    one: Answer | None
    other: Answer | None


async def ask(app: FastAPI, request: Generated, credentials: tuple[Field, ...]) -> Answer | None:
    """Return an application's answer; None when it gave none, since the caller had gone."""
    arriving = _messages(request)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        message = next(arriving, None)
        if message is None:
            # Whoever waits for an answer says nothing more.
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    await app(request.scope(credentials), receive, send)
    if not sent:
        return None
    assert [message["type"] for message in sent[:1]] == ["http.response.start"]
    assert not sent[-1].get("more_body", False)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return _comparable(request, sent[0]["status"], list(sent[0]["headers"]), body)


def differences(
    answers: Iterable[tuple[Generated, Answer | None, Answer | None]],
) -> list[Difference]:
    """Return the requests whose two answers differ."""
    return [Difference(*both) for both in answers if both[1] != both[2]]


def _messages(request: Generated) -> Iterator[dict[str, Any]]:
    last = len(request.chunks) - 1
    for place, chunk in enumerate(request.chunks):
        if request.disconnects and place == last:
            break
        yield {"type": "http.request", "body": chunk, "more_body": place < last}
    while request.disconnects:
        yield {"type": "http.disconnect"}


def _comparable(request: Generated, status: int, headers: list[Field], body: bytes) -> Answer:
    lengths = [value for name, value in headers if name == b"content-length"]
    if request.method != "HEAD" and lengths:
        assert lengths == [b"%d" % len(body)]
    sent_id = next((value for name, value in request.headers if name == b"x-request-id"), b"")
    own_id = sent_id if _SAFE_ID.fullmatch(sent_id) else b""
    (given,) = [value for name, value in headers if name == b"x-request-id"]
    if own_id:
        assert given == own_id
    rest = [
        (name, _COUNT.sub(b"\\1=0", value) if name == b"ratelimit" else value)
        for name, value in headers
        if name not in {b"content-length", b"x-request-id"}
    ]
    return Answer(status, tuple(sorted(rest)), _document(body))


def _document(body: bytes) -> Any:
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if isinstance(document, dict):
        for name in _OF_THE_MOMENT.keys() & document.keys():
            document[name] = _OF_THE_MOMENT[name]
    return document
