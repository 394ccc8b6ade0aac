"""What a generated function takes, and how it becomes a request."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lockstitch.contract.algebra import Array
from lockstitch.contract.document import (
    Content,
    Operation,
    Parameter,
    PartEncoding,
    Place,
    Warn,
)
from lockstitch.contract.typescript.layout import WIDTH, Choice, Group, Node, Row
from lockstitch.contract.typescript.module import Module
from lockstitch.contract.typescript.names import member_key, quoted
from lockstitch.contract.typescript.plan import Plan, Root
from lockstitch.errors import UndecodableSchema

PLACES: Final[tuple[Place, ...]] = ("path", "query", "header")
BODY_KINDS: Final = ("json", "multipart", "form", "lines", "text", "binary", "events")
PART_NAMES: Final = {"path": "path", "query": "query", "header": "headers"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPart:
    """The body of a request: its type, and how it is encoded."""

    content: Content
    type: str
    root: Root | None
    required: bool

    @property
    def part(self) -> str:
        """The member of `RequestParts` that carries it."""
        kind = self.content.kind
        return kind if kind in {"json", "form", "multipart", "lines"} else "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What one function takes.

    Attributes:
        type: The type of the argument; "undefined" when the operation takes nothing.
        places: The parameters by place, each with its type.
        body: The body, if there is one.
        nested: Whether each place is a member of its own, because two places share a name.
        declared: Whether `type` is an interface that the module must declare.
        optional: Whether the argument may be left out.
    """

    type: str
    places: dict[Place, Root]
    body: BodyPart | None
    nested: bool
    declared: bool
    optional: bool
    optional_places: frozenset[Place]


def plan_input(plan: Plan, operation: Operation) -> Input:
    """Return what the function of an operation takes."""
    places: dict[Place, Root] = {}
    for place in PLACES:
        root = plan.parameters(operation, place)
        if root is not None:
            places[place] = root
    body = _body(plan, operation)
    required = {p.place for p in operation.parameters if p.required}
    optional_places = frozenset(place for place in places if place not in required)
    optional = len(optional_places) == len(places) and not (body and body.required)
    declared = bool(places) and (body is not None or len(places) > 1)
    nested = declared and _collides(plan, operation, with_body=body is not None)
    if declared:
        name = plan.function_name(operation)
        type_ = plan.reserve(f"{name[0].upper()}{name[1:]}Input")
    elif places:
        type_ = next(iter(places.values())).type
    elif body is not None:
        type_ = body.type if body.required else f"{body.type} | undefined"
    else:
        type_ = "undefined"
    return Input(
        type=type_,
        places=places,
        body=body,
        nested=nested,
        declared=declared,
        optional=optional,
        optional_places=optional_places,
    )


def _body(plan: Plan, operation: Operation) -> BodyPart | None:
    if operation.body is None or not operation.body.contents:
        return None
    content = min(operation.body.contents, key=lambda one: BODY_KINDS.index(one.kind))
    if content.kind == "multipart":
        _check_multipart(plan, content)
    root = plan.body(content)
    type_ = root.type if root is not None else "unknown"
    if content.kind == "lines":
        root = plan.item(content, "write")
        type_ = f"readonly {root.type}[]" if root is not None else "readonly unknown[]"
    elif content.kind in {"text", "binary", "events"}:
        root, type_ = None, "string" if content.kind == "text" else "Blob"
    elif content.kind in {"form", "multipart"} and root is None:
        type_ = "Record<string, unknown>"
    return BodyPart(content=content, type=type_, root=root, required=operation.body.required)


def _check_multipart(plan: Plan, content: Content) -> None:
    schema = content.schema and plan.document.resolve(content.schema)
    if isinstance(schema, Array):
        message = f"The parts of {content.media_type} need names: its schema must be an object."
        raise UndecodableSchema(message, pointer=content.pointer)
    if not content.media_type.lower().startswith(("multipart/form-data", "multipart/*")):
        message = f"{content.media_type} is sent as multipart/form-data."
        plan.warnings.append(Warn(pointer=content.pointer, message=message))


def _collides(plan: Plan, operation: Operation, *, with_body: bool) -> bool:
    names = Counter(plan.member_name(p.name) for p in operation.parameters if p.place in PLACES)
    names["body"] += with_body
    return any(count > 1 for count in names.values())


def declaration(taken: Input, words: str) -> str:
    """Return the interface of an input that needs one of its own."""
    lines = []
    bases = [] if taken.nested else [root.type for root in taken.places.values()]
    if taken.nested:
        for place, root in taken.places.items():
            mark = "?" if place in taken.optional_places else ""
            lines.append(f"  {PART_NAMES[place]}{mark}: {root.type}\n")
    if taken.body is not None:
        lines.append(f"  body{'' if taken.body.required else '?'}: {taken.body.type}\n")
    body = f"{{\n{''.join(lines)}}}" if lines else "{}"
    return f"{words}export interface {taken.type}{_extends(bases, taken.type)} {body}\n"


def _extends(bases: list[str], name: str) -> str:
    if not bases:
        return ""
    flat = f" extends {', '.join(bases)}"
    if len("export interface  {}") + len(name) + len(flat) <= WIDTH:
        return flat
    return "\n  extends\n    " + ",\n    ".join(bases)


def encoder(taken: Input, operation: Operation, module: Module) -> Node:
    """Return the member `encode` of a descriptor."""
    wire_request = module.value("./runtime/wire-request.js", "wireRequest")
    parts = (*_parts(taken, module), *_manner(taken, operation))
    given = "" if taken.type == "undefined" else "input"
    head = f"encode: ({given}) => {wire_request}({quoted(operation.path)}"
    return Group(f"{head}, {{", parts, "})", padded=True) if parts else f"{head})"


def _parts(taken: Input, module: Module) -> Iterator[Node]:
    for place, root in taken.places.items():
        value = f"input.{PART_NAMES[place]}" if taken.nested else "input"
        if taken.nested and place in taken.optional_places:
            value += " ?? {}"
        encode = module.value("./encode.js", root.encode)
        yield f"{PART_NAMES[place]}: {encode}({value})"
    if taken.body is not None:
        value = "input.body" if taken.declared else "input"
        yield Row((f"{taken.body.part}: ", _encoded(taken.body, value, module)))


def _encoded(body: BodyPart, value: str, module: Module) -> Node:
    if body.part == "body":
        return value
    encode = (
        module.value("./encode.js", body.root.encode)
        if body.root is not None
        else module.value("./runtime/checks.js", "unchecked")
    )
    if body.part == "lines":
        return f"{value}{'' if body.required else '?'}.map((line) => {encode}(line))"
    encoded = f"{encode}({value})"
    return encoded if body.required else Choice(f"{value} === undefined", "undefined", encoded)


# Whatever is not usual about the way in which parts are written


def _manner(taken: Input, operation: Operation) -> Iterator[Node]:
    styles = [(p.name, _style(p)) for p in operation.parameters if p.place in PLACES]
    body = taken.body
    if body is not None and body.part == "form":
        styles += [(name, _part_style(one)) for name, one in body.content.encoding.items()]
    spelled = tuple(f"{member_key(name)}: '{style}'" for name, style in styles if style)
    if spelled:
        yield Row(("styles: ", Group("{", spelled, "}", padded=True)))
    if body is not None and body.part == "multipart":
        types = tuple(
            f"{member_key(name)}: {quoted(one.content_type)}"
            for name, one in body.content.encoding.items()
            if one.content_type and "*" not in one.content_type and "," not in one.content_type
        )
        if types:
            yield Row(("partTypes: ", Group("{", types, "}", padded=True)))
    headers = tuple(_headers(taken, operation))
    if headers:
        yield Row(("fixedHeaders: ", Group("{", headers, "}", padded=True)))


def _headers(taken: Input, operation: Operation) -> Iterator[str]:
    body = taken.body
    if body is not None and body.part in {"json", "lines", "body"}:
        media_type = body.content.media_type
        if "*" not in media_type and media_type != "application/json":
            yield f"'content-type': {quoted(media_type)}"
    successes = [r for r in operation.responses if r.status.startswith("2")]
    if any(len(response.contents) > 1 for response in successes):
        # The service would choose otherwise, and perhaps what is not read here.
        accepted = dict.fromkeys(
            chosen.media_type for r in successes if (chosen := preferred(r.contents)) is not None
        )
        yield f"accept: {quoted(', '.join(accepted))}"


def preferred(contents: tuple[Content, ...]) -> Content | None:
    """Return the content that is read of those that a response may have."""
    plain = [content for content in contents if content.kind != "events"]
    order = ("json", "lines", "text", "form", "multipart", "binary")
    return min(plain, key=lambda one: order.index(one.kind), default=None)


# By the style of OpenAPI and whether it is exploded; what is not here is usual at its place.
STYLES: Final = {
    ("form", False): "csv",
    ("simple", True): "pairs",
    ("spaceDelimited", False): "spaces",
    ("pipeDelimited", False): "pipes",
    ("deepObject", False): "deep",
    ("deepObject", True): "deep",
    ("label", False): "label",
    ("label", True): "label-pairs",
    ("matrix", False): "matrix",
    ("matrix", True): "matrix-pairs",
}


def _style(parameter: Parameter) -> str | None:
    if parameter.media_type is not None:
        return "json"
    return STYLES.get((parameter.style, parameter.explode))


def _part_style(encoding: PartEncoding) -> str | None:
    if encoding.content_type == "application/json":
        return "json"
    if encoding.style == "deepObject":
        return "deep"
    return "csv" if encoding.explode is False else None
