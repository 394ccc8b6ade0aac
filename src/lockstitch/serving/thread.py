"""The one thread in which a model's code runs."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

Value = TypeVar("Value")


class ModelThread:
    """Runs calls one after the other, always in the same thread.

    Many libraries want that: CUDA contexts, SQLite handles, thread-local caches. The thread is
    a daemon, unlike those of an executor: a call that never returns must not keep the process
    alive after Ctrl-C.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"model-{name}", daemon=True)

    async def run(self, call: Callable[[], Value]) -> Value:
        """Return what `call` returns in the thread, or raise what it raises.

        Raises:
            RuntimeError: The call tried to end the process or the thread.
        """
        if not self._thread.is_alive():
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Value, None] | tuple[None, BaseException]]
        future = loop.create_future()

        def work() -> None:
            outcome = _outcome(call)
            try:
                loop.call_soon_threadsafe(_settle, future, outcome)
            except RuntimeError:
                return  # The loop is closed, so nobody waits any more.

        self._calls.put(work)
        result, error = await future
        if isinstance(error, Exception):
            raise error
        if error is not None:
            # SystemExit from a model must not end the server that runs others.
            raise RuntimeError(f"{type(error).__name__} was raised") from error
        return result  # type: ignore[return-value]

    def stop(self) -> None:
        """End the thread after the calls that it has accepted."""
        self._calls.put(None)

    def _work(self) -> None:
        while (work := self._calls.get()) is not None:
            work()


def _outcome(call: Callable[[], Value]) -> "tuple[Value, None] | tuple[None, BaseException]":
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - it is raised where the call was awaited.
        return None, error


def _settle(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if not future.done():
        future.set_result(outcome)
