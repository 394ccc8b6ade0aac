"""Batching without a timer: a batch is whatever queued up while the worker was busy."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from math import ceil
from typing import Generic, Protocol, TypeVar

from lockstitch.errors import (
    CallerGone,
    DeadlineExceeded,
    LockstitchError,
    ModelOverloaded,
    PredictionFailed,
)

Item = TypeVar("Item")
Result = TypeVar("Result")

RunBatch = Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]]

# How much of the rate is what the last batch showed.
_NEWEST_WEIGHT = 0.2


class Presence(Protocol):
    """Whether a caller still waits for the answer."""

    def has_left(self) -> bool:
        """Return whether nobody waits any more. Called just before the item's turn."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item]):
    item: Item
    cost: int
    presence: Presence | None


class Batcher(Generic[Item, Result]):
    """Collects single items into batches, first come first served.

    An idle worker takes an item at once; a busy one finds a batch when it comes back. So
    nothing ever waits for a batch to fill, and a loaded worker gets large ones.

    Args:
        run: Computes one batch: for each item, in order, its result or the exception that
            its caller gets. An exception that it raises goes to every caller of the batch.
        name: Who is busy, for the sentence of an error.
        max_batch: The most items in a batch.
        max_queue: The most items that wait; the batch that is being computed does not count.
        refusal: The error that a caller gets when the queue is full or the batcher stops.
        late: The error that a caller gets at its deadline.
        cost: What one item costs in a unit of the caller's choice, such as tokens.
        max_cost: The most that the items of a batch cost together. One that costs more is
            computed alone.
        workers: How many batches are computed at once.
        ahead: How many more items may wait for as many idle workers to take them. A burst that
            the workers can take is then not refused where the queue is short.
    """

    def __init__(
        self,
        run: "RunBatch[Item, Result]",
        *,
        name: str,
        max_batch: int,
        max_queue: int,
        refusal: type[LockstitchError] = ModelOverloaded,
        late: type[LockstitchError] = DeadlineExceeded,
        cost: Callable[[Item], int] | None = None,
        max_cost: int | None = None,
        workers: int = 1,
        ahead: int = 0,
    ) -> None:
        self._run = run
        self._name = name
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._refusal = refusal
        self._late = late
        self._cost = cost if max_cost is not None else None
        self._max_cost = max_cost or 0
        self._waiting: OrderedDict[asyncio.Future[Result], _Waiting[Item]] = OrderedDict()
        self._most_workers = workers
        self._workers: set[asyncio.Task[None]] = set()
        self._ahead = ahead
        self._busy = 0
        self._stopping = False
        self._seconds_per_item = 0.0

    @property
    def waiting(self) -> int:
        """How many items wait for their batch."""
        return len(self._waiting)

    async def submit(
        self, item: Item, *, deadline: float | None = None, presence: Presence | None = None
    ) -> Result:
        """Return the item's result. Cancelling the call takes a waiting item out of the queue.

        Args:
            item: What to compute.
            deadline: The loop's time after which the caller does not wait any more. An item
                that still queues then is never computed.
            presence: Asked when the item's turn comes; one whose caller has left is not computed.

        Raises:
            LockstitchError: `refusal`, when the queue is full or the batcher stops; `late`,
                when the deadline comes first.
            CallerGone: The caller left before the item's turn.
            PredictionFailed: `run` returned too many or too few results.
            Exception: What `run` gave for this item, raised for its batch, or `cost` raised.
        """
        if self._stopping:
            raise self._refusal(f"{self._name} is stopping. Try again in a moment.")
        if len(self._waiting) >= self._max_queue + max(0, self._ahead - self._busy):
            raise self._too_busy()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting[future] = _Waiting(item, self._cost(item) if self._cost else 0, presence)
        if len(self._workers) < self._most_workers:
            # The task begins after the callers of this turn of the loop have queued as well. It
            # works for all of them, so it carries the request id and the trace of none.
            self._workers.add(loop.create_task(self._work(), context=Context()))
        timer = loop.call_at(deadline, self._expire, future) if deadline is not None else None
        try:
            return await future
        finally:
            self._waiting.pop(future, None)
            if timer is not None:
                timer.cancel()

    async def stop(self) -> None:
        """Refuse new items, and return when the accepted ones are answered."""
        self._stopping = True
        while self._workers:
            # Unlike `await`, `wait` does not cancel a worker when this call is cancelled.
            await asyncio.wait(self._workers)

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._next_batch())
        finally:
            # Before anything else runs: whoever comes next must start another worker.
            self._workers = {task for task in self._workers if task is not asyncio.current_task()}

    def _next_batch(self) -> list[tuple[asyncio.Future[Result], Item]]:
        batch: list[tuple[asyncio.Future[Result], Item]] = []
        total = 0
        while self._waiting and len(batch) < self._max_batch:
            future, waiting = next(iter(self._waiting.items()))
            if batch and total + waiting.cost > self._max_cost:
                break
            del self._waiting[future]
            # A cancelled caller leaves the queue only when it runs again, perhaps after this.
            if future.done():
                continue
            if waiting.presence is not None and waiting.presence.has_left():
                future.set_exception(CallerGone("Nobody waits for this answer any more."))
                continue
            total += waiting.cost
            batch.append((future, waiting.item))
        return batch

    async def _answer(self, batch: list[tuple[asyncio.Future[Result], Item]]) -> None:
        if not batch:
            return
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._busy += 1
        try:
            results = await self._run([item for _, item in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, the callers must get it.
            results = [error] * len(batch)
        except BaseException:
            for future, _ in batch:
                future.cancel()
            raise
        finally:
            self._busy -= 1
        self._learn((loop.time() - started) / len(batch))
        if len(results) != len(batch):
            results = [self._miscount(len(results), len(batch)) for _ in batch]
        for (future, _), result in zip(batch, results, strict=True):
            _settle(future, result)

    def _learn(self, seconds: float) -> None:
        known = self._seconds_per_item
        self._seconds_per_item = known + _NEWEST_WEIGHT * (seconds - known) if known else seconds

    def _too_busy(self) -> LockstitchError:
        refusal = self._refusal(
            f"{self._name} is too busy: {self._max_queue} wait already. Try again in a moment."
        )
        refusal.retry_after_seconds = ceil(
            max(1.0, self._max_queue * self._seconds_per_item / self._most_workers)
        )
        return refusal

    def _expire(self, future: "asyncio.Future[Result]") -> None:
        if not future.done():
            future.set_exception(
                self._late(f"{self._name} did not answer in time. Try again, or wait longer.")
            )

    def _miscount(self, results: int, items: int) -> PredictionFailed:
        return PredictionFailed(f"{self._name} returned {results} results for {items} items.")


def _settle(future: "asyncio.Future[Result]", result: Result | Exception) -> None:
    if future.done():
        return  # The caller left while its item was being computed.
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
