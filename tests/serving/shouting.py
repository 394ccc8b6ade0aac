"""Small real models that the tests of this room serve."""

import threading
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lockstitch.errors import ModelOverloaded
from lockstitch.serving.artefact import Artefact, ArtefactFacts, Progress
from lockstitch.serving.model import Model


class Text(BaseModel):
    text: str


class Shout(Model[Text, Text]):
    """Say it louder."""

    def predict(self, batch: list[Text]) -> list[Text]:
        return [Text(text=item.text.upper()) for item in batch]


class Trained(Model[Text, Text]):
    """Adds an ending that it has learnt."""

    ending = "!"

    def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
        progress(0.5, "Learning")
        (directory / "ending.txt").write_text(self.ending)
        (directory / "more").mkdir()
        (directory / "more" / "notes.txt").write_text("none")
        return ArtefactFacts(metrics={"accuracy": 0.5, "rows": 2}, labels=("loud", "quiet"))

    def load(self, artefact: Artefact) -> None:
        self.loaded = (artefact.directory / "ending.txt").read_text()
        self.loaded_in = threading.current_thread()

    def predict(self, batch: list[Text]) -> list[Text]:
        assert threading.current_thread() is self.loaded_in
        return [Text(text=item.text + self.loaded) for item in batch]


class Moody(Model[Text, Text]):
    """Does to each text what the text asks for."""

    def predict(self, batch: list[Text]) -> list[Text]:
        answers: list[Any] = []
        for item in batch:
            if item.text == "sleep":
                time.sleep(600)
            if item.text == "exit":
                raise SystemExit(3)
            if item.text == "raise":
                raise ValueError(f"cannot read {item.text}")
            answers.append(self.answer(item.text))
        if batch[0].text == "generator":
            return (item for item in answers)  # type: ignore[return-value]
        return answers

    def answer(self, text: str) -> Any:
        if text == "one error":
            return ValueError(f"cannot read {text}")
        if text == "our error":
            return ModelOverloaded("Not today.")
        if text == "dictionary":
            return {"text": text}
        return Text(text=text)


def silent(done: float, step: str) -> None:
    """Take progress and say nothing."""
