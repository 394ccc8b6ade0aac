"""What a change is about, found again in a contract: the operation, the body, the member."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.contract.algebra import Array, Null, Object, Reference, Schema, Union
from lockstitch.contract.difference import Change
from lockstitch.contract.document import Content, Document, Operation, Parameter
from lockstitch.guard.sources.places import path_shape

ANY_MEMBER = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One object on the way down to a member: its schema's name, and the name of the member."""

    key: str | None
    shape: Object
    name: str


@dataclass(frozen=True, slots=True)
class Trail:
    """The way down to a member; `rest` is what of the way is not there."""

    steps: tuple[Step, ...]
    key: str | None
    schema: Schema
    rest: tuple[str, ...] = ()

    @property
    def owner(self) -> Step | None:
        """The object that has the member, or whose member's item it is."""
        return self.steps[-1] if self.steps else None

    @property
    def nested(self) -> bool:
        """Whether the way ends within the value of the owner's member, as an item does."""
        if self.owner is None:
            return False
        member = self.owner.shape.member(self.owner.name)
        return member is None or member.schema is not self.schema


def follow(document: Document, schema: Schema, way: tuple[str, ...]) -> Trail:
    """Go down from a schema as far as there is a way."""
    trails = list(_trails(document, schema, way, None, ()))
    return min(trails, key=lambda trail: len(trail.rest))


def _trails(
    document: Document,
    schema: Schema,
    way: tuple[str, ...],
    key: str | None,
    steps: tuple[Step, ...],
) -> Iterator[Trail]:
    original = schema
    while isinstance(schema, Reference):
        key, schema = schema.key, document.schemas[schema.key]
    if not way:
        yield Trail(steps, key, original)
        return
    if isinstance(schema, Union):
        for member in schema.members:
            if not isinstance(member, Null):
                yield from _trails(document, member, way, None, steps)
        return
    first, rest = way[0], way[1:]
    inner: Schema | None = None
    if isinstance(schema, Array):
        inner = schema.items if first == ANY_MEMBER else None
    elif isinstance(schema, Object):
        found = schema.member(first)
        inner = found.schema if found else schema.additional if first == ANY_MEMBER else None
        steps = (*steps, Step(key, schema, first)) if found or not rest else steps
    if inner is None:
        yield Trail(steps, key, original, way)
    else:
        yield from _trails(document, inner, rest, None, steps)


def operation_of(document: Document, change: Change) -> Operation | None:
    """Return the operation that a change is about, whatever its parameters are called."""
    if change.path is None:
        return None
    shape, method = path_shape(change.path), (change.method or "").lower()
    return next(
        (
            one
            for one in document.operations
            if one.method == method and path_shape(one.path) == shape
        ),
        None,
    )


def content_of(operation: Operation, change: Change) -> Content | None:
    """Return the body that a change is about, sent or received."""
    if change.direction == "request":
        contents = operation.body.contents if operation.body else ()
    else:
        responses = [one for one in operation.responses if change.part in {None, one.status}]
        contents = tuple(content for one in responses for content in one.contents)
    return next((one for one in contents if change.media_type in {None, one.media_type}), None)


def parameter_of(operation: Operation, change: Change) -> Parameter | None:
    """Return the parameter that a change is about."""
    if change.direction != "request" or change.part is None:
        return None
    return next((one for one in operation.parameters if one.name == change.part), None)


def body_trail(document: Document, operation: Operation | None, change: Change) -> Trail | None:
    """Return the way through a body to the member that a change is about."""
    content = content_of(operation, change) if operation else None
    schema = (content.item or content.schema) if content else None
    return follow(document, schema, change.member) if schema is not None else None
