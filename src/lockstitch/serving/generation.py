"""The streams of one model: a bounded queue, its slots, and what a reader holds."""

import asyncio
from typing import Any

from pydantic import BaseModel

from lockstitch.serving.batching import Batcher, Presence
from lockstitch.serving.executors.slots import Run, SlotExecutor
from lockstitch.serving.streaming import StreamingModel


class Generation:
    """One stream as its reader sees it: `async for piece in generation`, then `output`.

    It waits for a slot first. `close` it in any case: what is not read to its end stops within
    one piece, and its slot is free again. Pieces that are not read yet are kept, as many as the
    model makes.
    """

    def __init__(
        self, batcher: Batcher[Run, BaseModel], item: BaseModel, deadline: float | None
    ) -> None:
        # None is the end.
        self._pieces: asyncio.Queue[BaseModel | None] = asyncio.Queue()
        self._run = Run(item, self._pieces.put_nowait)
        self._task = asyncio.create_task(batcher.submit(self._run, deadline=deadline))
        self._task.add_done_callback(lambda _: self._pieces.put_nowait(None))

    def __aiter__(self) -> "Generation":
        """Return the reader of the pieces."""
        return self

    async def __anext__(self) -> BaseModel:
        """Return the next piece.

        Raises:
            StopAsyncIteration: The stream has ended well; `output` is there.
            Exception: What `ModelRuntime.predict` raises, in place of the next piece.
        """
        piece = await self._pieces.get()
        if piece is None:
            self._task.result()
            raise StopAsyncIteration
        return piece

    @property
    def output(self) -> BaseModel:
        """The whole output, once the pieces have ended."""
        return self._task.result()

    def close(self) -> None:
        """Stop what still runs or waits."""
        self._run.cancel.request()
        if not self._task.cancel() and not self._task.cancelled():
            # Whoever left does not want to know; asyncio must not complain about it.
            self._task.exception()


class Generations:
    """Starts streams, `slots` at the same time, and queues the others up to `max_queue`."""

    def __init__(self, model: StreamingModel[Any, Any, Any], executor: SlotExecutor) -> None:
        self._batcher: Batcher[Run, BaseModel] = Batcher(
            executor.run_all,
            name=f"The model {model.name}",
            max_batch=1,
            max_queue=model.max_queue,
            workers=model.slots,
            ahead=model.slots,
        )

    @property
    def waiting(self) -> int:
        """How many streams wait for a slot."""
        return self._batcher.waiting

    def begin(self, item: BaseModel, deadline: float | None) -> Generation:
        """Return the stream of one input. Its errors come with the first piece."""
        return Generation(self._batcher, item, deadline)

    async def predict(
        self, item: BaseModel, *, deadline: float | None, presence: Presence | None
    ) -> BaseModel:
        """Return the whole output of one input. See `ModelRuntime.predict`."""
        run = Run(item)
        try:
            return await self._batcher.submit(run, deadline=deadline, presence=presence)
        finally:
            run.cancel.request()

    async def stop(self) -> None:
        """Refuse new streams, and return when the accepted ones have ended."""
        await self._batcher.stop()
