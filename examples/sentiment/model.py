"""The sentiment of a film review: what it takes, what it answers, and how it does it."""

from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lockstitch import Model
from lockstitch.serving.artefact import Artefact, ArtefactFacts, Progress


class Review(BaseModel):
    """A review of a film. Only the text decides; the rest is kept with the prediction."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        title="Review text",
        description="What the reviewer wrote, in English.",
        min_length=1,
        max_length=5000,
        pattern=r"\S",
    )
    review_id: UUID | None = Field(None, title="Review ID", description="Your own id of it.")
    written_at: AwareDatetime | None = Field(
        None, title="Written at", description="When it was written, with the time zone."
    )
    source: Literal["critic", "audience"] | None = Field(
        None, title="Source", description="Who wrote it."
    )
    stars: float | None = Field(
        None, title="Stars", description="The reviewer's own rating.", ge=0, le=5
    )


class Probabilities(BaseModel):
    """How likely each label is. The two add up to 1."""

    positive: float = Field(title="Positive", ge=0, le=1)
    negative: float = Field(title="Negative", ge=0, le=1)


class Sentiment(BaseModel):
    """What the review says of the film."""

    label: Literal["positive", "negative"] = Field(title="Sentiment")
    probabilities: Probabilities = Field(title="Probabilities")


class ReviewSentiment(Model[Review, Sentiment]):
    """Tells whether a film review is positive or negative, and how sure that is.

    TF-IDF and a logistic regression, trained on 33,434 reviews from IMDB and Rotten Tomatoes.
    """

    name = "sentiment"
    examples = (
        Review(text="A moving, funny, beautifully acted film."),
        Review(text="A dull, lifeless mess.", source="critic", stars=1.5),
        Review(text="The plot is thin, but I could not stop smiling.", source="audience"),
    )

    def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
        """Train. scikit-learn is needed here alone, so serving never imports it."""
        from examples.sentiment.training import train

        return train(directory, progress)

    def load(self, artefact: Artefact) -> None:
        """Read the weights."""
        from examples.sentiment.scorer import Scorer

        self.scorer: Scorer = Scorer.load(artefact.directory)

    def predict(self, batch: list[Review]) -> list[Sentiment]:
        """Score each review."""
        return [as_sentiment(self.scorer.positive(review.text)) for review in batch]


def as_sentiment(positive: float) -> Sentiment:
    """Return the answer for the probability, 0 to 1, that a review is positive."""
    negative = 1 - positive
    return Sentiment(
        label="positive" if positive > negative else "negative",
        probabilities=Probabilities(positive=positive, negative=negative),
    )
