"""What a batch may cost, how long a caller waits, and what nobody waits for."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from lockstitch.errors import CallerGone, DatabaseUnavailable, DeadlineExceeded, ModelOverloaded
from lockstitch.serving.batching import Batcher


@dataclass
class Gate:
    """A worker that computes nothing until it is opened."""

    batches: list[list[Any]] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, batch: list[Any]) -> list[Any]:
        self.batches.append(batch)
        self.entered.set()
        await self.opened.wait()
        return batch


@dataclass
class Caller:
    """A caller who may leave."""

    left: bool = False

    def has_left(self) -> bool:
        return self.left


def batcher(gate: Gate, **options: Any) -> Batcher[Any, Any]:
    return Batcher(gate.run, **{"name": "The model", "max_batch": 32, "max_queue": 8, **options})


async def busy(one: Batcher[Any, Any], gate: Gate) -> "asyncio.Task[Any]":
    first = asyncio.create_task(one.submit(0))
    await gate.entered.wait()
    return first


async def queued(*calls: Any) -> "list[asyncio.Task[Any]]":
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    return tasks


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_batch_costs_at_most_what_was_declared() -> None:
    gate = Gate()
    one = batcher(gate, cost=lambda item: item, max_cost=10)
    first = await busy(one, gate)
    others = await queued(*(one.submit(cost) for cost in (4, 6, 1, 9, 25, 2, 8)))
    gate.opened.set()

    assert await asyncio.gather(first, *others) == [0, 4, 6, 1, 9, 25, 2, 8]
    # What costs more than a batch may is computed alone.
    assert gate.batches == [[0], [4, 6], [1, 9], [25], [2, 8]]


async def test_an_item_whose_cost_cannot_be_told_fails_alone() -> None:
    gate = Gate()
    gate.opened.set()
    one = batcher(gate, cost=lambda item: item["tokens"], max_cost=10)

    answers = await asyncio.gather(
        one.submit({"tokens": 1}), one.submit({}), return_exceptions=True
    )

    assert answers[0] == {"tokens": 1}
    assert isinstance(answers[1], KeyError)
    assert one.waiting == 0


async def test_what_is_late_in_the_queue_is_answered_at_its_deadline_and_never_computed() -> None:
    gate = Gate()
    one = batcher(gate)
    first = await busy(one, gate)

    with pytest.raises(DeadlineExceeded, match="The model did not answer in time"):
        await one.submit("late", deadline=now() + 0.01)

    gate.opened.set()
    await first
    await one.stop()
    assert gate.batches == [[0]]


async def test_who_waits_for_a_slow_batch_is_answered_at_the_deadline() -> None:
    gate = Gate()
    one = batcher(gate, late=DatabaseUnavailable)

    with pytest.raises(DatabaseUnavailable):
        await one.submit("slow", deadline=now() + 0.01)

    gate.opened.set()
    await one.stop()


async def test_an_item_in_time_meets_its_deadline() -> None:
    gate = Gate()
    gate.opened.set()

    assert await batcher(gate).submit("quick", deadline=now() + 60) == "quick"


async def test_nothing_is_computed_for_a_caller_who_has_left() -> None:
    gate = Gate()
    one = batcher(gate, max_batch=2)
    first = await busy(one, gate)
    leaving, staying = Caller(), Caller()
    calls = await queued(
        one.submit("a", presence=leaving),
        one.submit("b", presence=staying),
        one.submit("c", presence=leaving),
        one.submit("d"),
    )
    leaving.left = True
    gate.opened.set()
    answers = await asyncio.gather(first, *calls, return_exceptions=True)

    assert gate.batches == [[0], ["b", "d"]]
    assert [type(answer) for answer in answers] == [int, CallerGone, str, CallerGone, str]


async def test_a_queue_of_callers_who_all_left_stops_the_worker() -> None:
    gate = Gate()
    one = batcher(gate)
    first = await busy(one, gate)
    calls = await queued(*(one.submit(item, presence=Caller(left=True)) for item in "abc"))
    gate.opened.set()
    await asyncio.gather(first, *calls, return_exceptions=True)

    assert gate.batches == [[0]]
    assert await one.submit("next") == "next"


async def test_a_refusal_says_when_the_queue_will_have_been_served() -> None:
    gate = Gate()
    one = batcher(gate, max_batch=1, max_queue=2)
    first = asyncio.create_task(one.submit(0))
    await gate.entered.wait()
    asyncio.get_running_loop().call_later(0.9, gate.opened.set)
    await first
    gate.opened.clear()
    gate.entered.clear()

    # An item took 0.9 seconds, so a queue of two takes 1.8.
    calls = await queued(one.submit(1))
    await gate.entered.wait()
    calls += await queued(one.submit(2), one.submit(3))
    with pytest.raises(ModelOverloaded) as refused:
        await one.submit(4)
    gate.opened.set()
    await asyncio.gather(*calls)

    assert refused.value.retry_after_seconds == 2
