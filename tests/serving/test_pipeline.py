"""The stages around `predict`."""

from typing import Any

import pytest
from shouting import Shout, Text

from lockstitch.errors import PredictionFailed
from lockstitch.serving.model import Model
from lockstitch.serving.pipeline import Pipeline


class Counted(Model[Text, Text]):
    """Counts words, doubles the count, says it."""

    def preprocess(self, batch: list[Text]) -> list[Any]:
        return [ValueError("no words") if not item.text else item.text.split() for item in batch]

    def predict(self, batch: list[Any]) -> list[Any]:
        return [2 * len(words) for words in batch]

    def postprocess(self, batch: list[Any]) -> list[Text]:
        return [Text(text=str(count)) for count in batch]


def texts(*given: str) -> list[Any]:
    return [Text(text=text) for text in given]


def test_the_stages_run_in_order_on_the_whole_batch() -> None:
    pipeline = Pipeline(Counted())

    assert pipeline.run(texts("a b", "a b c")) == texts("4", "6")
    assert pipeline.run(texts("a")) == texts("2")
    assert {name: (time.batches, time.items) for name, time in pipeline.times.items()} == {
        "preprocess": (2, 3),
        "predict": (2, 3),
        "postprocess": (2, 3),
    }
    assert all(time.seconds > 0 for time in pipeline.times.values())


def test_an_item_that_one_stage_fails_takes_no_part_in_the_next() -> None:
    pipeline = Pipeline(Counted())

    first, failed, last = pipeline.run(texts("a", "", "b c"))

    assert [first, last] == texts("2", "4")
    assert isinstance(failed, PredictionFailed)
    assert str(failed) == "The model counted raised ValueError."
    assert pipeline.times["predict"].items == 2


def test_a_model_without_them_has_one_stage() -> None:
    pipeline = Pipeline(Shout())

    assert pipeline.run(texts("a")) == texts("A")
    assert list(pipeline.times) == ["predict"]


def test_a_stage_may_return_rows_of_an_array() -> None:
    import numpy as np

    class Scaled(Counted):
        def preprocess(self, batch: list[Text]) -> Any:
            return np.array([[len(item.text), 1.0] for item in batch])

        def predict(self, batch: list[Any]) -> Any:
            return np.stack(batch).sum(axis=1)

    assert Pipeline(Scaled()).run(texts("abc", "a")) == texts("4.0", "2.0")


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ("ab", "The model odd returned str instead of a list from preprocess."),
        ([1], "The model odd returned 1 results for 2 items from preprocess."),
        ({1: 2, 3: 4}, "The model odd returned dict instead of a list from preprocess."),
    ],
)
def test_a_stage_that_loses_an_item_fails_the_batch(made: Any, sentence: str) -> None:
    class Odd(Counted):
        def preprocess(self, batch: list[Text]) -> Any:
            return made if batch else []

    assert [str(outcome) for outcome in Pipeline(Odd()).run(texts("a", "b"))] == [sentence] * 2
