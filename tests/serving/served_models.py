"""Models at the top of a module, which a process of their own can import."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel
from shouting import Text

from lockstitch.serving.artefact import Artefact
from lockstitch.serving.model import Model


class Colour(Enum):
    RED = "red"


class Kinds(BaseModel):
    whole: int
    ratio: float
    exact: Decimal
    identity: UUID
    moment: datetime
    day: date
    length: timedelta
    colour: Colour
    content: bytes
    names: dict[str, list[int] | None]
    more: "Kinds | None" = None


KINDS = Kinds(
    whole=2**60,
    ratio=0.1,
    exact=Decimal("1.10"),
    identity=UUID(int=7),
    moment=datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    day=date(2026, 1, 31),
    length=timedelta(seconds=1.5),
    colour=Colour.RED,
    content=b"bytes",
    names={"a": [1], "b": None},
)


class Everything(Model[Kinds, Kinds]):
    """Gives back what it gets."""

    examples = (KINDS, KINDS.model_copy(update={"more": KINDS, "names": {}}))

    def predict(self, batch: list[Kinds]) -> list[Kinds]:
        return batch


class Reading(Model[Text, Text]):
    """Finds its own source."""

    def load(self, artefact: Artefact) -> None:
        self.found = (artefact.directory / Path(__file__).name).is_file()

    def predict(self, batch: list[Text]) -> list[Text]:
        assert self.found
        return [Text(text=Path(__file__).name) for _ in batch]


class Unreadable(Model[Text, Text]):
    """Cannot be loaded."""

    def load(self, artefact: Artefact) -> None:
        raise ValueError("no weights" if artefact.directory.is_dir() else "no folder")

    def predict(self, batch: list[Text]) -> list[Text]:
        return batch


class Leaning(Model[Text, Text]):
    """Has two stages."""

    def preprocess(self, batch: list[Text]) -> list[Any]:
        return [item.text[::-1] for item in batch]

    def predict(self, batch: list[Any]) -> list[Text]:
        return [Text(text=text) for text in batch]


class Painting(Model[Text, Text]):
    """Prints, as some libraries do."""

    def predict(self, batch: list[Text]) -> list[Text]:
        print("a picture of", *(item.text for item in batch), flush=True)
        return batch


class Growing(Model[Text, Text]):
    """Leaks memory."""

    max_memory_bytes = 150_000_000
    held: ClassVar[list[bytearray]] = []

    def predict(self, batch: list[Text]) -> list[Text]:
        self.held.append(bytearray(b"x" * 2_000_000))
        return batch


class Placed(Model[Text, Text]):
    """Says in which process it runs; takes its time when it is asked to."""

    executor = "ray"
    replicas = 2
    max_batch = 1

    def predict(self, batch: list[Text]) -> list[Text]:
        if batch[0].text == "slowly":
            time.sleep(1)
        return [Text(text=str(os.getpid())) for _ in batch]
