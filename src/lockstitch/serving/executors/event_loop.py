"""A model in the event loop itself: for what costs less than the way to a thread."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from lockstitch.serving.artefact import Artefact
from lockstitch.serving.executors.loading import load_model
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Pipeline, Stage, StageTime


class EventLoopExecutor:
    """Runs a model where its requests are read; nothing waits, so there is no batch to wait for."""

    def __init__(self, model: Model[Any, Any]) -> None:
        self._model = model
        self._pipeline = Pipeline(model)
        self._loaded = False

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._loaded

    async def start(self, artefact: Artefact) -> None:
        """Load the model.

        Raises:
            ModelError: See `load_model`.
        """
        load_model(self._model, artefact)
        self._loaded = True

    def compute(self, item: BaseModel) -> BaseModel:
        """Return the output for one item, now.

        Raises:
            PredictionFailed: The model failed, or returned something else than it says.
            LockstitchError: What the model gave for this item.
        """
        (output,) = self._pipeline.run([item])
        if isinstance(output, Exception):
            raise output
        return output

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Compute a batch, now."""
        return self._pipeline.run(batch)

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long each stage has taken since the start."""
        return self._pipeline.times

    async def stop(self) -> None:
        """Have nothing to end."""
