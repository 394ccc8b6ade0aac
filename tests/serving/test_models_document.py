"""The code in docs/models.md runs as it stands there."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from shouting import silent

from lockstitch.serving.runtime import ModelRuntime

DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"


@pytest.fixture
def document(tmp_path: Path) -> Iterator[ModuleType]:
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    source = tmp_path / "models_document.py"
    source.write_text("\n\n".join(blocks))
    spec = importlib.util.spec_from_file_location("models_document", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["models_document"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["models_document"]


@pytest.mark.parametrize(
    ("name", "rent"),
    [
        ("FlatRent", 720),
        ("TrainedRent", 704),
        ("FlatPhotos", 720),
        ("ScaledRent", 520),
        ("RecordedRent", 520),
        ("RentOfAYear", 720),
    ],
)
async def test_each_model_of_the_document_is_served(
    document: ModuleType, tmp_path: Path, name: str, rent: int
) -> None:
    runtime = ModelRuntime(getattr(document, name)(), tmp_path / "artefacts")
    runtime.prepare(silent)
    await runtime.start()
    answer = await runtime.predict(document.Flat(area_square_metres=60, rooms=2))
    await runtime.stop()

    assert round(answer.euros_a_month) == rent  # type: ignore[attr-defined]


async def test_the_trained_model_of_the_document_has_a_metric(
    document: ModuleType, tmp_path: Path
) -> None:
    runtime = ModelRuntime(document.TrainedRent(), tmp_path / "artefacts")
    runtime.prepare(silent)
    await runtime.start()
    await runtime.stop()

    assert runtime.artefact is not None
    assert runtime.artefact.metrics["mean_absolute_error_euros"] == pytest.approx(33.7, abs=0.1)
