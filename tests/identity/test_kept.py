"""What is kept of a look-up, and when it is forgotten."""

import pytest

from lockstitch.identity.kept import KEPT_SECONDS, Kept


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Kept[str, int]:
    return Kept(clock)


def test_an_entry_ends_after_10_seconds_however_often_it_is_read(
    kept: Kept[str, int], clock: Clock
) -> None:
    kept.put("a", 1, kept.generation)
    for tenth in range(100):
        clock.now = 50.0 + tenth / 10
        assert kept.get("a") == 1

    clock.now = 50.0 + KEPT_SECONDS
    assert kept.get("a") is None


def test_what_changed_is_dropped_and_the_rest_stays(kept: Kept[str, int]) -> None:
    for name, value in {"a": 1, "b": 2, "c": 1}.items():
        kept.put(name, value, kept.generation)

    kept.drop(lambda value: value == 1)

    assert [kept.get(name) for name in "abc"] == [None, 2, None]
    kept.forget("b")
    assert kept.get("b") is None


def test_a_look_up_that_began_before_a_change_is_not_kept(kept: Kept[str, int]) -> None:
    kept.put("a", 1, kept.generation)
    began = kept.generation

    kept.drop(lambda _: False)
    kept.put("a", 2, began)

    assert kept.get("a") is None


def test_memory_is_bounded_and_the_oldest_look_up_goes_first(kept: Kept[int, int]) -> None:
    for number in range(10_005):
        kept.put(number, number, kept.generation)

    assert [kept.get(number) for number in (0, 4, 5, 10_004)] == [None, None, 5, 10_004]
