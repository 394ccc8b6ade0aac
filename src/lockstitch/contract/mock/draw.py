"""Random numbers that are the same in Python and JavaScript."""

from typing import Final

_WORD: Final = 0xFFFFFFFF


def hashed(text: str) -> int:
    """Return the 32-bit FNV-1a hash of the text's UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 0x01000193) & _WORD
    return value


class Draw:
    """A stream of random numbers (mulberry32) that a text seeds."""

    def __init__(self, seed: str) -> None:
        self._state = hashed(seed)
        self.values = 0

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, and without, the limit (at most 2**53)."""
        self._state = (self._state + 0x6D2B79F5) & _WORD
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 15)) * (mixed | 1)) & _WORD
        mixed ^= (mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61))) & _WORD
        return int((mixed ^ (mixed >> 14)) / 4294967296 * limit)

    def between(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        return least + self.below(most - least + 1)
