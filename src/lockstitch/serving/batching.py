"""Batching without a timer: a batch is whatever queued up while the worker was busy."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from lockstitch.errors import LockstitchError, ModelOverloaded, PredictionFailed

Item = TypeVar("Item")
Result = TypeVar("Result")

RunBatch = Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]]


class Batcher(Generic[Item, Result]):
    """Collects single items into batches, one batch at a time, first come first served.

    An idle worker takes an item at once; a busy one finds a batch when it comes back. So
    nothing ever waits for a batch to fill, and a loaded worker gets large ones.

    Args:
        run: Computes one batch: for each item, in order, its result or the exception that
            its caller gets. An exception that it raises goes to every caller of the batch.
        name: Who is busy, for the sentence of an error.
        max_batch: The most items in a batch.
        max_queue: The most items that wait; the batch that is being computed does not count.
        refusal: The error that a caller gets when the queue is full or the batcher stops.
    """

    def __init__(
        self,
        run: "RunBatch[Item, Result]",
        *,
        name: str,
        max_batch: int,
        max_queue: int,
        refusal: type[LockstitchError] = ModelOverloaded,
    ) -> None:
        self._run = run
        self._name = name
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._refusal = refusal
        self._waiting: OrderedDict[asyncio.Future[Result], Item] = OrderedDict()
        self._worker: asyncio.Task[None] | None = None
        self._stopping = False

    async def submit(self, item: Item) -> Result:
        """Return the item's result. Cancelling the call takes a waiting item out of the queue.

        Raises:
            LockstitchError: `refusal`, when the queue is full or the batcher stops.
            PredictionFailed: `run` returned too many or too few results.
            Exception: What `run` gave for this item or raised for its batch.
        """
        if self._stopping:
            raise self._refusal(f"{self._name} is stopping. Try again in a moment.")
        if len(self._waiting) >= self._max_queue:
            raise self._refusal(
                f"{self._name} is too busy: {self._max_queue} wait already. Try again in a moment."
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting[future] = item
        if self._worker is None:
            # The task begins after the callers of this turn of the loop have queued as well.
            self._worker = loop.create_task(self._work())
        try:
            return await future
        finally:
            self._waiting.pop(future, None)

    async def stop(self) -> None:
        """Refuse new items, and return when the accepted ones are answered."""
        self._stopping = True
        if self._worker is not None:
            # Unlike `await`, `wait` does not cancel the worker when this call is cancelled.
            await asyncio.wait({self._worker})

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._next_batch())
        finally:
            self._worker = None

    def _next_batch(self) -> list[tuple[asyncio.Future[Result], Item]]:
        size = min(len(self._waiting), self._max_batch)
        batch = [self._waiting.popitem(last=False) for _ in range(size)]
        # A cancelled caller leaves the queue only when it runs again, perhaps after this.
        return [(future, item) for future, item in batch if not future.done()]

    async def _answer(self, batch: list[tuple[asyncio.Future[Result], Item]]) -> None:
        if not batch:
            return
        try:
            results = await self._run([item for _, item in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, the callers must get it.
            results = [error] * len(batch)
        except BaseException:
            for future, _ in batch:
                future.cancel()
            raise
        if len(results) != len(batch):
            results = [self._miscount(len(results), len(batch)) for _ in batch]
        for (future, _), result in zip(batch, results, strict=True):
            _settle(future, result)

    def _miscount(self, results: int, items: int) -> PredictionFailed:
        return PredictionFailed(f"{self._name} returned {results} results for {items} items.")


def _settle(future: "asyncio.Future[Result]", result: Result | Exception) -> None:
    if future.done():
        return  # The caller left while its item was being computed.
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
