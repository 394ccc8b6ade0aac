"""What is there at once needs no timer; what is not is waited for, and no longer than allowed."""

import asyncio

import pytest

from lockstitch.api.soon import soon


async def after(event: asyncio.Event, value: str) -> str:
    await event.wait()
    return value


async def test_what_is_there_is_returned_without_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seconds: float) -> None:
        raise AssertionError(f"a timer of {seconds} s was set")

    async def ready() -> str:
        return "ready"

    monkeypatch.setattr(asyncio, "timeout", refuse)

    assert await soon(ready(), 1.0) == "ready"


async def test_what_comes_later_is_waited_for_through_every_step() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def steps() -> list[str]:
        return [await after(first, "one"), await after(second, "two")]

    asyncio.get_running_loop().call_later(0.01, first.set)
    asyncio.get_running_loop().call_later(0.02, second.set)

    assert await soon(steps(), 5.0) == ["one", "two"]


async def test_what_does_not_come_ends_in_a_timeout() -> None:
    seen: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        await soon(endless(), 0.01)

    assert seen == ["cancelled"]


@pytest.mark.parametrize("waits", [False, True])
async def test_its_error_is_raised(*, waits: bool) -> None:
    async def failing() -> None:
        if waits:
            await asyncio.sleep(0)
        raise LookupError("not here")

    with pytest.raises(LookupError, match="not here"):
        await soon(failing(), 1.0)


async def test_a_cancelled_caller_cancels_it() -> None:
    seen: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    task = asyncio.create_task(soon(endless(), 5.0))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["ended"]


async def test_it_may_answer_a_cancellation_before_it_ends() -> None:
    rest = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await after(rest, "tidied")

    task = asyncio.create_task(soon(tidy(), 5.0))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    rest.set()

    with pytest.raises(asyncio.CancelledError):
        await task
