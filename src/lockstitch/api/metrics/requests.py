"""How long the answers of each route take, and why requests were refused."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

# In seconds: fine where an answer of a small model lies, up to what a person waits for.
BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


class RequestMetrics:
    """One histogram for each method, path template and status, and one counter for each problem.

    Labels are templates and names of our own, so that no caller can make a new series.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "lockstitch_request_duration_seconds",
            "How long answers took, by route and status.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._problems = Counter(
            "lockstitch_problems",
            "Answers that were problem documents, by the name of the problem.",
            ("problem",),
            registry=registry,
        )
        # Finding a child by its labels costs more than counting in it.
        self._known: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer of a route, which is named by its template."""
        histogram = self._known.get((method, route, status))
        if histogram is None:
            histogram = self._durations.labels(method, route, str(status))
            self._known[method, route, status] = histogram
        histogram.observe(seconds)

    def refuse(self, problem: str) -> None:
        """Count an answer that is a problem document."""
        self._problems.labels(problem).inc()
