"""How long the answers of each route take, as histograms: cheap to fill, read now and then."""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

# In seconds: fine where an answer of a small model lies, up to what a person waits for.
BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


@dataclass(slots=True)
class Histogram:
    """Counts of durations: `counts[i]` are above `BUCKETS[i - 1]` and at most `BUCKETS[i]`.

    The last one counts what took longer than all buckets.
    """

    sum_seconds: float = 0.0
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.sum_seconds += seconds
        self.counts[bisect_left(BUCKETS, seconds)] += 1


class RequestTimes:
    """One histogram for each route's path template and status; filled by the event loop alone."""

    def __init__(self) -> None:
        self._histograms: dict[tuple[str, int], Histogram] = {}

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count an answer of a route."""
        histogram = self._histograms.get((route, status))
        if histogram is None:
            histogram = self._histograms[route, status] = Histogram()
        histogram.observe(seconds)

    def histograms(self) -> dict[tuple[str, int], Histogram]:
        """Return every histogram by route and status."""
        return dict(self._histograms)
