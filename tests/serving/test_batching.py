"""The batcher: order, bounds, cancellation, failure and drain."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstitch.errors import DatabaseUnavailable, ModelOverloaded, PredictionFailed
from lockstitch.serving.batching import Batcher

Action = tuple[Literal["submit", "cancel", "turn"], int]

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(0, 3)),
        st.tuples(st.just("cancel"), st.integers(1, 8)),
        st.tuples(st.just("turn"), st.integers(1, 3)),
    ),
    max_size=60,
)


class Crossed(Exception):
    """The item that it belongs to cannot be computed."""


@dataclass
class Trial:
    """One run of a batcher on a real loop, with everything that happened written down."""

    max_batch: int
    max_queue: int
    batches: list[list[int]] = field(default_factory=list)
    waiting: set[int] = field(default_factory=set)
    results: dict[int, Any] = field(default_factory=dict)
    cancelled_while_waiting: set[int] = field(default_factory=set)
    most_waiting: int = 0
    refused_below_the_bound: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.batcher: Batcher[int, int] = Batcher(
            self.compute, name="Trial", max_batch=self.max_batch, max_queue=self.max_queue
        )

    async def compute(self, batch: list[int]) -> Sequence[int | Exception]:
        self.batches.append(batch)
        self.waiting.difference_update(batch)
        for _ in range(batch[0] % 4):
            await asyncio.sleep(0)
        return [Crossed(item) if item % 7 == 6 else item * 10 for item in batch]

    async def call(self, item: int) -> None:
        waiting = len(self.waiting)
        self.waiting.add(item)
        try:
            self.results[item] = await self.batcher.submit(item)
        except ModelOverloaded:
            self.results[item] = "refused"
            if waiting < self.max_queue:
                self.refused_below_the_bound.append(item)
        except Crossed as error:
            self.results[item] = error
        except asyncio.CancelledError:
            self.results[item] = "cancelled"
            raise
        finally:
            self.waiting.discard(item)

    async def perform(self, actions: list[Action]) -> None:
        calls: list[asyncio.Task[None]] = []
        for action, number in actions:
            if action == "submit":
                calls += [
                    asyncio.create_task(self.call(len(calls) + index)) for index in range(number)
                ]
            elif action == "cancel" and calls:
                item = max(0, len(calls) - number)
                self.cancel(item, calls[item])
            elif action == "turn":
                for _ in range(number):
                    await asyncio.sleep(0)
                    self.most_waiting = max(self.most_waiting, len(self.waiting))
        await asyncio.gather(*calls, return_exceptions=True)
        await self.batcher.stop()

    def cancel(self, item: int, call: "asyncio.Task[None]") -> None:
        if call.cancel() and not any(item in batch for batch in self.batches):
            self.cancelled_while_waiting.add(item)
            self.results.setdefault(item, "cancelled")


@given(ACTIONS, st.integers(1, 5), st.integers(1, 8))
def test_each_item_gets_its_own_answer_in_order_within_the_bounds(
    actions: list[Action], max_batch: int, max_queue: int
) -> None:
    trial = Trial(max_batch, max_queue)
    asyncio.run(asyncio.wait_for(trial.perform(actions), timeout=10))

    computed = [item for batch in trial.batches for item in batch]
    submitted = sum(number for action, number in actions if action == "submit")
    assert sorted(trial.results) == list(range(submitted)), "an item was lost"
    assert computed == sorted(set(computed)), "out of order, or computed twice"
    assert all(1 <= len(batch) <= max_batch for batch in trial.batches)
    assert trial.most_waiting <= max_queue
    assert trial.refused_below_the_bound == []
    assert not trial.cancelled_while_waiting.intersection(computed)
    for item, result in trial.results.items():
        if isinstance(result, int):
            assert result == item * 10
        if isinstance(result, Crossed):
            assert result.args == (item,)
            assert item % 7 == 6


def batcher(run: Callable[..., Any], **options: Any) -> Batcher[Any, Any]:
    return Batcher(run, **{"name": "The model", "max_batch": 32, "max_queue": 1024, **options})


class Gate:
    """Computes nothing until it is opened, so that a test decides who is busy when."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()

    async def run(self, batch: list[Any]) -> list[Any]:
        self.batches.append(batch)
        self.entered.set()
        await self.opened.wait()
        return batch


async def test_a_batch_is_what_queued_while_the_worker_was_busy() -> None:
    gate = Gate()
    one = batcher(gate.run, max_batch=3)
    first = asyncio.create_task(one.submit("a"))
    await gate.entered.wait()
    others = [asyncio.create_task(one.submit(item)) for item in "bcde"]
    await asyncio.sleep(0)
    gate.opened.set()

    assert await asyncio.gather(first, *others) == ["a", "b", "c", "d", "e"]
    assert gate.batches == [["a"], ["b", "c", "d"], ["e"]]


async def test_calls_of_the_same_moment_share_a_batch() -> None:
    gate = Gate()
    gate.opened.set()
    one = batcher(gate.run)
    await asyncio.gather(*(one.submit(item) for item in "abc"))

    assert gate.batches == [["a", "b", "c"]]


async def test_a_full_queue_refuses_until_a_caller_leaves() -> None:
    gate = Gate()
    one = batcher(gate.run, max_queue=1)
    first = asyncio.create_task(one.submit("a"))
    await gate.entered.wait()
    second = asyncio.create_task(one.submit("b"))
    await asyncio.sleep(0)
    with pytest.raises(ModelOverloaded, match="The model is too busy: 1 wait already"):
        await one.submit("c")

    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    third = asyncio.create_task(one.submit("d"))
    gate.opened.set()

    assert await asyncio.gather(first, third) == ["a", "d"]
    assert gate.batches == [["a"], ["d"]]


async def test_the_refusal_is_the_error_that_was_asked_for() -> None:
    one = batcher(Gate().run, refusal=DatabaseUnavailable)
    await one.stop()

    with pytest.raises(DatabaseUnavailable, match="stopping"):
        await one.submit("a")


async def test_an_error_of_the_run_fails_that_batch_and_no_other() -> None:
    async def run(batch: list[str]) -> list[str]:
        if "bad" in batch:
            raise Crossed("bad")
        return batch

    one = batcher(run, max_batch=1)
    answers = await asyncio.gather(
        one.submit("a"), one.submit("bad"), one.submit("b"), return_exceptions=True
    )

    assert answers[0] == "a"
    assert isinstance(answers[1], Crossed)
    assert answers[2] == "b"


@pytest.mark.parametrize("answer", [[], ["a", "b", "c"]])
async def test_a_wrong_number_of_results_fails_the_batch(answer: list[str]) -> None:
    async def run(batch: list[str]) -> list[str]:
        return answer

    one = batcher(run)
    answers = await asyncio.gather(one.submit("a"), one.submit("b"), return_exceptions=True)

    for result in answers:
        assert isinstance(result, PredictionFailed)
        assert str(result) == f"The model returned {len(answer)} results for 2 items."


async def test_stop_answers_what_was_accepted_and_refuses_the_rest() -> None:
    gate = Gate()
    one = batcher(gate.run, max_batch=1)
    accepted = [asyncio.create_task(one.submit(item)) for item in "ab"]
    await gate.entered.wait()
    stopping = asyncio.create_task(one.stop())
    await asyncio.sleep(0)
    with pytest.raises(ModelOverloaded, match="stopping"):
        await one.submit("late")
    assert not stopping.done()
    gate.opened.set()
    await stopping

    assert [call.result() for call in accepted] == ["a", "b"]


async def test_a_stop_that_gives_up_waiting_interrupts_no_answer() -> None:
    gate = Gate()
    one = batcher(gate.run)
    accepted = asyncio.create_task(one.submit("a"))
    await gate.entered.wait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one.stop(), timeout=0.01)
    gate.opened.set()

    assert await accepted == "a"
