"""Emission of `mock.ts`: recipes of values, and what each operation can answer."""

import re
from collections.abc import Mapping
from typing import Any, Final

from lockstitch.contract.document import Operation
from lockstitch.contract.extensions import PREFIX, Channel
from lockstitch.contract.mock.answers import Answer, Mocks, OperationMock
from lockstitch.contract.mock.recipe import (
    Characters,
    Choice,
    Items,
    Members,
    Named,
    Numbers,
    OneOf,
    Others,
    Pick,
    Piece,
    Recipe,
    Repeat,
    Sequence,
    Texts,
)
from lockstitch.contract.mock.texts import WORDS, usual_texts
from lockstitch.contract.typescript import names
from lockstitch.contract.typescript.layout import Group, Node, Row, comment, statement
from lockstitch.contract.typescript.module import header
from lockstitch.contract.typescript.plan import Plan
from lockstitch.contract.typescript.runtime import runtime_text
from lockstitch.contract.typescript.spelling import literal

CHANNEL: Final = f"{PREFIX}{Channel.name}"
# What the runtime takes when a recipe does not say it.
_DEFAULTS: Final = {"step": 1, "scale": 1, "least": 0, "most": 0, "distinct": False}

_RUNTIME: Final = ("mock-fetch.ts", "mock-values.ts")
_ACRONYM: Final = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z])")


def mock_files(plan: Plan) -> dict[str, str]:
    """Return `mock.ts` and the runtime that it stands on, by their path in the client's folder."""
    runtime = {f"runtime/{name}": runtime_text(name) for name in _RUNTIME}
    return {"mock.ts": emit_mock(plan), **runtime}


def emit_mock(plan: Plan) -> str:
    """Return the module `mock.ts`."""
    return header(plan.document) + _Module(plan).text()


class _Module:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mocks = Mocks(plan.document)
        self._statements: list[str] = []
        self._names: dict[str, str] = {}
        self._emitted: set[str] = set()
        self._texts = {text: f"{_camel(name)}Text" for name, text in usual_texts().items()}
        self._taken = {*self._texts.values(), "mocks", "mockFetch", "words"}

    def text(self) -> str:
        # A channel of a WebSocket answers no request.
        requested = [one for one in self._plan.document.operations if CHANNEL not in one.extensions]
        operations = [self._operation(one) for one in requested]
        listed = tuple(name for name, _ in operations)
        used = [
            one for one in ("Piece", "Recipe") if any(f": {one} =" in s for s in self._statements)
        ]
        types = f"import type {{ {', '.join(used)} }} from './runtime/mock-values.js'\n"
        every = Row(("export const mocks: readonly OperationMock[] = ", Group("[", listed, "]")))
        return (
            "import type { OperationMock } from './runtime/mock-fetch.js'\n"
            + (types if used else "")
            + "\nexport { mockFetch } from './runtime/mock-fetch.js'\n\n"
            + "\n".join([*self._statements, *(text for _, text in operations)])
            + "\n/** The answers of every operation. */\n"
            + statement(every, 0)
            + "\n"
        )

    # Operations

    def _operation(self, operation: Operation) -> tuple[str, str]:
        mock = self._mocks.of(operation)
        function = self._plan.function_name(operation)
        name = self._reserve(f"{function}Mock")
        answers = tuple(self._answer(answer) for answer in mock.answers)
        value = _object(
            {
                "id": names.quoted(function),
                "operationId": names.quoted(operation.id),
                "method": names.quoted(operation.method.upper()),
                "path": names.quoted(operation.path),
                "answers": Group("[", answers, "]"),
            }
        )
        words = comment([f"What `{function}` can answer: {_statuses(mock)}."])
        return name, words + _constant(f"export const {name}: OperationMock", value)

    def _answer(self, answer: Answer) -> Node:
        members: dict[str, Node] = {
            "status": names.quoted(answer.status),
            "kind": names.quoted(answer.kind),
        }
        if answer.media_type:
            members["mediaType"] = names.quoted(answer.media_type)
        if answer.kind != "empty":
            members["recipe"] = self._recipe(answer.recipe)
        if answer.headers:
            members["headers"] = self._recipes(answer.headers)
        return _object(members)

    # Recipes

    def _recipe(self, recipe: Recipe) -> Node:
        match recipe:
            case Named():
                return self._named(recipe.key)
            case Texts():
                return self._text_recipe(recipe)
            case Items() | Members():
                return self._composite(recipe)
            case Pick():
                values = Group("[", tuple(_json(value) for value in recipe.values), "]")
                return _object({"kind": "'pick'", "values": values})
            case Numbers():
                return _object(
                    {"kind": "'number'", **_said(recipe, "low", "count", "step", "scale")}
                )
            case OneOf():
                choices = Group("[", tuple(self._recipe(one) for one in recipe.choices), "]")
                return _object({"kind": "'oneOf'", "choices": choices})

    def _composite(self, recipe: Items | Members) -> Node:
        return self._items(recipe) if isinstance(recipe, Items) else self._members(recipe)

    def _named(self, key: str) -> Node:
        """Return the name of a recipe, which is written down when it is first needed."""
        if key not in self._names:
            name = self._reserve(f"{_camel(key)}Recipe")
            self._names[key] = name
            value = self._recipe(self._mocks.cookbook.named[key])
            self._statements.append(_constant(f"const {name}: Recipe", value))
            self._emitted.add(key)
        name = self._names[key]
        if key in self._emitted:
            return name
        return _object({"kind": "'named'", "recipe": f"() => {name}"})

    def _text_recipe(self, recipe: Texts) -> Node:
        name = self._texts.get(recipe)
        if name is not None and name in self._emitted:
            return name
        value = _object({"kind": "'text'", "text": self._piece(recipe.piece)})
        if name is None:
            return value
        self._emitted.add(name)
        self._statements.append(_constant(f"const {name}: Recipe", value))
        return name

    def _piece(self, piece: Piece) -> Node:
        match piece:
            case str():
                return names.quoted(piece)
            case Characters():
                return _object({"characters": names.quoted(piece.of)})
            case Choice():
                return self._choice(piece)
            case Repeat():
                least, most = str(piece.least), str(piece.most)
                return _object({"repeat": self._piece(piece.piece), "least": least, "most": most})
            case Sequence():
                return Group("[", tuple(self._piece(one) for one in piece.of), "]")

    def _choice(self, piece: Choice) -> Node:
        choices = Group("[", tuple(self._piece(one) for one in piece.of), "]")
        if piece.of != WORDS:
            return _object({"oneOf": choices})
        if "words" not in self._emitted:
            self._emitted.add("words")
            self._statements.append(_constant("const words: Piece", _object({"oneOf": choices})))
        return "words"

    def _items(self, recipe: Items) -> Node:
        members: dict[str, Node] = {"kind": "'array'"}
        if recipe.prefix:
            members["prefix"] = Group("[", tuple(self._recipe(one) for one in recipe.prefix), "]")
        if recipe.rest is not None:
            members["rest"] = self._recipe(recipe.rest)
        return _object({**members, **_said(recipe, "least", "most", "distinct")})

    def _members(self, recipe: Members) -> Node:
        members: dict[str, Node] = {"kind": "'object'"}
        if recipe.required:
            members["required"] = self._recipes(recipe.required)
        if recipe.optional:
            members["optional"] = self._recipes(recipe.optional)
        if recipe.others:
            members["others"] = self._others(recipe.others)
        return _object(members)

    def _others(self, recipe: Others) -> Node:
        listed = Group("[", tuple(names.quoted(name) for name in recipe.names), "]")
        return _object(
            {
                "names": listed,
                "value": self._recipe(recipe.value),
                "least": str(recipe.least),
                "most": str(recipe.most),
            }
        )

    def _recipes(self, recipes: Mapping[str, Recipe]) -> Node:
        return _object({name: self._member(name, recipe) for name, recipe in recipes.items()})

    def _member(self, name: str, recipe: Recipe) -> Node:
        value = self._recipe(recipe)
        if name not in names.INHERITED or isinstance(value, str):
            return value
        # TypeScript would expect what every object inherits under the name, and not a recipe.
        constant = self._reserve(f"{_camel(name)}Member")
        self._statements.append(_constant(f"const {constant}: Recipe", value))
        return constant

    def _reserve(self, name: str) -> str:
        name = names.unique(name, self._taken)
        self._taken.add(name)
        return name


def _statuses(mock: OperationMock) -> str:
    return ", ".join(mock.statuses()) or "nothing"


def _camel(name: str) -> str:
    """Return the camelCase of a type name or of a format."""
    pascal = names.type_name(name)
    return _ACRONYM.sub(lambda found: found[0].lower(), pascal)


def _constant(head: str, value: Node) -> str:
    return statement(Row((f"{head} = ", value)), 0) + "\n"


def _object(members: dict[str, Node]) -> Group:
    rows = [_member(names.member_key(name), value) for name, value in members.items()]
    return Group("{", tuple(rows), "}", padded=True)


def _member(key: str, value: Node) -> Node:
    return f"{key}: {value}" if isinstance(value, str) else Row((f"{key}: ", value))


def _said(recipe: Any, *members: str) -> dict[str, Node]:
    """Return the members of a recipe that are not what the runtime takes anyway."""
    values = {name: getattr(recipe, name) for name in members}
    return {
        name: literal(value)
        for name, value in values.items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }


def _json(value: Any) -> Node:
    if isinstance(value, dict):
        return _object({name: _json(inner) for name, inner in value.items()})
    if isinstance(value, list | tuple):
        return Group("[", tuple(_json(item) for item in value), "]")
    return "null" if value is None else literal(value)
