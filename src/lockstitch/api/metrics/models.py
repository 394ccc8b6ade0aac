"""What each version of a model does: its queue, its batches, the time of its stages."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from lockstitch.serving.pipeline import Stage, StageTime
from lockstitch.serving.runtime import ModelRuntime

_BATCH_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_VERSION: Final = ("model", "version")
_STAGE: Final = (*_VERSION, "stage")


class ModelMetrics:
    """The metrics of every model of a process, by name and version."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._batches = Histogram(
            "lockstitch_batch_items",
            "How many items a model got at once.",
            _VERSION,
            buckets=_BATCH_SIZES,
            registry=registry,
        )
        self._queue = _gauge("queue_items", "Items that wait for a model.", registry)
        self._most = _gauge("queue_items_limit", "How many items may wait for a model.", registry)
        self._ready = _gauge("model_ready", "How many processes have the model ready.", registry)
        self._seconds = Counter(
            "lockstitch_stage_seconds",
            "How long each stage of a model has run.",
            _STAGE,
            registry=registry,
        )
        self._items = Counter(
            "lockstitch_stage_items",
            "How many items each stage of a model has taken.",
            _STAGE,
            registry=registry,
        )
        self._seen: dict[tuple[str, str, Stage], StageTime] = {}

    def batch_counter(self, name: str, version: str) -> Callable[[int], None]:
        """Return what a version's runtime calls with the number of items of each batch."""
        return self._batches.labels(name, version).observe

    def sample(self, name: str, version: str, runtime: ModelRuntime) -> None:
        """Read the queue of a version, and how long its stages have run since the last time."""
        self._queue.labels(name, version).set(runtime.waiting)
        self._most.labels(name, version).set(runtime.model.max_queue)
        self._ready.labels(name, version).set(runtime.state == "ready")
        for stage, now in runtime.stage_times.items():
            before = self._seen.get((name, version, stage), StageTime())
            if now.batches < before.batches:
                before = StageTime()  # The model's process is a new one and has begun at nought.
            self._seconds.labels(name, version, stage).inc(max(0.0, now.seconds - before.seconds))
            self._items.labels(name, version, stage).inc(max(0, now.items - before.items))
            self._seen[name, version, stage] = StageTime(now.batches, now.items, now.seconds)


def _gauge(name: str, told: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(
        f"lockstitch_{name}", told, _VERSION, registry=registry, multiprocess_mode="livesum"
    )
