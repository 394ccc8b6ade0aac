"""The stages of one batch, preprocess, predict and postprocess, each timed on its own."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

from pydantic import BaseModel

from lockstitch.errors import LockstitchError, PredictionFailed
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.model import Model

Stage = Literal["preprocess", "predict", "postprocess"]


@dataclass(slots=True)
class StageTime:
    """How often a stage ran, for how many items, and how long it took altogether."""

    batches: int = 0
    items: int = 0
    seconds: float = 0.0


class Pipeline:
    """Runs the stages of a model in the calling thread.

    A stage that the class does not override is left out; `times` holds those that it has.
    """

    def __init__(self, model: Model[Any, Any]) -> None:
        self._name = model.name
        self._output_type = declared_types(type(model))[1]
        self._stages = stages(model)
        self.times: dict[Stage, StageTime] = {name: StageTime() for name, _ in self._stages}

    def run(self, batch: list[BaseModel]) -> list[BaseModel | Exception]:
        """Return one output, or the exception of its caller, for each item in order."""
        # An item that a stage has failed takes no part in the next one.
        outcomes: list[Any] = list(batch)
        for name, stage in self._stages:
            alive = [
                place for place, value in enumerate(outcomes) if not isinstance(value, Exception)
            ]
            if not alive:
                break
            made = self._run_stage(name, stage, [outcomes[place] for place in alive])
            for place, value in zip(alive, made, strict=True):
                outcomes[place] = value
        return [self._checked(outcome) for outcome in outcomes]

    def _run_stage(self, name: Stage, stage: Callable[[list[Any]], Any], items: list[Any]) -> Any:
        started = perf_counter()
        try:
            made = stage(items)
        except BaseException as error:  # noqa: BLE001 - user code may raise anything.
            return [failure_of(self._name, error) for _ in items]
        finally:
            time = self.times[name]
            time.batches += 1
            time.items += len(items)
            time.seconds += perf_counter() - started
        count = _count(made)
        if count is None:
            reason = f"returned {type(made).__name__} instead of a list"
            return [self._wrong(name, reason) for _ in items]
        if count != len(items):
            reason = f"returned {count} results for {len(items)} items"
            return [self._wrong(name, reason) for _ in items]
        return [
            failure_of(self._name, one) if isinstance(one, BaseException) else one for one in made
        ]

    def _wrong(self, stage: Stage, reason: str) -> PredictionFailed:
        place = "" if stage == "predict" else f" from {stage}"
        return PredictionFailed(f"The model {self._name} {reason}{place}.")

    def _checked(self, output: Any) -> BaseModel | Exception:
        if isinstance(output, self._output_type | Exception):
            return output
        wanted = self._output_type.__name__
        return PredictionFailed(
            f"The model {self._name} returned {type(output).__name__} instead of {wanted}."
        )


def failure_of(name: str, error: BaseException) -> Exception:
    """Return what the caller of a model gets for what its code raised.

    A foreign error's text may quote the input, so it is left out.
    """
    if isinstance(error, LockstitchError):
        return error
    failure = PredictionFailed(f"The model {name} raised {type(error).__name__}.")
    failure.__cause__ = error
    return failure


def stages(model: Model[Any, Any]) -> list[tuple[Stage, Callable[[list[Any]], Any]]]:
    """Return the stages that a model has, in their order."""
    kind = type(model)
    found: list[tuple[Stage, Callable[[list[Any]], Any]]] = []
    if kind.preprocess is not Model.preprocess:
        found.append(("preprocess", model.preprocess))
    found.append(("predict", model.predict))
    if kind.postprocess is not Model.postprocess:
        found.append(("postprocess", model.postprocess))
    return found


def _count(made: Any) -> int | None:
    """Return how many rows a stage returned; a sparse matrix has a shape and no length."""
    shape = getattr(made, "shape", None)
    if shape:
        return int(shape[0])
    return len(made) if isinstance(made, list | tuple) else None
