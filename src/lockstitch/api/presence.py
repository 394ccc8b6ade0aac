"""Whether the caller of a request still waits: what nobody waits for is never computed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import Receive

from lockstitch.serving.batching import Presence


class _Connection:
    """What uvicorn knows of the connection; to ask costs nothing."""

    def __init__(self, cycle: object) -> None:
        self._cycle = cycle

    def has_left(self) -> bool:
        return bool(getattr(self._cycle, "disconnected", False))


class _Watched:
    """A caller whose server tells it by a message alone."""

    def __init__(self) -> None:
        self.left = False

    def has_left(self) -> bool:
        return self.left

    async def watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left = True


@asynccontextmanager
async def caller_presence(request: Request) -> AsyncIterator[Presence]:
    """Give what tells whether the caller waits. The body must have been read."""
    # Under uvicorn `receive` is a method of the object that knows.
    cycle = getattr(request.receive, "__self__", None)
    if hasattr(cycle, "disconnected"):
        yield _Connection(cycle)
        return
    watched = _Watched()
    task = asyncio.create_task(watched.watch(request.receive))
    try:
        yield watched
    finally:
        task.cancel()
