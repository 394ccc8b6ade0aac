"""What Ray is for: replicas, and another one for each that dies. Run by `make test-ray`."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from served_models import Placed
from shouting import Text

from lockstitch.errors import ModelLoading
from lockstitch.serving.runtime import ModelRuntime

BACK_SECONDS = 12.0


async def where(runtime: ModelRuntime, text: str = "") -> int:
    answer = await runtime.predict(Text(text=text))
    assert isinstance(answer, Text)
    return int(answer.text)


async def test_a_killed_replica_is_back(tmp_path: Path) -> None:
    runtime = ModelRuntime(Placed(), tmp_path)
    await runtime.start()
    killed = await where(runtime)
    os.kill(killed, signal.SIGKILL)

    async with asyncio.timeout(BACK_SECONDS):
        # Ray may let a call wait for the next replica; else it costs a 503.
        found = killed
        while found == killed:
            with suppress(ModelLoading):
                found = await where(runtime)
    await runtime.stop()


async def test_replicas_compute_side_by_side(tmp_path: Path) -> None:
    runtime = ModelRuntime(Placed(), tmp_path)
    await runtime.start()
    places: set[int] = set()
    async with asyncio.timeout(60):
        while len(places) < 2:
            places |= set(await asyncio.gather(where(runtime, "slowly"), where(runtime, "slowly")))
    await runtime.stop()

    assert len(places) == 2
