"""A streaming model in threads of this process: as many streams at once as it has slots."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from pydantic import BaseModel

from lockstitch.errors import CallerGone, PredictionFailed
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.declaration import declared_piece, declared_types
from lockstitch.serving.executors.loading import load_model
from lockstitch.serving.pipeline import Stage, StageTime, failure_of
from lockstitch.serving.streaming import Cancel, StreamingModel
from lockstitch.serving.thread import ModelThread


@dataclass(frozen=True, slots=True)
class Run:
    """One stream that is wanted; `deliver` gets each piece, in the event loop."""

    item: BaseModel
    deliver: Callable[[BaseModel], object] | None = None
    cancel: Cancel = field(default_factory=Cancel)


class SlotExecutor:
    """Runs the streams of a model, each from its start to its end in one thread."""

    def __init__(self, model: StreamingModel[Any, Any, Any]) -> None:
        self._model = model
        self._piece_type = declared_piece(type(model))
        self._output_type = declared_types(type(model))[1]
        self._threads = [ModelThread(f"{model.name}-{slot}") for slot in range(model.slots)]
        self._free = list(self._threads)
        self._time = StageTime()
        self._loaded = False

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._loaded

    @property
    def busy(self) -> int:
        """How many slots are taken."""
        return len(self._threads) - len(self._free)

    async def start(self, artefact: Artefact) -> None:
        """Load the model in the thread of its first slot.

        Raises:
            ModelError: See `load_model`.
        """
        await self._threads[0].run(lambda: load_model(self._model, artefact))
        self._loaded = True

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Compute whole outputs one after the other in one slot; nobody sees the pieces."""
        return await self.run_all([Run(item) for item in batch])

    async def run_all(self, runs: list[Run]) -> Sequence[BaseModel | Exception]:
        """Compute streams one after the other in one slot, and return their outputs.

        At most `slots` calls may be under way at once.
        """
        thread = self._free.pop()
        loop = asyncio.get_running_loop()
        try:
            return [await self._compute(thread, run, loop) for run in runs]
        finally:
            self._free.append(thread)

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long all streams together have taken since the start."""
        return {"predict": self._time}

    async def stop(self) -> None:
        """End the threads after the streams that they have accepted."""
        for thread in self._threads:
            thread.stop()

    async def _compute(
        self, thread: ModelThread, run: Run, loop: asyncio.AbstractEventLoop
    ) -> BaseModel | Exception:
        started = perf_counter()
        try:
            return await thread.run(lambda: self._in_thread(run, loop))
        finally:
            self._time.batches += 1
            self._time.items += 1
            self._time.seconds += perf_counter() - started

    def _in_thread(self, run: Run, loop: asyncio.AbstractEventLoop) -> BaseModel | Exception:
        try:
            with closing(self._model.stream(run.item, run.cancel)) as pieces:
                while not run.cancel.requested:
                    try:
                        piece = next(pieces)
                    except StopIteration as end:
                        return self._checked(end.value, self._output_type, "returned")
                    self._checked(piece, self._piece_type, "yielded")
                    if run.deliver is not None:
                        loop.call_soon_threadsafe(run.deliver, piece)
        except BaseException as error:  # noqa: BLE001 - user code may raise anything.
            return failure_of(self._model.name, error)
        return CallerGone("Nobody waits for this answer any more.")

    def _checked(self, value: Any, wanted: type[BaseModel], verb: str) -> BaseModel:
        if isinstance(value, wanted):
            return value
        raise PredictionFailed(
            f"The model {self._model.name} {verb} {type(value).__name__} instead of "
            f"{wanted.__name__}."
        )
