"""A model: a plain class with a typed input, a typed output and `predict`."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel

from lockstitch.serving.artefact import Artefact, ArtefactFacts, Progress

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)

ExecutorName = Literal["inline", "event-loop", "process", "ray"]
Store = Literal["always", "sampled", "never"]

# Between a small letter or digit and a capital, and before the last capital of an acronym.
_WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Model(Generic[In, Out]):
    """What you write to serve a model: `class ReviewSentiment(Model[Review, Sentiment])`.

    The two type arguments are Pydantic models: one input, one output. `predict` takes a batch
    of inputs and returns the outputs in the same order. `prepare` and `load` are optional. All
    three are ordinary functions; `load` and `predict` always run in the same thread.

    Example:
        ```python
        class Shout(Model[Text, Text]):
            \"\"\"Say it louder.\"\"\"

            def predict(self, batch: list[Text]) -> list[Text]:
                return [Text(text=item.text.upper()) for item in batch]
        ```
    """

    name: ClassVar[str] = ""
    """In paths and tables, kebab-case. Default: the class name, `ReviewSentiment` as
    `review-sentiment`."""

    title: ClassVar[str] = ""
    """What a person reads. Default: the words of the class name, "Review sentiment"."""

    description: ClassVar[str] = ""
    """One paragraph for a person. Default: the first paragraph of the docstring."""

    examples: ClassVar[Sequence[Any]] = ()
    """Inputs to try, instances of the input type."""

    max_batch: ClassVar[int] = 32
    """The most items that one call of `predict` gets."""

    max_queue: ClassVar[int] = 1024
    """The most items that wait. One more is refused with status 503."""

    max_batch_cost: ClassVar[int | None] = None
    """The most that the items of one batch cost together, in the unit of `cost`. Default: no
    limit but `max_batch`."""

    executor: ClassVar[ExecutorName] = "inline"
    """Where the code runs: in a thread of the web process, in its event loop, in a process of its
    own, or on Ray. The event loop is for a model of some microseconds that never waits: nothing
    else is answered while it computes, and each call of `predict` gets one item."""

    max_memory_bytes: ClassVar[int | None] = None
    """A process of its own that holds more is replaced. Default: no limit."""

    replicas: ClassVar[int] = 1
    """The most replicas on Ray; that many batches are computed at once."""

    gpus: ClassVar[float] = 0
    """How many GPUs each replica on Ray gets; 0.5 shares one between two."""

    store: ClassVar[Store] = "always"
    """Which predictions stand in the history, inputs included: each one, before its answer
    leaves; a sample; or none."""

    sample_rate: ClassVar[float] = 0.01
    """The part of the predictions that is stored when `store` is "sampled", above 0 to 1."""

    public: ClassVar[bool] = False
    """Whether anybody may call without signing in. Nobody's predictions belong to no history,
    so `store` must be "never" then."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Fill in the name, the title and the description that the class does not give."""
        super().__init_subclass__(**options)
        words = _WORD_BORDER.sub(" ", cls.__name__).replace("_", " ").split()
        own = vars(cls)
        if "name" not in own:
            cls.name = "-".join(words).lower()
        if "title" not in own:
            cls.title = _sentence_case(words)
        if "description" not in own:
            cls.description = _first_paragraph(own.get("__doc__"))

    def prepare(self, directory: Path, progress: Progress) -> ArtefactFacts:
        """Write the files that `load` needs into `directory`: train, convert, compress.

        Runs once, before the first start; the files are kept as the model's artefact. A model
        that does not override it has no artefact.

        Args:
            directory: An empty folder; what is in it afterwards is kept.
            progress: Call it as `progress(0.4, "Fitting")` with the part that is done, 0 to 1.

        Returns:
            The metrics and the labels to show beside the model.
        """
        raise NotImplementedError

    def load(self, artefact: Artefact) -> None:
        """Read what `predict` needs from `artefact.directory`. Called once, before `predict`.

        For a model without `prepare` the directory is the folder of the class's source file.
        """

    def cost(self, item: In) -> int:
        """Return what one item costs, such as its tokens or pixels. Default: 1.

        Called when the item arrives, in the thread of the server: estimate, do not compute.
        """
        del item
        return 1

    def preprocess(self, batch: list[In]) -> list[Any]:
        """Return what `predict` gets for each input: tokens, scaled columns, pixels. Optional."""
        raise NotImplementedError

    def predict(self, batch: list[In]) -> list[Out]:
        """Return one output for each input, in the same order.

        With `preprocess` it gets what that returned, with `postprocess` it may return anything.
        An exception fails the whole batch. To fail one item alone, put an exception instance
        in its place in the list; the other two stages may do that too.
        """
        raise NotImplementedError

    def postprocess(self, batch: list[Any]) -> list[Out]:
        """Return the output for each of what `predict` returned. Optional."""
        raise NotImplementedError


def has_prepare(model: Model[Any, Any]) -> bool:
    """Return whether the model makes an artefact."""
    return type(model).prepare is not Model.prepare


def _sentence_case(words: list[str]) -> str:
    acronyms = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    sentence = " ".join(acronyms)
    return sentence[:1].upper() + sentence[1:]


def _first_paragraph(docstring: str | None) -> str:
    paragraph = (docstring or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split())
