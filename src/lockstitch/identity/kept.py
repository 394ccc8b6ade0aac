"""What was looked up is kept for a while, unless somebody says that it has changed."""

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

KEPT_SECONDS: Final = 10.0
_MOST_KEPT: Final = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """A bounded cache whose entries end after 10 seconds at the latest.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[Key, tuple[Value, float]] = {}
        self._generation = 0

    @property
    def generation(self) -> int:
        """How often something was dropped. Note it before you look something up."""
        return self._generation

    def get(self, key: Key) -> Value | None:
        """Return what is kept, or None when there is nothing or it is too old."""
        entry = self._entries.get(key)
        if entry is None or entry[1] <= self._clock():
            return None
        return entry[0]

    def put(self, key: Key, value: Value, generation: int) -> None:
        """Keep what was looked up since that generation.

        If something was dropped meanwhile, the look-up may have seen what was before the change.
        """
        self._entries.pop(key, None)
        if generation != self._generation:
            return
        if len(self._entries) >= _MOST_KEPT:
            # Dictionaries keep their order: this one was looked up first.
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (value, self._clock() + KEPT_SECONDS)

    def forget(self, key: Key) -> None:
        """Forget what is kept under a key."""
        self._generation += 1
        self._entries.pop(key, None)

    def drop(self, is_changed: Callable[[Value], bool]) -> None:
        """Forget every value of which this is true."""
        self._generation += 1
        self._entries = {
            key: entry for key, entry in self._entries.items() if not is_changed(entry[0])
        }

    def clear(self) -> None:
        """Forget everything."""
        self.drop(lambda _: True)
