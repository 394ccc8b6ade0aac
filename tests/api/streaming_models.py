"""Streaming models that the tests of the API serve."""

import threading
from collections.abc import Generator
from queue import SimpleQueue
from typing import ClassVar

from conftest import Echo, Sound
from pydantic import BaseModel

from lockstitch import StreamingModel
from lockstitch.serving.streaming import Cancel


class Letter(BaseModel):
    letter: str


class Spell(StreamingModel[Sound, Letter, Echo]):
    """Says it letter by letter, and fails at an exclamation mark."""

    def stream(self, item: Sound, cancel: Cancel) -> Generator[Letter, None, Echo]:
        for letter in item.text:
            if letter == "!":
                raise ValueError("the secret input")
            yield Letter(letter=letter)
        return Echo(text=item.text, loudness=1.0)


class Hum(StreamingModel[Sound, Letter, Echo]):
    """Hums until nobody listens."""

    max_queue = 1
    ended: ClassVar[threading.Semaphore] = threading.Semaphore(0)
    begun: ClassVar[SimpleQueue[str]] = SimpleQueue()

    def stream(self, item: Sound, cancel: Cancel) -> Generator[Letter, None, Echo]:
        self.begun.put(item.text)
        try:
            while not cancel.requested:
                if item.text == "hum":
                    yield Letter(letter="m")
                threading.Event().wait(0.01)
            return Echo(text=item.text, loudness=0.0)
        finally:
            self.ended.release()
