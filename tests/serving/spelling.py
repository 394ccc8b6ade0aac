"""Small real streaming models."""

import threading
from collections.abc import Generator
from pathlib import Path
from queue import SimpleQueue

from pydantic import BaseModel
from shouting import Text

from lockstitch.errors import PredictionFailed
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.streaming import Cancel, StreamingModel


class Letter(BaseModel):
    letter: str


class Spell(StreamingModel[Text, Letter, Text]):
    """Say it letter by letter, and fail where it is asked to."""

    def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
        for letter in item.text:
            if letter == "!":
                raise ValueError(item.text)
            if letter == "?":
                raise PredictionFailed("Questions are not spelt.")
            yield Letter(letter=letter)
        return item


class Endless(StreamingModel[Text, Letter, Text]):
    """Go on until nobody listens; each letter needs a permit of its stream."""

    slots = 2
    max_queue = 1

    def load(self, artefact: Artefact) -> None:
        assert Path(artefact.directory).is_dir()
        self.permits: dict[str, SimpleQueue[None]] = {text: SimpleQueue() for text in "abcd"}
        self.begun: SimpleQueue[str] = SimpleQueue()
        self.made = 0
        self.ended = threading.Semaphore(0)

    def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
        self.begun.put(item.text)
        try:
            while True:
                self.permits[item.text].get()
                self.made += 1
                yield Letter(letter=item.text)
        finally:
            self.ended.release()
