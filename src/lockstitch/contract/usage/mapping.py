"""The integration points of a front end: page or component, hook, operation, model."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from lockstitch.contract.algebra import Array, Reference, Schema, Union
from lockstitch.contract.document import Document, Operation
from lockstitch.contract.usage.calls import Stage, Usage

StageKind = Literal["page", "component", "hook", "function"]
_SHOWN: Final = frozenset({"page", "component", "hook"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class MapStage(_Part):
    """A page, a component, a hook, or a function that none of them was seen to call."""

    key: str
    name: str
    kind: StageKind
    file: str
    line: int


class ErrorCase(_Part):
    """A status that an operation documents besides success, and the model that it answers."""

    status: str
    description: str
    model: str | None = None


class MapOperation(_Part):
    """An operation with the names of its models and its error cases."""

    id: str
    method: str
    path: str
    request: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    errors: tuple[ErrorCase, ...] = ()


class Link(_Part):
    """A stage uses a stage or an operation."""

    source: str
    target: str


class Map(_Part):
    """What leads from the pages to the operations.

    `links` run from the keys of stages to keys of stages or ids of operations; `unused` are
    operations that nothing was seen to call.
    """

    stages: tuple[MapStage, ...] = ()
    operations: tuple[MapOperation, ...] = ()
    links: tuple[Link, ...] = ()
    unused: tuple[str, ...] = ()


def integration_map(usage: Usage, document: Document) -> Map:
    """Join what leads to the service with what the service answers.

    Args:
        usage: The calls of the front end.
        document: The contract that they were searched with.
    """
    chart = _Chart(usage)
    called = {call.operation for call in usage.known}
    operations = tuple(_operation(one) for one in document.operations if one.id in called)
    links = tuple(sorted(set(chart.links()), key=lambda link: (link.source, link.target)))
    ends = {end for link in links for end in (link.source, link.target)}
    return Map(
        stages=tuple(_stage(one) for one in usage.stages if one.key in ends),
        operations=operations,
        links=links,
        unused=tuple(one.id for one in document.operations if one.id not in called),
    )


class _Chart:
    """Who uses whom, without the functions in between."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self.kinds = {stage.key: stage.kind for stage in usage.stages}
        self.users: dict[str, set[str]] = defaultdict(set)
        for user, used in usage.uses:
            self.users[used].add(user)

    def links(self) -> Iterator[Link]:
        """Yield the links that lead to an operation."""
        pending: list[str] = []
        for call in self.usage.known:
            for stage in self.shown(call.owner):
                yield Link(source=stage, target=call.operation or "")
                pending.append(stage)
        seen: set[str] = set()
        while pending:
            stage = pending.pop()
            if stage in seen:
                continue
            seen.add(stage)
            for user in self.users[stage]:
                for outer in self.shown(user):
                    if outer != stage and self.kinds.get(outer) in _SHOWN:
                        yield Link(source=outer, target=stage)
                        pending.append(outer)

    def shown(self, key: str) -> set[str]:
        """Return the nearest stages around a function that a picture shows, or itself."""
        found: set[str] = set()
        pending, seen = [key], set[str]()
        while pending:
            one = pending.pop()
            if one in seen:
                continue
            seen.add(one)
            if self.kinds.get(one) in _SHOWN:
                found.add(one)
            else:
                pending += self.users[one]
        return found or ({key} if key in self.kinds else set())


def _stage(stage: Stage) -> MapStage:
    spot = stage.spot
    return MapStage(key=stage.key, name=stage.name, kind=stage.kind, file=spot.file, line=spot.line)


def _operation(operation: Operation) -> MapOperation:
    bodies = operation.body.contents if operation.body is not None else ()
    good = [one for one in operation.responses if one.status.startswith("2")]
    return MapOperation(
        id=operation.id,
        method=operation.method.upper(),
        path=operation.path,
        request=_names(content.schema for content in bodies),
        response=_names(content.schema for one in good for content in one.contents),
        errors=tuple(
            ErrorCase(
                status=one.status,
                description=one.description,
                model=next(iter(_names(content.schema for content in one.contents)), None),
            )
            for one in operation.responses
            if one not in good
        ),
    )


def _names(schemas: Iterator[Schema | None]) -> tuple[str, ...]:
    found = (name for schema in schemas if schema is not None for name in _named(schema))
    return tuple(dict.fromkeys(found))


def _named(schema: Schema) -> Iterator[str]:
    """Yield the names of the models that a body is, or is a list or a choice of."""
    match schema:
        case Reference():
            if not schema.key.startswith("#"):
                yield schema.key
        case Array():
            yield from _named(schema.items)
        case Union():
            for member in schema.members:
                yield from _named(member)
        case _:
            return
