"""A contract document: named schemas and the operations that use them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from lockstitch.contract.algebra import (
    AnySchema,
    Anything,
    Object,
    Property,
    Reference,
    Schema,
    noted,
)

Method = Literal["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]
# What only asks. A QUERY (OpenAPI 3.2) is a GET with a body.
READS: Final = frozenset[Method]({"get", "query"})
Place = Literal["path", "query", "header", "cookie"]
Style = Literal[
    "simple",
    "label",
    "matrix",
    "form",
    "spaceDelimited",
    "pipeDelimited",
    "deepObject",
    "cookie",
]


def with_examples(schema: AnySchema, examples: tuple[Any, ...]) -> AnySchema:
    """Return the schema with these examples before its own."""
    if not examples:
        return schema
    notes = schema.notes
    return noted(schema, replace(notes, examples=(*examples, *notes.examples)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """Something that was read as meant, or that the client does not check, or does not have."""

    pointer: str
    message: str
    rule: Literal["read-as-meant", "not-checked", "left-out"] = "read-as-meant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A path, query, header or cookie parameter.

    `media_type` is set when the value travels as one JSON (or other) text instead of by `style`.
    """

    name: str
    place: Place
    schema: Schema
    required: bool = False
    style: Style = "form"
    explode: bool = True
    allow_reserved: bool = False
    media_type: str | None = None
    description: str | None = None
    deprecated: bool = False
    examples: tuple[Any, ...] = ()
    pointer: str = ""

    @property
    def exemplified(self) -> Schema:
        """The schema with the examples of the parameter before its own."""
        return with_examples(self.schema, self.examples)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEncoding:
    """How one member of a form or multipart body is sent."""

    content_type: str | None = None
    style: Style | None = None
    explode: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One media type of a body. `item` is the schema of each event or line of a stream.

    `examples` are parsed JSON, of the whole body.
    """

    media_type: str
    schema: Schema | None = None
    item: Schema | None = None
    encoding: Mapping[str, PartEncoding] = field(default_factory=dict)
    examples: tuple[Any, ...] = ()
    pointer: str = ""

    @property
    def exemplified(self) -> Schema | None:
        """The schema with the examples of the body before its own."""
        return None if self.schema is None else with_examples(self.schema, self.examples)

    @property
    def essence(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.media_type.partition(";")[0].strip().lower()

    @property
    def kind(self) -> Literal["json", "form", "multipart", "events", "lines", "text", "binary"]:
        """How the body is read and written."""
        essence = self.essence
        if essence == "application/json" or essence.endswith("+json") or essence == "*/*":
            return "json"
        if essence == "application/x-www-form-urlencoded":
            return "form"
        if essence.startswith("multipart/"):
            return "multipart"
        if essence == "text/event-stream":
            return "events"
        if essence in {"application/x-ndjson", "application/jsonl", "application/json-seq"}:
            return "lines"
        return "text" if essence.startswith("text/") else "binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The request body of an operation, by media type."""

    contents: tuple[Content, ...]
    required: bool = False
    description: str | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header of a response."""

    name: str
    schema: Schema
    required: bool = False
    description: str | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an operation answers with one status: "200", "4XX" or "default"."""

    status: str
    description: str = ""
    contents: tuple[Content, ...] = ()
    headers: tuple[Header, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path.

    `security` lists the alternatives, each a mapping from scheme to scopes; an empty mapping is
    "nobody in particular", and an empty tuple means that no security applies.
    `extensions` holds the members that begin with "x-".
    """

    id: str
    method: Method
    path: str
    summary: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: tuple[Response, ...] = ()
    security: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    pointer: str = ""

    def parameters_in(self, place: Place) -> tuple[Parameter, ...]:
        """Return the parameters that travel at that place, in the document's order."""
        return tuple(p for p in self.parameters if p.place == place)

    def parameter_object(self, place: Place) -> Object:
        """Return the parameters of one place as the object that a caller fills in."""
        members = tuple(
            Property(name=p.name, schema=p.exemplified, required=p.required)
            for p in self.parameters_in(place)
        )
        return Object(properties=members)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """How a caller proves who it is, as the document declares it."""

    name: str
    type: str
    place: str | None = None
    parameter: str | None = None
    scheme: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole contract.

    `schemas` holds the components under their names and, under its JSON pointer, each other
    place that a `$ref` points to. `raw` is the parsed document that all this was read from.
    """

    version: str
    title: str
    schemas: Mapping[str, Schema]
    operations: tuple[Operation, ...]
    description: str | None = None
    servers: tuple[str, ...] = ()
    security_schemes: tuple[SecurityScheme, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Warn, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def resolve(self, schema: Schema) -> Schema:
        """Follow references until something else is reached."""
        seen: set[str] = set()
        while isinstance(schema, Reference):
            if schema.key in seen:
                return Anything()
            seen.add(schema.key)
            schema = self.schemas[schema.key]
        return schema

    def contents(self) -> Iterator[tuple[Operation, Response | None, Content]]:
        """Yield each content with its operation, and with its response unless it is a body."""
        for operation in self.operations:
            for content in operation.body.contents if operation.body else ():
                yield operation, None, content
            for response in operation.responses:
                for content in response.contents:
                    yield operation, response, content
