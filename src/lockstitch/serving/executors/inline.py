"""A model in a thread of this process: nothing is copied, nothing is encoded."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from lockstitch.serving.artefact import Artefact
from lockstitch.serving.executors.loading import load_model
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Pipeline, Stage, StageTime
from lockstitch.serving.thread import ModelThread


class InlineExecutor:
    """Runs a model in one thread of its own."""

    def __init__(self, model: Model[Any, Any]) -> None:
        self._model = model
        self._thread = ModelThread(model.name)
        self._pipeline = Pipeline(model)
        self._loaded = False

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._loaded

    async def start(self, artefact: Artefact) -> None:
        """Load the model in its thread.

        Raises:
            ModelError: See `load_model`.
        """
        await self._thread.run(lambda: load_model(self._model, artefact))
        self._loaded = True

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Compute a batch in the thread."""
        return await self._thread.run(lambda: self._pipeline.run(batch))

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long each stage has taken since the start."""
        return self._pipeline.times

    async def stop(self) -> None:
        """End the thread after the calls that it has accepted."""
        self._thread.stop()
