"""Every executor runs a model alike: one suite, each executor."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from served_models import Everything, Growing, Leaning, Painting, Reading, Unreadable
from shouting import Moody, Shout, Text, Trained, silent

from lockstitch.errors import (
    ConfigurationError,
    ModelError,
    ModelLoading,
    ModelOverloaded,
    PredictionFailed,
)
from lockstitch.serving.executors.process import ProcessExecutor
from lockstitch.serving.model import ExecutorName, Model
from lockstitch.serving.runtime import ModelRuntime

# A process starts in about a second; the rest is for a busy machine.
BACK_SECONDS = 12.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "executor" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--executor") or ["inline", "process"]
        metafunc.parametrize("executor", chosen)


async def start(model: Model[Any, Any], folder: Path, executor: ExecutorName) -> ModelRuntime:
    # As a class would declare it; these are shared by all executors.
    model.executor = executor  # type: ignore[misc]
    runtime = ModelRuntime(model, folder)
    runtime.prepare(silent)
    await runtime.start()
    return runtime


async def test_each_caller_gets_the_answer_to_its_own_input(
    executor: ExecutorName, tmp_path: Path
) -> None:
    runtime = await start(Shout(), tmp_path, executor)
    answers = await asyncio.gather(*(runtime.predict(Text(text=f"a{n}")) for n in range(500)))
    await runtime.stop()

    assert answers == [Text(text=f"A{n}") for n in range(500)]


async def test_a_trained_model_loads_its_artefact(executor: ExecutorName, tmp_path: Path) -> None:
    runtime = await start(Trained(), tmp_path, executor)
    answer = await runtime.predict(Text(text="hello"))
    await runtime.stop()

    assert answer == Text(text="hello!")
    assert runtime.artefact is not None
    assert runtime.digest == runtime.artefact.digest


async def test_a_model_without_files_loads_from_beside_its_source(
    executor: ExecutorName, tmp_path: Path
) -> None:
    runtime = await start(Reading(), tmp_path, executor)
    answer = await runtime.predict(Text(text="a"))
    await runtime.stop()

    assert answer == Text(text="served_models.py")


async def test_values_of_every_kind_come_through(executor: ExecutorName, tmp_path: Path) -> None:
    runtime = await start(Everything(), tmp_path, executor)
    answers = [await runtime.predict(item) for item in Everything.examples]
    await runtime.stop()

    assert [answer.model_dump() for answer in answers] == [
        item.model_dump() for item in Everything.examples
    ]


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("raise", PredictionFailed, "The model moody raised ValueError."),
        ("exit", PredictionFailed, "The model moody raised SystemExit."),
        ("one error", PredictionFailed, "The model moody raised ValueError."),
        ("our error", ModelOverloaded, "Not today."),
        ("dictionary", PredictionFailed, "The model moody returned dict instead of Text."),
        ("generator", PredictionFailed, "The model moody returned generator instead of a list."),
    ],
)
async def test_what_a_model_does_wrong_is_told_alike(
    executor: ExecutorName, tmp_path: Path, text: str, kind: type[Exception], sentence: str
) -> None:
    runtime = await start(Moody(), tmp_path, executor)
    with pytest.raises(kind, match=sentence):
        await runtime.predict(Text(text=text))
    # It goes on.
    assert await runtime.predict(Text(text="fine")) == Text(text="fine")
    await runtime.stop()


async def test_a_load_that_fails_says_why(executor: ExecutorName, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"could not be loaded from .*: ValueError: no weights"):
        await start(Unreadable(), tmp_path, executor)


async def test_the_stages_are_timed(executor: ExecutorName, tmp_path: Path) -> None:
    runtime = await start(Leaning(), tmp_path, executor)
    await runtime.predict(Text(text="abc"))
    times = runtime.stage_times
    await runtime.stop()

    assert {name: time.items for name, time in times.items()} == {"preprocess": 1, "predict": 1}


async def test_large_items_come_through(executor: ExecutorName, tmp_path: Path) -> None:
    runtime = await start(Shout(), tmp_path, executor)
    answer = await runtime.predict(Text(text="a" * 8_000_000))
    await runtime.stop()

    assert answer == Text(text="A" * 8_000_000)


async def test_what_a_model_prints_disturbs_nothing(
    executor: ExecutorName, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runtime = await start(Painting(), tmp_path, executor)
    answer = await runtime.predict(Text(text="a"))
    await runtime.stop()

    assert answer == Text(text="a")
    assert "a picture of a" in "".join(capfd.readouterr())


# What a process of its own is for.


async def own_process(model: Model[Any, Any], folder: Path) -> tuple[ModelRuntime, ProcessExecutor]:
    runtime = await start(model, folder, "process")
    found = runtime.executor
    assert isinstance(found, ProcessExecutor)
    return runtime, found


async def until(holds: Callable[[], bool]) -> float:
    """Wait for what another process brings about; return how many seconds that took."""
    started = time.monotonic()
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - nobody tells it.
            await asyncio.sleep(0.01)
    return time.monotonic() - started


async def test_a_killed_process_costs_a_503_and_is_back(tmp_path: Path) -> None:
    runtime, process = await own_process(Shout(), tmp_path)
    killed = process.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    await until(lambda: runtime.state == "loading")

    with pytest.raises(ModelLoading) as refused:
        await runtime.predict(Text(text="a"))
    seconds = await until(lambda: runtime.state == "ready")
    answer = await runtime.predict(Text(text="b"))
    await runtime.stop()

    assert refused.value.retry_after_seconds is not None
    assert answer == Text(text="B")
    assert seconds < BACK_SECONDS
    assert process.pid is None


async def test_who_waited_for_a_process_that_died_is_told_to_come_again(tmp_path: Path) -> None:
    runtime, process = await own_process(Moody(), tmp_path)
    waiting = asyncio.create_task(runtime.predict(Text(text="sleep")))
    await until(lambda: runtime.waiting == 0 and process.busy)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(ModelLoading):
        await waiting
    await until(lambda: runtime.state == "ready")
    assert await runtime.predict(Text(text="fine")) == Text(text="fine")
    await runtime.stop()


async def test_a_process_that_grows_too_large_is_replaced(tmp_path: Path) -> None:
    runtime, process = await own_process(Growing(), tmp_path)
    first = process.pid

    async def ask() -> bool:
        try:
            await runtime.predict(Text(text="more"))
        except ModelLoading:
            return False
        return True

    async with asyncio.timeout(60):
        while process.pid == first:
            await ask()
    await until(lambda: runtime.state == "ready")
    assert await ask()
    await runtime.stop()


OWNER = """
import asyncio, sys
from pathlib import Path
from shouting import Moody, Text
from lockstitch.serving.runtime import ModelRuntime

async def main():
    model = Moody()
    model.executor = "process"
    runtime = ModelRuntime(model, Path(sys.argv[1]))
    await runtime.start()
    print(runtime.executor.pid, flush=True)
    await runtime.predict(Text(text="sleep"))

asyncio.run(main())
"""


async def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    owner = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop.
        [sys.executable, "-c", OWNER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    model = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.communicate()

    await until(lambda: not model.is_running() or model.status() == psutil.STATUS_ZOMBIE)


async def test_a_class_that_no_other_process_can_import_is_refused(tmp_path: Path) -> None:
    class Local(Shout): ...

    with pytest.raises(ConfigurationError, match="cannot be imported by another process"):
        await start(Local(), tmp_path, "process")


async def test_ray_says_how_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'lockstitch\[ray\]'"):
        await start(Shout(), tmp_path, "ray")
