"""Training: TF-IDF and a logistic regression with calibrated probabilities, about 15 seconds.

N-grams, regularisation and calibration were chosen by cross-validation on the training reviews
alone: n-grams that occur in at least 5 reviews keep the accuracy at half the size, and calibration
brings the probabilities near the frequencies, on short reviews as on long ones.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from examples.sentiment.held_out import held_out_reviews
from examples.sentiment.model import Review, as_sentiment
from examples.sentiment.reviews import LabelledReview, training_reviews
from examples.sentiment.scorer import Scorer, ngrams
from lockstitch.serving.artefact import ArtefactFacts, Progress
from lockstitch.serving.parity import record_parity

_SEED = 0
_REPORT_EVERY = 1000
_RECORDED_ROWS = 64


def train(directory: Path, progress: Progress) -> ArtefactFacts:
    """Train on every review, measure on the held-out ones, and write the weights."""
    started = time.perf_counter()
    progress(0.0, "Reading the reviews")
    short, long = training_reviews("rotten_tomatoes"), training_reviews("imdb")
    held_out = held_out_reviews()
    pipeline = fit(short, long, progress)
    scorer = pipeline.scorer()
    train_seconds = time.perf_counter() - started

    progress(0.95, f"Measuring on {len(held_out):,} held-out reviews")
    scorer.save(directory)
    _record(directory, pipeline, held_out[:: len(held_out) // _RECORDED_ROWS])
    metrics = measure(Scorer.load(directory), held_out)
    metrics |= {"train_rows": len(short + long), "train_seconds": round(train_seconds, 1)}
    return ArtefactFacts(metrics=metrics, labels=("positive", "negative"))


def measure(scorer: Scorer, reviews: list[LabelledReview]) -> dict[str, float]:
    """Return the accuracy and the calibration error on reviews that were held out."""
    positive = np.array([scorer.positive(review.text) for review in reviews])
    negative = 1 - positive
    correct = (positive > negative) == np.array([review.positive for review in reviews])
    confidence = np.maximum(positive, negative)
    return {
        "held_out_accuracy": float(correct.mean()),
        "held_out_expected_calibration_error": _calibration_error(confidence, correct),
        "held_out_rows": len(reviews),
    }


@dataclass(frozen=True)
class TrainedPipeline:
    """What training made, as scikit-learn computes it; the scorer is its form for serving."""

    vectorizer: TfidfVectorizer
    classifier: LogisticRegression
    slope: float
    offset: float

    def positive(self, texts: list[str]) -> list[float]:
        """Return the probability, 0 to 1, that each text is positive."""
        log_odds = self.classifier.decision_function(self.vectorizer.transform(texts))
        calibrated = self.slope * log_odds + self.offset
        return [float(value) for value in 1 / (1 + np.exp(-calibrated))]

    def scorer(self) -> Scorer:
        """Return the weights that serve, with the calibration folded into them."""
        coefficients = self.slope * self.classifier.coef_[0]
        weights = np.stack([self.vectorizer.idf_, coefficients]).astype(np.float32)
        intercept = float(self.slope * self.classifier.intercept_[0] + self.offset)
        return Scorer(list(self.vectorizer.get_feature_names_out()), weights, intercept)


def fit(
    short: list[LabelledReview], long: list[LabelledReview], progress: Progress
) -> TrainedPipeline:
    """Fit the weights on short and long reviews; equal reviews give equal weights."""
    reviews = short + long
    labels = [review.positive for review in reviews]
    vectorizer = TfidfVectorizer(analyzer=ngrams, min_df=5, sublinear_tf=True, dtype=np.float32)
    counts = vectorizer.fit_transform(_texts(reviews, progress))

    # Sums over several threads differ in their last digits: one thread gives equal files.
    with threadpool_limits(1):
        progress(0.7, "Fitting the weights")
        classifier = LogisticRegression(C=5.0, max_iter=1000).fit(counts, labels)

        progress(0.8, "Calibrating the probabilities")
        # Each source counts alike, however many reviews it has.
        shares = np.repeat([1 / len(short), 1 / len(long)], [len(short), len(long)])
        slope, offset = _calibrate(classifier, counts, labels, shares * len(reviews))

    return TrainedPipeline(vectorizer, classifier, slope, offset)


def _record(directory: Path, pipeline: TrainedPipeline, rows: list[LabelledReview]) -> None:
    """Record what training makes of some reviews: serving must make the same of them."""
    texts = [row.text for row in rows]
    outputs = [as_sentiment(positive) for positive in pipeline.positive(texts)]
    record_parity(directory, [Review(text=text) for text in texts], outputs=outputs)


def _texts(reviews: list[LabelledReview], progress: Progress) -> Iterator[str]:
    for place, review in enumerate(reviews):
        if place % _REPORT_EVERY == 0:
            done = 0.1 + 0.6 * place / len(reviews)
            progress(done, f"Counting words in {len(reviews):,} reviews")
        yield review.text


def _calibrate(
    classifier: LogisticRegression, counts: Any, labels: list[bool], shares: Any
) -> tuple[float, float]:
    """Return the slope and the offset that turn log-odds into calibrated ones (Platt, 1999).

    They are fitted on predictions for reviews that the classifier had not seen. A line on top
    of a linear model is a linear model again, so the caller folds them into the weights.
    """
    folds = StratifiedKFold(3, shuffle=True, random_state=_SEED)
    log_odds = cross_val_predict(classifier, counts, labels, cv=folds, method="decision_function")
    line = LogisticRegression(C=1e6).fit(log_odds.reshape(-1, 1), labels, shares)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _calibration_error(confidence: Any, correct: Any) -> float:
    """Return the expected calibration error over 15 equal bins (Guo et al., 2017)."""
    bins = np.minimum((confidence * 15).astype(int), 14)
    gaps = [
        abs(correct[inside].mean() - confidence[inside].mean()) * inside.mean()
        for inside in (bins == place for place in np.unique(bins))
    ]
    return float(sum(gaps))
