"""What runs a model: the one interface that batching stands on."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel

from lockstitch.serving.artefact import Artefact
from lockstitch.serving.pipeline import Stage, StageTime


class Executor(Protocol):
    """Loads one model from an artefact and computes its batches, one at a time."""

    @property
    def ready(self) -> bool:
        """Whether a batch would be computed now."""

    async def start(self, artefact: Artefact) -> None:
        """Load the model.

        Raises:
            ModelError: `load` raised an error, or the model answers otherwise than in training.
        """

    async def run(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        """Return for each item, in order, its output or the error that its caller gets.

        Raises:
            ModelLoading: The model is being started anew.
        """

    def times(self) -> Mapping[Stage, StageTime]:
        """Return how long each stage has taken since the start."""

    async def stop(self) -> None:
        """End it, after the batch that is being computed."""
