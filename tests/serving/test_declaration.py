"""What a model's class may and may not declare."""

from typing import Any, Generic, TypeVar

import pytest
from pydantic import BaseModel

from lockstitch.errors import ConfigurationError
from lockstitch.serving.declaration import check_declaration, declared_types, source_digest
from lockstitch.serving.model import Model, has_prepare


class Question(BaseModel):
    text: str


class Answer(BaseModel):
    text: str


AnswerType = TypeVar("AnswerType", bound=BaseModel)
Wrapped = TypeVar("Wrapped")


class Envelope(BaseModel, Generic[Wrapped]):
    content: Wrapped


class Echo(Model[Question, Answer]):
    """Say it again.

    Nothing else.
    """

    def predict(self, batch: list[Question]) -> list[Answer]:
        return [Answer(text=item.text) for item in batch]


class AsksQuestions(Model[Question, AnswerType], Generic[AnswerType]):
    """Takes questions, whatever the answer is."""


class AnswersThem(AsksQuestions[Answer]):
    def predict(self, batch: list[Question]) -> list[Answer]:
        return [Answer(text=item.text) for item in batch]


class LouderEcho(Echo):
    """Louder."""


def test_the_types_are_read_from_the_type_arguments() -> None:
    assert declared_types(Echo) == (Question, Answer)


def test_the_types_are_read_through_an_intermediate_generic_class() -> None:
    assert declared_types(AnswersThem) == (Question, Answer)


def test_a_subclass_inherits_the_types() -> None:
    assert declared_types(LouderEcho) == (Question, Answer)


def test_a_filled_generic_envelope_is_a_type() -> None:
    class Wraps(Model[Envelope[str], Answer]): ...

    assert declared_types(Wraps) == (Envelope[str], Answer)


def test_missing_type_arguments_are_refused_with_the_fix() -> None:
    class Untyped(Model):  # type: ignore[type-arg]
        ...

    with pytest.raises(ConfigurationError, match=r"Untyped.*class Untyped\(Model\[Input, Output\]"):
        declared_types(Untyped)


def test_a_type_that_is_not_pydantic_is_refused_by_name() -> None:
    class TakesText(Model[str, Answer]):  # type: ignore[type-var]
        ...

    with pytest.raises(ConfigurationError, match=r"TakesText: str is not a Pydantic model"):
        declared_types(TakesText)


@pytest.mark.parametrize("kind", [AsksQuestions, Model[Envelope[Wrapped], Answer]])  # type: ignore[valid-type]
def test_an_open_type_variable_is_refused(kind: Any) -> None:
    class Open(kind):  # type: ignore[misc]
        ...

    with pytest.raises(ConfigurationError, match="Open"):
        declared_types(Open)


def test_the_names_come_from_the_class() -> None:
    assert (Echo.name, Echo.title, Echo.description) == ("echo", "Echo", "Say it again.")


@pytest.mark.parametrize(
    ("spelling", "name", "title"),
    [
        ("ReviewSentiment", "review-sentiment", "Review sentiment"),
        ("LLMChat", "llm-chat", "LLM chat"),
        ("T5Small", "t5-small", "T5 small"),
        ("snake_case", "snake-case", "Snake case"),
    ],
)
def test_a_class_name_becomes_a_name_and_a_title(spelling: str, name: str, title: str) -> None:
    kind = type(spelling, (Model,), {})

    assert (kind.name, kind.title) == (name, title)


def test_a_subclass_has_a_name_of_its_own() -> None:
    assert LouderEcho.name == "louder-echo"
    assert LouderEcho.description == "Louder."


def test_a_declared_name_stays() -> None:
    class Renamed(Echo):
        name = "parrot"
        title = "The parrot"
        description = "It repeats."

    assert (Renamed.name, Renamed.title) == ("parrot", "The parrot")
    assert Renamed.description == "It repeats."


@pytest.mark.parametrize("name", ["", "Parrot", "the parrot", "par/rot", "-a", "a--b", "a" * 64])
def test_a_name_that_is_not_kebab_case_is_refused(name: str) -> None:
    kind = type("Parrot", (Echo,), {"name": name})

    with pytest.raises(ConfigurationError, match="kebab-case"):
        check_declaration(kind())


def test_a_class_without_predict_is_refused() -> None:
    class Silent(Model[Question, Answer]): ...

    with pytest.raises(ConfigurationError, match=r"Silent: it has no predict"):
        check_declaration(Silent())


def test_an_async_predict_is_refused() -> None:
    class Eager(Model[Question, Answer]):
        async def predict(self, batch: list[Question]) -> list[Answer]:  # type: ignore[override]
            return [Answer(text=item.text) for item in batch]

    with pytest.raises(ConfigurationError, match="predict must be an ordinary function"):
        check_declaration(Eager())


@pytest.mark.parametrize("limit", ["max_batch", "max_queue"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
def test_a_limit_below_one_is_refused(limit: str, value: Any) -> None:
    kind = type("Limited", (Echo,), {limit: value})

    with pytest.raises(ConfigurationError, match=limit):
        check_declaration(kind())


@pytest.mark.parametrize("store", ["sometimes", "", None, True])
def test_another_way_of_storing_is_refused(store: Any) -> None:
    kind = type("Kept", (Echo,), {"store": store})

    with pytest.raises(ConfigurationError, match="store must be one of 'always', 'sampled'"):
        check_declaration(kind())


@pytest.mark.parametrize("rate", [0, -0.5, 1.5, True, None, float("nan")])
def test_a_sample_rate_that_is_no_part_is_refused(rate: Any) -> None:
    kind = type("Sampled", (Echo,), {"store": "sampled", "sample_rate": rate})

    with pytest.raises(ConfigurationError, match="sample_rate must be a number above 0"):
        check_declaration(kind())


@pytest.mark.parametrize("store", ["always", "sampled"])
def test_a_public_model_that_stores_is_refused(store: str) -> None:
    kind = type("Open", (Echo,), {"public": True, "store": store})

    with pytest.raises(ConfigurationError, match="Set store = 'never'"):
        check_declaration(kind())


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    kind = type("Switched", (Echo,), {"store": "never", "public": "yes"})

    with pytest.raises(ConfigurationError, match="public must be True or False"):
        check_declaration(kind())


def test_an_example_of_another_type_is_refused() -> None:
    class Confused(Echo):
        examples = (Answer(text="no"),)

    with pytest.raises(ConfigurationError, match="examples must be a Question"):
        check_declaration(Confused())


def test_a_good_declaration_passes() -> None:
    check_declaration(Echo())
    check_declaration(AnswersThem())
    check_declaration(type("Open", (Echo,), {"public": True, "store": "never"})())
    check_declaration(type("Sampled", (Echo,), {"store": "sampled", "sample_rate": 1})())


def test_a_model_makes_an_artefact_only_when_it_has_prepare() -> None:
    class Trained(Echo):
        def prepare(self, directory: Any, progress: Any) -> Any: ...

    assert has_prepare(Trained())
    assert not has_prepare(Echo())


def test_the_digest_of_a_class_is_that_of_its_source_file() -> None:
    assert source_digest(Echo) == source_digest(AnswersThem)


def test_a_class_without_a_file_is_refused() -> None:
    scope: dict[str, Any] = {"__name__": "typed_in", "Echo": Echo}
    exec("class Typed(Echo): pass", scope)

    with pytest.raises(ConfigurationError, match="not in a file"):
        source_digest(scope["Typed"])
