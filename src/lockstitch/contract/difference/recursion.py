"""Remembering results about schemas that contain each other.

What is asked for again while it is being worked out is taken as an assumption, so a result that
rests on it holds only as long as the assumption does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

Key = tuple[int, int]
Result = TypeVar("Result")


@dataclass(slots=True)
class Recursion(Generic[Result]):
    """Works out a result for each key once, where it does not rest on one in progress.

    `assumed` stands for the result of a key that is in progress. A result that rests on it is
    kept only until that key is finished, for elsewhere the assumption need not be made.
    """

    assumed: Result
    _known: dict[Key, Result] = field(default_factory=dict)
    _passing: dict[Key, tuple[Result, float]] = field(default_factory=dict)
    _places: dict[Key, int] = field(default_factory=dict)
    # How far down in what is in progress the results since then rest.
    _lowest: float = inf

    def of(self, key: Key, work: Callable[[], Result]) -> Result:
        """Return the result for a key, by what was known or by working it out."""
        if key in self._known:
            return self._known[key]
        if key in self._passing:
            result, lowest = self._passing[key]
            self._lowest = min(self._lowest, lowest)
            return result
        if key in self._places:
            self._lowest = min(self._lowest, self._places[key])
            return self.assumed
        return self._worked_out(key, work)

    def _worked_out(self, key: Key, work: Callable[[], Result]) -> Result:
        place = len(self._places)
        self._places[key] = place
        outer, self._lowest = self._lowest, inf
        try:
            result = work()
        finally:
            del self._places[key]
            self._passing = {one: found for one, found in self._passing.items() if found[1] < place}
        if self._lowest >= place:
            self._known[key] = result
            self._lowest = outer
        else:
            self._passing[key] = (result, self._lowest)
            self._lowest = min(outer, self._lowest)
        return result
