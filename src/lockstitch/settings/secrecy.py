"""How hard a secret is to guess."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

# 32 hexadecimal digits, the shortest spelling of 128 bits, are just above it.
LEAST_SECRET_BITS: Final = 100.0


def entropy_bits(secret: str) -> float:
    """Return the Shannon entropy of a secret's characters or of their steps, in bits.

    The lesser of the two: `abcdef` has many characters and one step.
    """
    steps = [ord(after) - ord(before) for before, after in pairwise(secret)]
    return min(_shannon_bits(secret), _shannon_bits(steps))


def _shannon_bits(symbols: Sequence[str | int]) -> float:
    counts = Counter(symbols).values()
    return sum(count * math.log2(len(symbols) / count) for count in counts)
