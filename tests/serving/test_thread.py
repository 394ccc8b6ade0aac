"""The thread in which a model's code runs."""

import asyncio
import sys
import threading

import pytest

from lockstitch.serving.thread import ModelThread


async def test_every_call_runs_in_the_same_thread() -> None:
    thread = ModelThread("shout")
    names = {await thread.run(lambda: threading.current_thread().name) for _ in range(3)}
    thread.stop()

    assert names == {"model-shout"}


async def test_an_error_is_raised_where_the_call_was_awaited() -> None:
    thread = ModelThread("shout")
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)

    assert await thread.run(lambda: 2) == 2
    thread.stop()


async def test_an_exit_inside_a_call_ends_neither_the_thread_nor_the_process() -> None:
    def leave() -> None:
        raise SystemExit(3)

    thread = ModelThread("shout")
    with pytest.raises(RuntimeError, match="SystemExit was raised"):
        await thread.run(leave)

    assert await thread.run(lambda: 2) == 2
    thread.stop()


async def test_a_stopped_thread_ends() -> None:
    thread = ModelThread("shout")
    alive = await thread.run(threading.current_thread)
    thread.stop()
    await asyncio.to_thread(alive.join, 5)

    assert not alive.is_alive()


async def test_a_call_that_never_returns_does_not_keep_the_process_alive() -> None:
    program = (
        "import asyncio, threading\n"
        "from lockstitch.serving.thread import ModelThread\n"
        "async def main():\n"
        "    thread, entered = ModelThread('stuck'), threading.Event()\n"
        "    def stick():\n"
        "        entered.set()\n"
        "        threading.Event().wait()\n"
        "    call = asyncio.create_task(thread.run(stick))\n"
        "    await asyncio.to_thread(entered.wait)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    try:
        assert await asyncio.wait_for(process.wait(), timeout=20) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
