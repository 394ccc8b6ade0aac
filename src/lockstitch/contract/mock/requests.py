"""Whether a request is one that the contract allows."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from lockstitch.contract.algebra import (
    Array,
    Boolean,
    Enumeration,
    Null,
    Number,
    Object,
    Schema,
    Union,
)
from lockstitch.contract.document import Body, Content, Document, Operation, Parameter
from lockstitch.contract.mock.validation import Issue, Validator
from lockstitch.errors import InvalidRequest, MalformedBody, UnsupportedMediaType, Violation

_SEPARATORS: Mapping[str, str] = {"spaceDelimited": " ", "pipeDelimited": "|"}
# A comma that is percent-encoded belongs to an item; a URL cannot hold the other two as they are.
_RAW_SEPARATORS: Mapping[str, str] = {"spaceDelimited": "%20|[+]", "pipeDelimited": "%7C|[|]"}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: names and texts."""

    path: Mapping[str, str]
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    body: bytes = b""

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The decoded names and texts of the query."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    def raw_text(self, name: str) -> str:
        """Return the first text of that name in the query, still percent-encoded."""
        pairs = (pair.partition("=") for pair in self.query_string.split("&"))
        return next((raw for key, _, raw in pairs if unquote_plus(key) == name), "")


class RequestChecker:
    """Compares requests with the operations of one document."""

    def __init__(self, document: Document, validator: Validator | None = None) -> None:
        self._document = document
        self._validator = validator or Validator(document, "write")

    def check(self, operation: Operation, received: Received) -> None:
        """Return when the request is allowed.

        Raises:
            InvalidRequest: A parameter or the body is not what the contract says.
            MalformedBody: The body is not JSON.
            UnsupportedMediaType: The body is of a media type that the operation does not take.
        """
        found = [
            _violation(parameter, issue)
            for parameter in operation.parameters
            for issue in self._parameter(parameter, received)
        ]
        if operation.body is not None:
            found += self._body(operation.body, received)
        if found:
            raise InvalidRequest(found)

    # Parameters

    def _parameter(self, parameter: Parameter, received: Received) -> Iterator[Issue]:
        value = self._value(parameter, received)
        if value is None:
            if parameter.required:
                yield Issue("", "missing", "Is required.")
            return
        yield from self._validator.issues(parameter.schema, value)

    def _value(self, parameter: Parameter, received: Received) -> Any:
        """Return the JSON value that a parameter carries, or None when it was not sent."""
        texts = _texts(parameter, received)
        schema = self._document.resolve(parameter.schema)
        shape = self._composite(schema)
        if isinstance(shape, Object) and parameter.media_type is None:
            return self._object(parameter, shape, received, texts)
        if not texts:
            return None
        if parameter.media_type is not None:
            return _parsed(texts[0])
        if isinstance(shape, Array):
            spread = parameter.style == "form" and parameter.explode
            parts = texts if spread else _split(parameter, received, texts[0])
            return [self._scalar(shape.items, part) for part in parts]
        return self._scalar(schema, _bare(parameter, texts[0]))

    def _composite(self, schema: Schema) -> Schema:
        """Return the array or object that a schema may be, else the schema."""
        members = schema.members if isinstance(schema, Union) else (schema,)
        shapes = [self._document.resolve(member) for member in members]
        return next((one for one in shapes if isinstance(one, Array | Object)), schema)

    def _object(
        self, parameter: Parameter, shape: Object, received: Received, texts: list[str]
    ) -> dict[str, Any] | None:
        if parameter.style == "deepObject":
            start = f"{parameter.name}["
            pairs = [
                (name[len(start) : -1], text)
                for name, text in received.query
                if name.startswith(start) and name.endswith("]")
            ]
        elif parameter.style == "form" and parameter.explode:
            pairs = [(name, text) for name, text in received.query if shape.member(name)]
        else:
            parts = _split(parameter, received, texts[0]) if texts else []
            pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return {name: self._member(shape, name, text) for name, text in pairs} or None

    def _member(self, shape: Object, name: str, text: str) -> Any:
        return self._scalar(next(self._validator.schemas_of(shape, name)), text)

    def _scalar(self, schema: Schema, text: str) -> Any:
        """Return the JSON scalar that a text means where that schema is expected."""
        schema = self._document.resolve(schema)
        match schema:
            case Number() | Boolean():
                value = _parsed(text)
                return value if isinstance(value, int | float | bool) else text
            case Null():
                return None if text in {"", "null"} else text
            case Enumeration():
                return next((one for one in schema.values if _spelled(one) == text), text)
            case Union():
                tried = [(one, self._scalar(one, text)) for one in schema.members]
                fitting = (v for one, v in tried if self._validator.accepts(one, v))
                return next(fitting, text)
            case _:
                return text

    # Body

    def _body(self, body: Body, received: Received) -> list[Violation]:
        if not received.body:
            missing = Issue("", "missing", "A body is required.")
            return [_in_body(missing)] if body.required else []
        content = _content(body, received.media_type)
        if content.schema is None or content.kind not in {"json", "form"}:
            return []
        if content.kind == "form":
            value = self._form(content.schema, received.body)
        else:
            value = _json(received.body)
        return [_in_body(issue) for issue in self._validator.issues(content.schema, value)]

    def _form(self, schema: Schema, body: bytes) -> dict[str, Any]:
        shape = self._document.resolve(schema)
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        if not isinstance(shape, Object):
            return dict(pairs)
        found: dict[str, Any] = {}
        for name, text in pairs:
            inner = self._document.resolve(next(self._validator.schemas_of(shape, name)))
            if isinstance(inner, Array):
                found.setdefault(name, []).append(self._scalar(inner.items, text))
            else:
                found[name] = self._scalar(inner, text)
        return found


def _texts(parameter: Parameter, received: Received) -> list[str]:
    sources: Mapping[str, Callable[[], str | None]] = {
        "path": lambda: received.path.get(parameter.name),
        "header": lambda: received.headers.get(parameter.name.lower()),
        "cookie": lambda: received.cookies.get(parameter.name),
    }
    if parameter.place == "query":
        return [text for name, text in received.query if name == parameter.name]
    text = sources[parameter.place]()
    return [] if text is None else [text]


def _bare(parameter: Parameter, text: str) -> str:
    if parameter.style == "label":
        return text.removeprefix(".")
    return text.removeprefix(f";{parameter.name}=") if parameter.style == "matrix" else text


def _split(parameter: Parameter, received: Received, text: str) -> list[str]:
    if parameter.place == "query":
        raw = received.raw_text(parameter.name)
        separator = _RAW_SEPARATORS.get(parameter.style, ",")
        return [unquote_plus(part) for part in re.split(separator, raw, flags=re.IGNORECASE)]
    return _bare(parameter, text).split(_SEPARATORS.get(parameter.style, ","))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _spelled(value: str | float | bool) -> str:  # noqa: FBT001 - a JSON value, not a switch
    return value if isinstance(value, str) else json.dumps(value)


def _content(body: Body, media_type: str) -> Content:
    essence = media_type.partition(";")[0].strip().lower()
    for content in body.contents:
        kind, _, rest = content.essence.partition("/")
        if content.essence in {essence, "*/*"} or (rest == "*" and essence.startswith(f"{kind}/")):
            return content
    taken = ", ".join(content.media_type for content in body.contents)
    raise UnsupportedMediaType(f"Send {taken}, not {essence or 'a body without a media type'}.")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _violation(parameter: Parameter, issue: Issue) -> Violation:
    pointer = f"/{parameter.name}{issue.pointer}"
    return Violation(parameter.place, pointer, issue.rule, issue.message)


def _in_body(issue: Issue) -> Violation:
    return Violation("body", issue.pointer, issue.rule, issue.message)
