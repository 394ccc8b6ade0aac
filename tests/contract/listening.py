"""Applications that listen for real, on a thread of their own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

PATIENCE_SECONDS = 20
Result = TypeVar("Result")


class Listening:
    """An application that listens, and the loop on which it runs."""

    def __init__(self, port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._loop = loop

    def run(
        self, work: Coroutine[Any, Any, Result], *, seconds: float = PATIENCE_SECONDS
    ) -> Result:
        """Run something on the loop of the application and return what comes of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


@contextmanager
def listening(app: Any) -> Iterator[Listening]:
    """Serve an application on a free port."""
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    began = threading.Event()
    found: list[Listening] = []

    async def serve() -> None:
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]
        found.append(Listening(port, asyncio.get_running_loop()))
        began.set()
        await server.main_loop()
        await server.shutdown()

    config.load()
    server.lifespan = config.lifespan_class(config)
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert began.wait(PATIENCE_SECONDS)
    yield found[0]
    server.should_exit = True
    server.force_exit = True
    thread.join(PATIENCE_SECONDS)
