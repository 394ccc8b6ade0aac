"""The text generation example with its real weights: `make test-textgen`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from examples.textgen.model import Answer, Prompt, Textgen
from lockstitch.errors import InvalidRequest
from lockstitch.serving.executors.slots import SlotExecutor
from lockstitch.serving.runtime import ModelRuntime

COLOURS = Prompt(text="Name three colours.", max_tokens=12, temperature=0.7, seed=7)


@pytest.fixture(scope="module")
def model() -> Textgen:
    return Textgen()


@pytest.fixture
async def runtime(model: Textgen, tmp_path: Path) -> AsyncIterator[ModelRuntime]:
    started = ModelRuntime(model, tmp_path)
    await started.start()
    yield started
    await started.stop()


async def answer_of(runtime: ModelRuntime, prompt: Prompt) -> Answer:
    answer = await runtime.predict(prompt)
    assert isinstance(answer, Answer)
    return answer


async def test_what_it_writes_stops_and_is_limited_as_asked(runtime: ModelRuntime) -> None:
    generation = runtime.generate(COLOURS)
    pieces = [piece.text async for piece in generation]  # type: ignore[attr-defined]
    generation.close()
    answer = generation.output
    assert isinstance(answer, Answer)

    assert answer.text == "".join(pieces)
    assert len(pieces) > 5
    assert answer.tokens == 12
    assert answer.ended_by == "length"
    # The chat template adds the system's and the roles' tokens to the five of the prompt.
    assert answer.prompt_tokens == 34
    assert "<|im_" not in answer.text

    again = await answer_of(runtime, COLOURS)
    assert again == answer
    other = await answer_of(runtime, COLOURS.model_copy(update={"seed": 8}))
    assert other.text != answer.text

    word = answer.text.split()[1]
    stopped = await answer_of(runtime, COLOURS.model_copy(update={"stop": [word]}))
    assert stopped.ended_by == "stop"
    assert word not in stopped.text
    assert answer.text.startswith(stopped.text)

    with pytest.raises(InvalidRequest) as refusal:
        await answer_of(runtime, Prompt(text="1;" * 2000))
    assert refusal.value.violations[0].pointer == "/text"


async def test_closing_frees_the_slot_and_all_slots_run_together(
    runtime: ModelRuntime, model: Textgen
) -> None:
    executor = runtime.executor
    assert isinstance(executor, SlotExecutor)
    long = Prompt(text="Tell me a very long story.", max_tokens=512, seed=1)
    generations = [runtime.generate(long) for _ in range(model.slots)]
    for generation in generations:
        await anext(generation)
    assert executor.busy == model.slots
    for generation in generations:
        generation.close()
    async with asyncio.timeout(30):
        while executor.busy:  # noqa: ASYNC110 - a thread frees it.
            await asyncio.sleep(0.01)


async def test_nobody_else_may_use_the_port_that_llama_opens(
    runtime: ModelRuntime, model: Textgen
) -> None:
    assert runtime.state == "ready"
    address = model.engine.address
    for path in ("/props", "/slots", "/v1/models"):
        with pytest.raises(HTTPError, match="401"):
            await asyncio.to_thread(urlopen, address + path, timeout=10)
