"""One model that this process serves: its artefact, its executor and its batches."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import time_ns
from typing import Any, Literal

from pydantic import BaseModel

from lockstitch.errors import ConfigurationError, LockstitchError, ModelLoading
from lockstitch.serving.artefact import Artefact, Progress, beside, broken, newest_artefact, verify
from lockstitch.serving.batching import Batcher, Presence
from lockstitch.serving.declaration import (
    check_declaration,
    declared_types,
    source_digest,
    source_file,
)
from lockstitch.serving.executors.event_loop import EventLoopExecutor
from lockstitch.serving.executors.executor import Executor
from lockstitch.serving.executors.inline import InlineExecutor
from lockstitch.serving.executors.process import ProcessExecutor
from lockstitch.serving.executors.ray import RayExecutor
from lockstitch.serving.executors.slots import SlotExecutor
from lockstitch.serving.generation import Generation, Generations
from lockstitch.serving.model import Model, has_prepare
from lockstitch.serving.pipeline import Stage, StageTime
from lockstitch.serving.preparation import prepare_artefact
from lockstitch.serving.streaming import StreamingModel
from lockstitch.tracing import Turn, is_traced, span

State = Literal["loading", "ready", "failed"]


class ModelRuntime:
    """Runs one model.

    Args:
        model: The model; its class is checked here.
        artefacts: The folder of all models' artefacts; this one's is `artefacts/<name>`.

    Raises:
        ConfigurationError: The class cannot be served; the message says why.

    `on_batch`, when it is set, is called with the number of items of each batch before it runs.
    """

    def __init__(self, model: Model[Any, Any], artefacts: Path) -> None:
        check_declaration(model)
        self.model = model
        self.name = model.name
        self.input_type, self.output_type = declared_types(type(model))
        self.folder = artefacts / model.name
        self.artefact: Artefact | None = None
        self.failure: LockstitchError | None = None
        # By the identity of the item, which lives as long as its entry.
        self._turns: dict[int, Turn] = {}
        self.on_batch: Callable[[int], None] | None = None
        self.executor: Executor
        self._generations: Generations | None = None
        if isinstance(model, StreamingModel):
            self.executor = slots = SlotExecutor(model)
            self._generations = Generations(model, slots)
        else:
            self.executor = executor_of(model)
        self._batcher: Batcher[BaseModel, BaseModel] = Batcher(
            self._run,
            name=f"The model {model.name}",
            max_batch=model.max_batch,
            max_queue=model.max_queue,
            cost=model.cost,
            max_cost=model.max_batch_cost,
            workers=model.replicas if model.executor == "ray" else 1,
        )

    @property
    def state(self) -> State:
        """Whether the model answers, will do so soon, or could not be started."""
        if self.failure is not None:
            return "failed"
        return "ready" if self.executor.ready else "loading"

    @property
    def digest(self) -> str:
        """What tells one version of the model from another.

        The artefact's digest; without `prepare`, the sha256 of the class's source file.

        Raises:
            ModelLoading: The artefact has not been loaded yet.
        """
        if self.artefact is not None:
            return self.artefact.digest
        if has_prepare(self.model):
            raise ModelLoading(f"The model {self.name} is still loading. Try again in a moment.")
        return source_digest(type(self.model))

    def prepare(self, progress: Progress) -> None:
        """Make the artefact when the model has `prepare` and there is none. Blocks meanwhile.

        Raises:
            BrokenArtefact, ConfigurationError, DataDirectoryRefused, DiskFull: See
                `prepare_artefact`.
        """
        if has_prepare(self.model):
            prepare_artefact(self.model, self.folder, progress)

    async def start(self) -> None:
        """Verify the newest artefact and load the model where its code runs.

        Raises:
            BrokenArtefact: The artefact is missing or damaged.
            ParityBroken: The model answers otherwise than its training recorded.
            ModelError: `load` raised an error, which is the cause.
        """
        try:
            self.artefact, readable = await asyncio.to_thread(self._find_artefact)
            await self.executor.start(readable)
        except LockstitchError as error:
            self.failure = error
            raise

    @property
    def waiting(self) -> int:
        """How many items wait for their batch, or for a slot."""
        return (self._generations or self._batcher).waiting

    @property
    def stage_times(self) -> Mapping[Stage, StageTime]:
        """How long each stage has taken since the start."""
        return self.executor.times()

    async def predict(
        self,
        item: BaseModel,
        *,
        deadline: float | None = None,
        presence: Presence | None = None,
    ) -> BaseModel:
        """Return the model's output for one input, computed together with what else waits.

        The output is of the declared type. `encode_output` checks its numbers and texts, where
        the bytes are made anyway.

        Args:
            item: The input.
            deadline: The loop's time after which nobody waits for the output.
            presence: Whether the caller still waits; asked when the item's turn comes.

        Raises:
            CallerGone: The caller left before the item's turn; it was not computed.
            DeadlineExceeded: The deadline came first.
            ModelLoading: The model is not ready yet.
            ModelOverloaded: `max_queue` items wait, or the model is stopping.
            PredictionFailed: `predict` raised an error or returned something else than it says.
            LockstitchError: Why the model could not be started, or what `predict` gave for
                this item.
        """
        self._refuse_unless_ready()
        if self._generations is not None:
            return await self._generations.predict(item, deadline=deadline, presence=presence)
        if isinstance(self.executor, EventLoopExecutor):
            self._count(1)
            with span("predict", **{"lockstitch.model": self.name}):
                return self.executor.compute(item)
        if not is_traced():
            return await self._batcher.submit(item, deadline=deadline, presence=presence)
        turn = self._turns[id(item)] = Turn()
        try:
            return await self._batcher.submit(item, deadline=deadline, presence=presence)
        finally:
            del self._turns[id(item)]
            turn.add_spans(self.name)

    def generate(self, item: BaseModel, *, deadline: float | None = None) -> Generation:
        """Begin the stream of one input and return it; the caller must close it.

        Args:
            item: The input.
            deadline: The loop's time after which nobody waits for the output.

        Raises:
            ConfigurationError: The model does not stream.
            ModelLoading: The model is not ready yet.
            LockstitchError: Why the model could not be started. All other errors of `predict`
                come when the pieces are read.
        """
        self._refuse_unless_ready()
        if self._generations is None:
            raise ConfigurationError(
                f"The model {self.name} does not stream. Derive it from StreamingModel."
            )
        return self._generations.begin(item, deadline)

    async def stop(self) -> None:
        """Answer what was accepted, refuse everything new, and end the executor."""
        await (self._generations or self._batcher).stop()
        await self.executor.stop()

    def _refuse_unless_ready(self) -> None:
        if self.failure is not None:
            raise self.failure
        if self.state == "loading":
            raise ModelLoading(f"The model {self.name} is still loading. Try again in a moment.")

    async def _run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        self._count(len(batch))
        if not self._turns:
            return await self.executor.run(batch)
        turns = [self._turns[id(item)] for item in batch if id(item) in self._turns]
        before = _seconds(self.executor.times())
        began_ns = time_ns()
        for turn in turns:
            turn.began_ns, turn.items = began_ns, len(batch)
        try:
            return await self.executor.run(batch)
        finally:
            ended_ns, stages = time_ns(), self._stages_since(before)
            for turn in turns:
                turn.ended_ns, turn.stages = ended_ns, stages

    def _stages_since(self, before: Mapping[str, float]) -> dict[str, float]:
        """Return the seconds of each stage of the batch that has just ended."""
        if self.model.executor == "ray":
            return {}  # Several batches are computed at once.
        after = _seconds(self.executor.times())
        # A process that began anew counts from nought.
        since = {stage: seconds - before.get(stage, 0.0) for stage, seconds in after.items()}
        return since if all(seconds >= 0 for seconds in since.values()) else {}

    def _count(self, items: int) -> None:
        if self.on_batch is not None:
            self.on_batch(items)

    def _find_artefact(self) -> tuple[Artefact | None, Artefact]:
        """Return the model's own artefact, if it makes one, and what `load` gets."""
        if not has_prepare(self.model):
            kind = type(self.model)
            return None, beside(source_file(kind), self.name, source_digest(kind))
        artefact = newest_artefact(self.folder)
        if artefact is None:
            raise broken(self.folder, "the folder holds none")
        verify(artefact, self.name)
        return artefact, artefact


def _seconds(times: Mapping[Stage, StageTime]) -> dict[str, float]:
    return {stage: time.seconds for stage, time in times.items()}


def executor_of(model: Model[Any, Any]) -> Executor:
    """Return where the model's class says that its code runs.

    Raises:
        ConfigurationError: The class cannot run there.
    """
    if model.executor == "ray":
        return RayExecutor(model)
    if model.executor == "event-loop":
        return EventLoopExecutor(model)
    if model.executor == "process":
        return ProcessExecutor(model, max_memory_bytes=model.max_memory_bytes)
    return InlineExecutor(model)
