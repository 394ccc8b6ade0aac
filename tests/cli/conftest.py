"""Projects to run `lockstitch up` in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from product import Product

APPLICATION = '''
import time
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch import Lockstitch, Model


class Text(BaseModel):
    text: str


class Length(BaseModel):
    characters: int


class Counter(Model[Text, Length]):
    """Counts characters, slowly where asked."""

    def prepare(self, directory, progress):
        from lockstitch.serving.artefact import ArtefactFacts

        (directory / "weights.txt").write_text("1")
        return ArtefactFacts(metrics={"accuracy": 1.0})

    def load(self, artefact):
        self.weight = int((artefact.directory / "weights.txt").read_text())

    def predict(self, batch: list[Text]) -> list[Length]:
        if any(item.text == "slow" for item in batch):
            Path("predicting").touch()
            time.sleep(2)
        return [Length(characters=len(item.text) * self.weight) for item in batch]


app = FastAPI()
Lockstitch(app, models=[Counter])
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one file, as in the README."""
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "app:app"\n')
    return tmp_path


@pytest.fixture
def product_in() -> Iterator[Callable[..., Product]]:
    """Make products that end with the test."""
    made: list[Product] = []

    def make(folder: Path, *options: str, **environment: str) -> Product:
        made.append(Product(folder, options, environment))
        return made[-1]

    yield make
    for product in made:
        product.close()
