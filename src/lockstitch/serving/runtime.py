"""One model in this process: its artefact, its thread and its batches."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from lockstitch.errors import LockstitchError, ModelError, ModelLoading, PredictionFailed
from lockstitch.serving.artefact import Artefact, Progress, beside, broken, newest_artefact, verify
from lockstitch.serving.batching import Batcher
from lockstitch.serving.declaration import (
    check_declaration,
    declared_types,
    source_digest,
    source_file,
)
from lockstitch.serving.model import Model, has_prepare
from lockstitch.serving.preparation import prepare_artefact
from lockstitch.serving.thread import ModelThread

State = Literal["loading", "ready", "failed"]


class ModelRuntime:
    """Runs one model.

    Args:
        model: The model; its class is checked here.
        artefacts: The folder of all models' artefacts; this one's is `artefacts/<name>`.

    Raises:
        ConfigurationError: The class cannot be served; the message says why.
    """

    def __init__(self, model: Model[Any, Any], artefacts: Path) -> None:
        check_declaration(model)
        self.model = model
        self.name = model.name
        self.input_type, self.output_type = declared_types(type(model))
        self.folder = artefacts / model.name
        self.artefact: Artefact | None = None
        self.state: State = "loading"
        self.failure: LockstitchError | None = None
        self._thread = ModelThread(model.name)
        self._batcher: Batcher[BaseModel, BaseModel] = Batcher(
            self._compute,
            name=f"The model {model.name}",
            max_batch=model.max_batch,
            max_queue=model.max_queue,
        )

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
        """Verify the newest artefact and load the model in its own thread.

        Raises:
            BrokenArtefact: The artefact is missing or damaged.
            ModelError: `load` raised an error, which is the cause.
        """
        try:
            if self.model.in_event_loop:
                self._load()
            else:
                await self._thread.run(self._load)
        except LockstitchError as error:
            self.state, self.failure = "failed", error
            raise
        self.state = "ready"

    async def predict(self, item: BaseModel) -> BaseModel:
        """Return the model's output for one input, computed together with what else waits.

        The output is of the declared type. `encode_output` checks its numbers and texts, where
        the bytes are made anyway.

        Raises:
            ModelLoading: The model is not ready yet.
            ModelOverloaded: `max_queue` items wait, or the model is stopping.
            PredictionFailed: `predict` raised an error or returned something else than it says.
            LockstitchError: Why the model could not be started, or what `predict` gave for
                this item.
        """
        if self.failure is not None:
            raise self.failure
        if self.state == "loading":
            raise ModelLoading(f"The model {self.name} is still loading. Try again in a moment.")
        if self.model.in_event_loop:
            return self._only(item)
        return await self._batcher.submit(item)

    async def stop(self) -> None:
        """Answer what was accepted, refuse everything new, and end the thread."""
        await self._batcher.stop()
        self._thread.stop()

    def _load(self) -> None:
        self.artefact, readable = self._find_artefact()
        try:
            self.model.load(readable)
        except LockstitchError:
            raise
        except BaseException as error:
            raise ModelError(
                f"The model {self.name} could not be loaded from {readable.directory}: "
                f"{type(error).__name__}: {error}"
            ) from error

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

    async def _compute(self, batch: list[BaseModel]) -> Sequence[BaseModel | Exception]:
        return await self._thread.run(lambda: self._predict(batch))

    def _predict(self, batch: list[BaseModel]) -> list[BaseModel | Exception]:
        try:
            outputs = self.model.predict(batch)
        except BaseException as error:  # noqa: BLE001 - user code may raise anything.
            return [self._failed(error) for _ in batch]
        if not isinstance(outputs, list | tuple):
            reason = f"returned {type(outputs).__name__} instead of a list"
            return [PredictionFailed(f"The model {self.name} {reason}.") for _ in batch]
        return [self._checked(output) for output in outputs]

    def _only(self, item: BaseModel) -> BaseModel:
        """Return the output for one item, computed here and now."""
        outputs = self._predict([item])
        if len(outputs) != 1:
            raise PredictionFailed(
                f"The model {self.name} returned {len(outputs)} results for 1 items."
            )
        if isinstance(outputs[0], Exception):
            raise outputs[0]
        return outputs[0]

    def _checked(self, output: Any) -> BaseModel | Exception:
        if isinstance(output, self.output_type):
            return output
        if isinstance(output, BaseException):
            return self._failed(output)
        wanted = self.output_type.__name__
        return PredictionFailed(
            f"The model {self.name} returned {type(output).__name__} instead of {wanted}."
        )

    def _failed(self, error: BaseException) -> Exception:
        """Return what the caller gets. A foreign error's text may quote the input: leave it."""
        if isinstance(error, LockstitchError):
            return error
        failure = PredictionFailed(f"The model {self.name} raised {type(error).__name__}.")
        failure.__cause__ = error
        return failure
