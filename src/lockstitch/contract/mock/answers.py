"""What a mocked operation can answer: one answer for each declared status."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lockstitch.contract.algebra import Object, Schema, Text
from lockstitch.contract.document import Content, Document, Operation, Response
from lockstitch.contract.extensions import PREFIX, Events, Stream
from lockstitch.contract.mock.recipe import Cookbook, Pick, Recipe, Texts
from lockstitch.contract.mock.recipes import Recipes
from lockstitch.contract.mock.texts import text_recipe
from lockstitch.contract.mock.validation import Validator

Kind = Literal["json", "events", "data", "typed", "positions", "lines", "text", "binary", "empty"]
# Which of several media types is answered when the request does not say.
_PREFERENCE: Final = ("json", "events", "lines", "text", "form", "multipart", "binary")
_OK: Final = 200
NULL: Final = Pick((None,))
_BODILESS: Final = frozenset({"204", "205", "304"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer: a declared status with one media type.

    Four kinds are server-sent events. The recipe of `events` makes them as they travel ({event, id,
    data}, the data as text), that of `data` what stands in their data, that of `typed` the type
    and data of each; `positions` is `typed` in frames that have a position and an end.
    """

    status: str
    kind: Kind
    media_type: str = ""
    recipe: Recipe = NULL
    headers: Mapping[str, Recipe] | None = None

    def code(self, asked: int | None = None) -> int:
        """Return the status that travels: the asked one, or the first that the answer is for."""
        if asked is not None:
            return asked
        if self.status.isdecimal():
            return int(self.status)
        return _OK if self.status == "default" else int(self.status[0]) * 100


@dataclass(frozen=True, slots=True)
class Impossible:
    """A content of which no finite value exists or could be found."""

    status: str
    media_type: str
    pointer: str


@dataclass(frozen=True, slots=True)
class OperationMock:
    """The answers of one operation; `impossible` is what is declared and nobody can send."""

    operation: Operation
    answers: tuple[Answer, ...]
    impossible: tuple[Impossible, ...] = ()

    def statuses(self) -> tuple[str, ...]:
        """Return the statuses that can be asked for."""
        return tuple(dict.fromkeys(answer.status for answer in self.answers))

    def choose(self, asked: int | None = None, accept: str = "") -> Answer | None:
        """Return the answer with the asked status, or the success; None when it is not declared."""
        statuses = _matching(asked) if asked is not None else self._successes()
        for status in statuses:
            found = [answer for answer in self.answers if answer.status == status]
            fitting = [one for one in found if one.media_type and one.media_type in accept]
            if found:
                return (fitting or found)[0]
        return None

    def _successes(self) -> tuple[str, ...]:
        declared = self.statuses()
        good = sorted(one for one in declared if one.startswith("2") and one.isdecimal())
        rest = [one for one in ("2XX", "default") if one in declared]
        return (*good, *rest, *sorted(declared))


class Mocks:
    """The mocks of a document's operations, each made when it is first asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._recipes = Recipes(Validator(document))
        self._made: dict[str, OperationMock] = {}

    @property
    def cookbook(self) -> Cookbook:
        """The recipes that have a name."""
        return self._recipes.cookbook

    def of(self, operation: Operation) -> OperationMock:
        """Return the mock of an operation."""
        if operation.id not in self._made:
            answers: list[Answer] = []
            impossible: list[Impossible] = []
            for response in operation.responses:
                self._add(operation, response, answers, impossible)
            self._made[operation.id] = OperationMock(operation, tuple(answers), tuple(impossible))
        return self._made[operation.id]

    def _add(
        self,
        operation: Operation,
        response: Response,
        answers: list[Answer],
        impossible: list[Impossible],
    ) -> None:
        headers = self._headers(response)
        if not response.contents or response.status in _BODILESS:
            answers.append(Answer(response.status, "empty", headers=headers))
            return
        for content in sorted(response.contents, key=lambda one: _PREFERENCE.index(one.kind)):
            found = self._content(content)
            if found is None:
                impossible.append(Impossible(response.status, content.media_type, content.pointer))
            else:
                kind, recipe = found
                kind = _event_kind(operation) or kind if content.kind == "events" else kind
                media_type = content.media_type.replace("*/*", "application/json")
                answers.append(Answer(response.status, kind, media_type, recipe, headers))

    def _headers(self, response: Response) -> dict[str, Recipe]:
        made = ((header.name, self._recipes.of(header.schema)) for header in response.headers)
        return {name: recipe for name, recipe in made if recipe is not None}

    def _content(self, content: Content) -> tuple[Kind, Recipe] | None:
        kind = content.kind
        if kind in {"form", "multipart", "binary"}:
            return "binary", Texts("Lockstitch")
        schema = content.item if content.item is not None else content.exemplified
        if kind == "text":
            shape = self.document.resolve(schema) if schema is not None else None
            text = shape if isinstance(shape, Text) else Text()
            recipe = text_recipe(text)
            return None if recipe is None else ("text", recipe)
        found = NULL if schema is None else self._recipes.of(schema)
        if found is None:
            return None
        if kind == "events":
            return ("events" if self._is_event(schema) else "data"), found
        return ("lines" if kind == "lines" else "json"), found

    def _is_event(self, schema: Schema | None) -> bool:
        """Whether the schema is of whole events, whose `data` is text."""
        shape = self.document.resolve(schema) if schema is not None else None
        data = shape.member("data") if isinstance(shape, Object) else None
        return data is not None and isinstance(self.document.resolve(data.schema), Text)


def _event_kind(operation: Operation) -> Kind | None:
    """Return what the operation's extensions say of its events; see `describe_events`."""
    if f"{PREFIX}{Stream.name}" in operation.extensions:
        return "positions"
    return "typed" if operation.extensions.get(f"{PREFIX}{Events.name}") == "whole" else None


def _matching(asked: int) -> tuple[str, ...]:
    return str(asked), f"{asked // 100}XX", "default"
