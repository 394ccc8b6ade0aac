"""A model that gives its output piece by piece."""

import threading
from collections.abc import Generator
from contextlib import closing
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel

from lockstitch.serving.model import In, Model, Out

Piece = TypeVar("Piece", bound=BaseModel)


class Cancel:
    """Whether nobody waits for the rest any more. It may be asked from any thread."""

    def __init__(self) -> None:
        self._requested = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether to stop. Once true it stays true."""
        return self._requested.is_set()

    def request(self) -> None:
        """Ask for the stop."""
        self._requested.set()


class StreamingModel(Model[In, Out], Generic[In, Piece, Out]):
    """A model with a typed input, typed pieces and a typed output: text, frames, steps.

    `stream` yields the pieces as they are made and returns the output. It runs inline, in one
    of `slots` threads; between two pieces the server looks whether the caller still waits and
    closes the generator when not. The stages `preprocess` and `postprocess` are its own affair.

    Example:
        ```python
        class Spell(StreamingModel[Text, Text, Text]):
            \"\"\"Say it letter by letter.\"\"\"

            def stream(self, item: Text, cancel: Cancel) -> Generator[Text, None, Text]:
                for letter in item.text:
                    yield Text(text=letter)
                return item
        ```
    """

    slots: ClassVar[int] = 1
    """How many streams run at the same time, each in a thread of its own. With 1 it is the
    thread of `load`; with more, `stream` must be safe to call from several threads."""

    max_queue: ClassVar[int] = 64
    """The most streams that wait for a slot. One more is refused with status 503."""

    def stream(self, item: In, cancel: Cancel) -> Generator[Piece, None, Out]:
        """Yield the pieces of the output as they are made, then return the whole output.

        Args:
            item: The input.
            cancel: Ask `cancel.requested` in work that takes long between two pieces. When it
                is true, what is yielded or returned afterwards reaches nobody.

        Code after a `yield` may not run: release what must be released in `finally`, which has
        to end soon, since the slot is free only then. An exception fails this stream alone.
        """
        raise NotImplementedError

    def predict(self, batch: list[In]) -> list[Out]:
        """Return the whole output of each input, one after the other."""
        return [self._whole(item) for item in batch]

    def _whole(self, item: In) -> Out:
        with closing(self.stream(item, Cancel())) as pieces:
            while True:
                try:
                    next(pieces)
                except StopIteration as end:
                    output: Out = end.value
                    return output
