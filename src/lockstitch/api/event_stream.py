"""Server-sent events as the answer of a route, begun when the first one is there."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final

from fastapi.sse import EventSourceResponse
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from lockstitch.errors import CallerGone

# Whatever stands between must pass each event on at once: no cache, no compression, no buffer.
_HEADERS: Final = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


async def begin_events(
    request: Request, events: AsyncGenerator[bytes, None]
) -> EventSourceResponse:
    """Wait for the first event and return a response that sends it and the others.

    What is raised before is an answer with a status of its own. However the response ends, the
    events are closed: at once when the caller goes away.

    Args:
        request: The request; its body must have been read.
        events: The JSON of each event, without line breaks.

    Raises:
        CallerGone: The caller went away before the first event.
        Exception: What `events` raises before its first one.
    """
    gone = asyncio.create_task(_disconnected(request.receive))
    first = asyncio.create_task(_next(events))
    try:
        await asyncio.wait((gone, first), return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            raise CallerGone("Nobody waits for this answer any more.")
        return _Events(first.result(), events)
    finally:
        gone.cancel()
        if not first.done():
            first.cancel()
        await asyncio.wait((gone, first))


class _Events(EventSourceResponse):
    def __init__(self, first: bytes | None, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(_frames(first, events), headers=_HEADERS)
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # A generator that is left in the middle would else go on until it is collected.
            await self._events.aclose()


async def _frames(first: bytes | None, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first is not None:
        yield b"data: %s\n\n" % first
    async for event in events:
        yield b"data: %s\n\n" % event


async def _next(events: AsyncGenerator[bytes, None]) -> bytes | None:
    """Return the next event, None when there is none."""
    with suppress(StopAsyncIteration):
        return await anext(events)
    return None


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
