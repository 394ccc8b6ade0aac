"""Every metric of one web process."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import psutil
from prometheus_client import CollectorRegistry, Gauge

from lockstitch.api.in_flight import InFlight
from lockstitch.api.metrics.models import ModelMetrics
from lockstitch.api.metrics.requests import RequestMetrics
from lockstitch.database.session import Database
from lockstitch.serving.recorder import Recorder
from lockstitch.serving.runtime import ModelRuntime

# How old what has a size rather than a count may be when it is asked for.
_SAMPLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """What has a size: it is read now and then instead of at each change.

    `models` holds each model's runtime by its name and version.
    """

    database: Database
    recorder: Recorder
    in_flight: InFlight
    models: Mapping[tuple[str, str], ModelRuntime]


@dataclass
class Metrics:
    """The metrics of a process, in a registry of their own.

    Where `PROMETHEUS_MULTIPROC_DIR` was set before the process began, they live in files of that
    folder, and whoever reads the folder sees all processes as one.
    """

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.requests = RequestMetrics(self.registry)
        self._models = ModelMetrics(self.registry)
        self._in_flight = self._gauge("predictions_in_flight", "Predictions in work.")
        self._most_in_flight = self._gauge(
            "predictions_in_flight_limit", "How many predictions may be in work."
        )
        self._rows = self._gauge("recorder_rows", "Predictions that wait to be stored.")
        self._most_rows = self._gauge(
            "recorder_rows_limit", "How many predictions may wait to be stored."
        )
        self._connections = self._gauge(
            "database_connections", "Open connections to the database, by state.", "state"
        )
        self._most_connections = self._gauge(
            "database_connections_limit", "How many connections may be opened."
        )
        self._waiting = self._gauge(
            "database_waiting", "Transactions that wait for a connection to the database."
        )
        self._memory = self._gauge("process_memory_bytes", "Resident memory of the web processes.")
        self._started = self._gauge(
            "process_start_seconds", "When the newest web process began, as Unix time.", mode="max"
        )
        self._started.set(time.time())

    def sample(self, sampled: Sampled) -> None:
        """Read what has a size, now."""
        self._in_flight.set(sampled.in_flight.count)
        self._most_in_flight.set(sampled.in_flight.most)
        self._rows.set(sampled.recorder.waiting)
        self._most_rows.set(sampled.recorder.max_queue)
        usage = sampled.database.usage()
        self._connections.labels("used").set(usage.used)
        self._connections.labels("idle").set(usage.idle)
        self._most_connections.set(usage.limit)
        self._waiting.set(usage.waiting)
        self._memory.set(psutil.Process().memory_info().rss)
        for (name, version), runtime in sampled.models.items():
            self._models.sample(name, version, runtime)

    @asynccontextmanager
    async def sampling(self, sampled: Sampled) -> AsyncIterator[None]:
        """Read what has a size each second until the end of the block."""
        for (name, version), runtime in sampled.models.items():
            runtime.on_batch = self._models.batch_counter(name, version)
        task = asyncio.create_task(self._sample_regularly(sampled))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _sample_regularly(self, sampled: Sampled) -> None:
        while True:
            self.sample(sampled)
            await asyncio.sleep(_SAMPLE_SECONDS)

    def _gauge(
        self, name: str, told: str, *labels: str, mode: Literal["livesum", "max"] = "livesum"
    ) -> Gauge:
        return Gauge(
            f"lockstitch_{name}", told, labels, registry=self.registry, multiprocess_mode=mode
        )
