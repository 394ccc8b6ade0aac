"""The trained weights: words and pairs of words, each with how positive it is."""

import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[!?]")


def ngrams(text: str) -> list[str]:
    """Return the words of a text and its pairs of neighbouring words, in small letters."""
    words = _WORD.findall(text.lower().replace("\u2019", "'"))
    return words + [f"{first} {second}" for first, second in pairwise(words)]


class Scorer:
    """Turns a text into the probability that it is positive.

    TF-IDF with sublinear term frequency and unit length, then a logistic regression: the same
    numbers as scikit-learn's, without importing it to serve.

    Args:
        vocabulary: The known n-grams, sorted.
        weights: Shape (2, n-grams), float32: the inverse document frequency and the
            coefficient of each n-gram.
        intercept: The log-odds of a text without known words.
    """

    def __init__(self, vocabulary: list[str], weights: Any, intercept: float) -> None:
        self._places = {ngram: place for place, ngram in enumerate(vocabulary)}
        self._idf, self._coefficients = weights
        self._intercept = intercept

    @classmethod
    def load(cls, directory: Path) -> "Scorer":
        """Read what `save` wrote."""
        recorded = json.loads((directory / "vocabulary.json").read_text("utf-8"))
        weights = np.load(directory / "weights.npy", allow_pickle=False)
        return cls(recorded["ngrams"], weights, recorded["intercept"])

    def save(self, directory: Path) -> None:
        """Write plain JSON and numbers: no pickle, and equal bytes for equal weights."""
        recorded = {"intercept": self._intercept, "ngrams": list(self._places)}
        text = json.dumps(recorded, ensure_ascii=False)
        (directory / "vocabulary.json").write_text(text, "utf-8")
        np.save(directory / "weights.npy", np.stack([self._idf, self._coefficients]))

    def positive(self, text: str) -> float:
        """Return the probability, 0 to 1, that the text is positive."""
        known = (self._places[ngram] for ngram in ngrams(text) if ngram in self._places)
        counts = Counter(known)
        if not counts:
            return _sigmoid(self._intercept)
        places = np.fromiter(counts.keys(), np.intp, len(counts))
        frequencies = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(frequencies)) * self._idf[places]
        length = math.sqrt(values @ values)
        return _sigmoid(self._intercept + float(values @ self._coefficients[places]) / length)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
