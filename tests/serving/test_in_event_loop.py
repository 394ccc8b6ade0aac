"""A model that runs in the event loop itself."""

import asyncio
import threading
from pathlib import Path

import pytest
from shouting import Text, silent

from lockstitch.errors import ModelOverloaded, PredictionFailed
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.model import Model
from lockstitch.serving.runtime import ModelRuntime


class Here(Model[Text, Text]):
    """Says where it runs and how many came together."""

    executor = "event-loop"

    def load(self, artefact: Artefact) -> None:
        assert artefact.directory.is_dir()
        self.loaded_in = threading.current_thread()

    def predict(self, batch: list[Text]) -> list[Text]:
        assert self.loaded_in is threading.current_thread()
        if batch[0].text == "raise":
            raise ValueError("the secret input")
        if batch[0].text == "refuse":
            return [ModelOverloaded("Not today.")]  # type: ignore[list-item]
        if batch[0].text == "two":
            return [*batch, *batch]
        return [Text(text=f"{threading.current_thread().name} {len(batch)}") for _ in batch]


@pytest.fixture
async def runtime(tmp_path: Path) -> ModelRuntime:
    started = ModelRuntime(Here(), tmp_path)
    started.prepare(silent)
    await started.start()
    return started


async def test_it_is_loaded_and_asked_in_the_thread_of_the_loop_one_item_at_a_time(
    runtime: ModelRuntime,
) -> None:
    answers = await asyncio.gather(*(runtime.predict(Text(text="hello")) for _ in range(5)))

    assert {answer.text for answer in answers} == {f"{threading.current_thread().name} 1"}
    await runtime.stop()


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        ("raise", PredictionFailed, "The model here raised ValueError."),
        ("refuse", ModelOverloaded, "Not today."),
        ("two", PredictionFailed, "The model here returned 2 results for 1 items."),
    ],
)
async def test_its_errors_are_those_of_any_model(
    runtime: ModelRuntime, text: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as raised:
        await runtime.predict(Text(text=text))

    assert str(raised.value) == sentence
