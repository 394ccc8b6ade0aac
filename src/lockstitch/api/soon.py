"""Waiting with a limit for what is mostly there already, without paying for a timer each time."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


async def soon(work: Coroutine[Any, Any, Value], limit_seconds: float) -> Value:
    """Return what a coroutine returns, within so many seconds.

    It is begun at once. Only when it has to wait is a timer set: one costs more than reading a
    body that has arrived together with its headers, as most do.

    Raises:
        TimeoutError: It is not done after `limit_seconds`.
        Exception: What the coroutine raises.
    """
    try:
        waited_for = work.send(None)
    except StopIteration as done:
        value: Value = done.value
        return value
    async with asyncio.timeout(limit_seconds):
        return await go_on(work, waited_for)


@coroutine
def go_on(work: Coroutine[Any, Any, Value], waited_for: Any) -> Generator[Any, Any, Value]:
    """Go on with a coroutine that has been begun and waits for this."""
    while True:
        resume: Callable[[Any], Any] = work.send
        try:
            argument = yield waited_for
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the coroutine gets it.
            resume, argument = work.throw, error
        try:
            waited_for = resume(argument)
        except StopIteration as done:
            value: Value = done.value
            return value
