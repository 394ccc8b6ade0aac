"""Parity: what is served for some rows is what the training side made of them.

`prepare` records rows with what the training pipeline gave for them; the record is one of the
artefact's files, so it has the model's version. Every start holds the serving pipeline against
it, and `lockstitch generate --parity-test` writes a test that does the same.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from lockstitch.errors import BrokenArtefact, ConfigurationError, ParityBroken
from lockstitch.serving.artefact import newest_artefact
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Pipeline, stages
from lockstitch.serving.preparation import prepare_artefact

RECORD = "parity.json"

# Single precision keeps about seven digits; sums in another order lose some of them.
RELATIVE_TOLERANCE = 1e-4
ABSOLUTE_TOLERANCE = 1e-6

_SHOWN = 3

_TEST = '''"""What is served is what was trained. Made by `lockstitch generate --parity-test`."""

import pytest

from lockstitch import Settings
from lockstitch.api.application import find_lockstitch
from lockstitch.api.loading import load_application
from lockstitch.serving.model import has_prepare
from lockstitch.serving.parity import trained_differences

MODELS = find_lockstitch(load_application("{application}")).models
TRAINED = sorted(name for name, model in MODELS.items() if has_prepare(model()))


@pytest.mark.parametrize("name", TRAINED)
def test_what_is_served_is_what_was_trained(name: str) -> None:
    artefacts = Settings.load().data / "artefacts"

    assert trained_differences(MODELS[name](), artefacts) == []
'''


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is served otherwise than it was in training.

    `pointer` leads from the row to the value, beginning with `features` or `output`.
    """

    row: int
    pointer: str
    training: Any
    serving: Any

    def __str__(self) -> str:
        return (
            f"row {self.row}, {self.pointer}: {self.training!r} in training, "
            f"{self.serving!r} in serving"
        )


def record_parity(
    directory: Path,
    inputs: Sequence[BaseModel],
    *,
    outputs: Sequence[BaseModel],
    features: Any = None,
) -> None:
    """Record what the training side makes of some rows. Call it in `prepare`.

    Args:
        directory: The folder that `prepare` got.
        inputs: The rows, as a caller would send them.
        outputs: What the training pipeline gives for them, made without the serving code.
        features: What its preprocessing gives: one list, array or dictionary for each row. It
            tells which stage differs.

    Raises:
        ValueError: The lengths differ.
    """
    rows = [_plain(row) for row in features] if features is not None else None
    if len(outputs) != len(inputs) or (rows is not None and len(rows) != len(inputs)):
        raise ValueError("record_parity needs one output, and one row of features, for each input")
    recorded = {
        "inputs": [one.model_dump(mode="json", by_alias=True) for one in inputs],
        "features": rows,
        "outputs": [one.model_dump(mode="json", by_alias=True) for one in outputs],
    }
    (directory / RECORD).write_text(json.dumps(recorded, allow_nan=False), "utf-8")


def differences(model: Model[Any, Any], directory: Path) -> list[Difference]:
    """Return where a loaded model answers otherwise than its training recorded.

    An artefact without a record has none.

    Raises:
        BrokenArtefact: The record does not fit the model's input.
    """
    if not (directory / RECORD).is_file():
        return []
    recorded, inputs = _read(directory / RECORD, declared_types(type(model))[0])
    found: list[Difference] = []
    stage, preprocess = stages(model)[0]
    if recorded["features"] is not None and stage == "preprocess":
        made = [_plain(row) for row in preprocess(inputs)]
        found += _compare_rows("features", recorded["features"], made)
    served = [_as_json(outcome) for outcome in Pipeline(model).run(inputs)]
    return found + _compare_rows("output", recorded["outputs"], served)


def refuse_differences(model: Model[Any, Any], directory: Path) -> None:
    """Refuse to serve a model that answers otherwise than its training recorded.

    Raises:
        ParityBroken: The message names the first rows and values.
        BrokenArtefact: The record does not fit the model's input.
    """
    found = differences(model, directory)
    if not found:
        return
    shown = "; ".join(str(one) for one in found[:_SHOWN])
    raise ParityBroken(
        f"The model {model.name} answers otherwise than in training, in {len(found)} "
        f"value{'s' if len(found) > 1 else ''}: {shown}. Mend the stage that differs, or train "
        "again."
    )


def trained_differences(model: Model[Any, Any], artefacts: Path) -> list[Difference]:
    """Return where a model answers otherwise than its training recorded.

    Args:
        model: A model with `prepare`; it is trained when there is no artefact of it yet.
        artefacts: The folder of all models' artefacts.

    Raises:
        ConfigurationError: Its `prepare` records no rows.
        BrokenArtefact, DataDirectoryRefused, DiskFull: See `prepare_artefact`.
    """
    folder = artefacts / model.name
    prepare_artefact(model, folder, lambda done, step: None)  # noqa: ARG005 - nobody watches.
    artefact = newest_artefact(folder)
    if artefact is None or not (artefact.directory / RECORD).is_file():
        raise ConfigurationError(
            f"{type(model).__qualname__}.prepare records no rows. Call record_parity(directory, "
            "inputs, outputs=…) in it, then delete the artefact and train again."
        )
    model.load(artefact)
    return differences(model, artefact.directory)


def parity_test(application: str) -> str:
    """Return a pytest module that holds each trained model of an application to its training.

    Args:
        application: Where it is, such as `package.module:app`.
    """
    return _TEST.format(application=application)


def _read(path: Path, input_type: type[BaseModel]) -> tuple[dict[str, Any], list[BaseModel]]:
    try:
        recorded = json.loads(path.read_text("utf-8"))
        rows = json.dumps(recorded["inputs"])
        inputs = TypeAdapter(list[input_type]).validate_json(rows)  # type: ignore[valid-type]
        complete = {"features": recorded["features"], "outputs": recorded["outputs"]}
    except (ValueError, KeyError, TypeError):
        raise BrokenArtefact(
            f"{path} does not fit the model's input any more. Train again, with record_parity on "
            "rows of the present form."
        ) from None
    return complete, inputs


def _as_json(outcome: BaseModel | Exception) -> Any:
    if isinstance(outcome, Exception):
        return f"{type(outcome).__name__}"
    return outcome.model_dump(mode="json", by_alias=True)


def _plain(value: Any) -> Any:
    """Return numbers, lists and dictionaries for what a numeric library made."""
    if hasattr(value, "tocoo"):
        # A row of a sparse matrix: the places that are not zero.
        row = value.tocoo()
        return {
            str(column): float(number) for column, number in zip(row.col, row.data, strict=True)
        }
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value


def _compare_rows(name: str, training: list[Any], serving: list[Any]) -> list[Difference]:
    if len(training) != len(serving):
        return [Difference(0, name, f"{len(training)} rows", f"{len(serving)} rows")]
    return [
        Difference(row, pointer, expected, found)
        for row, (one, other) in enumerate(zip(training, serving, strict=True))
        for pointer, expected, found in _compare(one, other, name)
    ]


def _compare(training: Any, serving: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(training, dict) and isinstance(serving, dict):
        for key in sorted({*training, *serving}):
            yield from _compare(training.get(key), serving.get(key), f"{pointer}/{key}")
    elif isinstance(training, list) and isinstance(serving, list) and _fit(training, serving):
        for index, (one, other) in enumerate(zip(training, serving, strict=True)):
            yield from _compare(one, other, f"{pointer}/{index}")
    elif not _equal(training, serving):
        yield pointer, training, serving


def _fit(training: list[Any], serving: list[Any]) -> bool:
    return len(training) == len(serving)


def _equal(training: Any, serving: Any) -> bool:
    if _is_number(training) and _is_number(serving):
        return math.isclose(
            training, serving, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE
        )
    return type(training) is type(serving) and bool(training == serving)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
