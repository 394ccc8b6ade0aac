"""A streaming model in this process: its slots, its queue, and how it stops."""

import asyncio
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from shouting import Shout, Text
from spelling import Endless, Letter, Spell

from lockstitch.errors import (
    ConfigurationError,
    DeadlineExceeded,
    ModelLoading,
    ModelOverloaded,
    PredictionFailed,
)
from lockstitch.serving.runtime import ModelRuntime
from lockstitch.serving.streaming import Cancel, StreamingModel

PATIENCE_SECONDS = 10


async def started(model: StreamingModel[Any, Any, Any], folder: Path) -> ModelRuntime:
    runtime = ModelRuntime(model, folder)
    await runtime.start()
    return runtime


@pytest.fixture
async def spell(tmp_path: Path) -> AsyncIterator[ModelRuntime]:
    runtime = await started(Spell(), tmp_path)
    yield runtime
    await runtime.stop()


@pytest.fixture
async def endless(tmp_path: Path) -> AsyncIterator[tuple[ModelRuntime, Endless]]:
    model = Endless()
    runtime = await started(model, tmp_path)
    yield runtime, model
    permit(model, "abcd")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await runtime.stop()


def permit(model: Endless, texts: str) -> None:
    """Let each of the streams go on for some letters."""
    for text in texts:
        for _ in range(5):
            model.permits[text].put(None)


async def taken(queue: Any) -> Any:
    return await asyncio.to_thread(queue.get, timeout=PATIENCE_SECONDS)


async def has_ended(model: Endless) -> bool:
    return await asyncio.to_thread(model.ended.acquire, timeout=PATIENCE_SECONDS)


async def test_the_pieces_come_in_order_and_then_the_output(spell: ModelRuntime) -> None:
    generation = spell.generate(Text(text="hello"))
    pieces = [piece async for piece in generation]
    generation.close()

    assert pieces == [Letter(letter=letter) for letter in "hello"]
    assert generation.output == Text(text="hello")


async def test_the_whole_output_is_there_without_the_pieces(spell: ModelRuntime) -> None:
    answers = await asyncio.gather(*(spell.predict(Text(text=f"a{n}")) for n in range(20)))

    assert answers == [Text(text=f"a{n}") for n in range(20)]
    assert spell.stage_times["predict"].items == 20


def test_a_streaming_model_is_an_ordinary_object() -> None:
    assert Spell().predict([Text(text="a"), Text(text="b")]) == [Text(text="a"), Text(text="b")]
    with closing(Spell().stream(Text(text="ab"), Cancel())) as pieces:
        assert next(pieces) == Letter(letter="a")


async def test_an_error_comes_after_the_pieces_before_it(spell: ModelRuntime) -> None:
    generation = spell.generate(Text(text="ab!"))

    assert [await anext(generation), await anext(generation)] == [
        Letter(letter="a"),
        Letter(letter="b"),
    ]
    with pytest.raises(PredictionFailed, match=r"^The model spell raised ValueError\.$"):
        await anext(generation)
    generation.close()
    with pytest.raises(PredictionFailed, match="Questions"):
        await anext(spell.generate(Text(text="?")))


async def test_a_foreign_piece_or_output_fails(tmp_path: Path) -> None:
    class Odd(StreamingModel[Text, Letter, Text]):
        def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
            if item.text == "piece":
                yield item  # type: ignore[misc]
            yield Letter(letter="a")
            return None  # type: ignore[return-value]

    runtime = await started(Odd(), tmp_path)
    with pytest.raises(PredictionFailed, match="yielded Text instead of Letter"):
        await runtime.predict(Text(text="piece"))
    with pytest.raises(PredictionFailed, match="returned NoneType instead of Text"):
        await runtime.predict(Text(text="output"))
    await runtime.stop()


async def test_closing_stops_the_computation_within_one_piece(
    endless: tuple[ModelRuntime, Endless],
) -> None:
    runtime, model = endless
    generation = runtime.generate(Text(text="a"))
    model.permits["a"].put(None)
    await anext(generation)
    generation.close()
    permit(model, "a")

    assert await has_ended(model)
    # One may have been under way.
    assert model.made <= 2


async def test_slots_run_together_and_one_more_waits_and_the_next_is_refused(
    endless: tuple[ModelRuntime, Endless],
) -> None:
    runtime, model = endless
    running = [runtime.generate(Text(text=text)) for text in "ab"]
    assert {await taken(model.begun), await taken(model.begun)} == {"a", "b"}
    waiting = runtime.generate(Text(text="c"))
    while runtime.waiting < 1:  # noqa: ASYNC110 - its task must have begun.
        await asyncio.sleep(0)
    with pytest.raises(ModelOverloaded) as refusal:
        await anext(runtime.generate(Text(text="d")))
    assert refusal.value.retry_after_seconds == 1

    running[0].close()
    permit(model, "a")
    assert await taken(model.begun) == "c"
    assert runtime.waiting == 0

    running[1].close()
    waiting.close()
    permit(model, "bc")
    for _ in range(3):
        assert await has_ended(model)


async def test_what_waits_and_is_closed_is_never_computed(
    endless: tuple[ModelRuntime, Endless],
) -> None:
    runtime, model = endless
    running = [runtime.generate(Text(text=text)) for text in "ab"]
    await taken(model.begun)
    await taken(model.begun)
    waiting = runtime.generate(Text(text="c"))
    await asyncio.sleep(0)
    waiting.close()
    for generation in running:
        generation.close()
    permit(model, "ab")
    await has_ended(model)
    await has_ended(model)
    await runtime.stop()

    assert model.begun.empty()


async def test_a_deadline_stops_a_stream_and_frees_its_slot(
    endless: tuple[ModelRuntime, Endless],
) -> None:
    runtime, model = endless
    loop = asyncio.get_running_loop()
    generation = runtime.generate(Text(text="a"), deadline=loop.time() + 0.05)
    with pytest.raises(DeadlineExceeded):
        await anext(generation)
    generation.close()
    permit(model, "a")

    assert await has_ended(model)


async def test_load_has_the_thread_of_the_only_slot(tmp_path: Path) -> None:
    class Rooted(Spell):
        def load(self, artefact: object) -> None:
            self.thread = threading.current_thread()

        def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
            assert threading.current_thread() is self.thread
            yield Letter(letter=item.text)
            return item

    runtime = await started(Rooted(), tmp_path)
    assert await runtime.predict(Text(text="a")) == Text(text="a")
    await runtime.stop()


async def test_only_a_ready_streaming_model_streams(tmp_path: Path) -> None:
    with pytest.raises(ModelLoading):
        ModelRuntime(Spell(), tmp_path).generate(Text(text="a"))
    runtime = ModelRuntime(Shout(), tmp_path)
    await runtime.start()
    with pytest.raises(ConfigurationError, match="StreamingModel"):
        runtime.generate(Text(text="a"))
    await runtime.stop()


class Returning(Spell):
    def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
        return Spell().stream(item, cancel)


class Predicting(Spell):
    def predict(self, batch: list[Text]) -> list[Text]:
        return batch


class Elsewhere(Spell):
    executor = "process"


class Slotless(Spell):
    slots = 0


class Untyped(StreamingModel[Text, BaseModel, Text]):
    def stream(self, item: Text, cancel: Cancel) -> Generator[BaseModel, None, Text]:
        yield Letter(letter="a")
        return item


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Returning, "must be a generator function"),
        (Predicting, "has no predict. Do that work in stream"),
        (Elsewhere, "runs inline"),
        (Slotless, "slots must be a whole number"),
        (Untyped, r"BaseModel is not a Pydantic model.*StreamingModel\[Input, Piece, Output\]"),
    ],
)
def test_a_bad_declaration_of_a_stream_is_refused(
    tmp_path: Path, kind: type[Spell], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        ModelRuntime(kind(), tmp_path)
