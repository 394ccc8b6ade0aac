"""What is served is what was trained: the record, the start that holds it, the planted faults."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from scipy.sparse import csr_matrix
from shouting import silent

from lockstitch.errors import BrokenArtefact, ParityBroken
from lockstitch.serving.artefact import Artefact, ArtefactFacts, Progress
from lockstitch.serving.model import Model
from lockstitch.serving.parity import differences, record_parity
from lockstitch.serving.runtime import ModelRuntime


class Flat(BaseModel):
    area: float
    rooms: int


class Rent(BaseModel):
    euros: float


FLATS = [Flat(area=40, rooms=1), Flat(area=60, rooms=2), Flat(area=90, rooms=4)]
MEAN = np.array([63.0, 2.3])
SCALE = np.array([20.0, 1.2])


class ScaledRent(Model[Flat, Rent]):
    """Scales the columns, then adds them up."""

    def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
        columns = np.array([[flat.area, flat.rooms] for flat in FLATS])
        scaled = (columns - MEAN) / SCALE
        rents = [Rent(euros=float(row.sum() * 100 + 800)) for row in scaled]
        record_parity(directory, FLATS, features=scaled, outputs=rents)
        progress(1.0, "Done")
        return ArtefactFacts()

    def preprocess(self, batch: list[Flat]) -> list[Any]:
        return [(np.array([flat.area, flat.rooms]) - MEAN) / SCALE for flat in batch]

    def predict(self, batch: list[Any]) -> list[Rent]:
        return [Rent(euros=float(row.sum() * 100 + 800)) for row in batch]


class ColumnsSwapped(ScaledRent):
    """Planted: the columns in another order than in training."""

    name = "scaled-rent"

    def preprocess(self, batch: list[Flat]) -> list[Any]:
        return [(np.array([flat.rooms, flat.area]) - MEAN) / SCALE for flat in batch]


class Unscaled(ScaledRent):
    """Planted: the scaling is forgotten."""

    name = "scaled-rent"

    def preprocess(self, batch: list[Flat]) -> list[Any]:
        return [np.array([flat.area, flat.rooms]) for flat in batch]


class Rounded(ScaledRent):
    """Planted: another stage than preprocessing differs."""

    name = "scaled-rent"

    def predict(self, batch: list[Any]) -> list[Rent]:
        return [Rent(euros=round(row.sum() * 100 + 800, -1)) for row in batch]


class Halved(ScaledRent):
    """Planted: a row that cannot be computed."""

    name = "scaled-rent"

    def predict(self, batch: list[Any]) -> list[Any]:
        return [1 / 0 for _ in batch]


def trained(folder: Path) -> Path:
    runtime = ModelRuntime(ScaledRent(), folder)
    runtime.prepare(silent)
    return folder


async def start(model: Model[Any, Any], folder: Path) -> ModelRuntime:
    runtime = ModelRuntime(model, folder)
    await runtime.start()
    await runtime.stop()
    return runtime


async def test_a_model_that_serves_what_was_trained_starts(tmp_path: Path) -> None:
    runtime = await start(ScaledRent(), trained(tmp_path))

    assert runtime.state == "ready"
    assert runtime.artefact is not None
    assert "parity.json" in [file.name for file in runtime.artefact.files]


@pytest.mark.parametrize(
    ("planted", "pointer"),
    [
        (ColumnsSwapped, "features/0"),
        (Unscaled, "features/0"),
        (Rounded, "output/euros"),
        (Halved, "output"),
    ],
)
async def test_a_planted_difference_stops_the_start(
    planted: type[ScaledRent], pointer: str, tmp_path: Path
) -> None:
    folder = trained(tmp_path)

    with pytest.raises(ParityBroken, match=f"row 0, {pointer}: .* in training, .* in serving"):
        await start(planted(), folder)


async def test_a_model_without_a_record_starts(tmp_path: Path) -> None:
    class Unrecorded(ScaledRent):
        def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
            progress(0.5, "Writing")
            (directory / "weights.json").write_text("[1, 2]")
            return ArtefactFacts()

    runtime = ModelRuntime(Unrecorded(), tmp_path)
    runtime.prepare(silent)
    await runtime.start()
    await runtime.stop()

    assert runtime.state == "ready"


async def test_a_record_of_another_form_says_so(tmp_path: Path) -> None:
    class Garden(BaseModel):
        trees: int

    class GardenRent(Model[Garden, Rent]):
        name = "scaled-rent"

        def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
            raise NotImplementedError

        def load(self, artefact: Artefact) -> None: ...

        def predict(self, batch: list[Garden]) -> list[Rent]:
            return [Rent(euros=1) for _ in batch]

    with pytest.raises(BrokenArtefact, match="does not fit the model's input"):
        await start(GardenRent(), trained(tmp_path))


def test_sparse_features_and_single_precision_are_compared_as_numbers(tmp_path: Path) -> None:
    class Sparse(ScaledRent):
        def preprocess(self, batch: list[Flat]) -> Any:
            return csr_matrix([[0.0, flat.area / 3] for flat in batch], dtype=np.float32)

        def predict(self, batch: list[Any]) -> list[Rent]:
            return [Rent(euros=float(row.sum())) for row in batch]

    double = [Rent(euros=flat.area / 3) for flat in FLATS]
    features = csr_matrix([[0.0, flat.area / 3] for flat in FLATS])
    record_parity(tmp_path, FLATS, features=features, outputs=double)
    assert differences(Sparse(), tmp_path) == []

    wrong = csr_matrix([[flat.area / 3, 0.0] for flat in FLATS])
    record_parity(tmp_path, FLATS, features=wrong, outputs=double)
    assert {one.pointer for one in differences(Sparse(), tmp_path)} == {"features/0", "features/1"}


def test_a_record_needs_an_output_for_each_row(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one output"):
        record_parity(tmp_path, FLATS, outputs=[Rent(euros=1)])
    with pytest.raises(ValueError, match="JSON compliant"):
        record_parity(tmp_path, FLATS, features=[math.nan] * 3, outputs=[Rent(euros=1)] * 3)
