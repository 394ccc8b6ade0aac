"""What the field of a model takes or answers, in Python and on the wire."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, get_args, get_origin
from typing import Union as TypingUnion

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lockstitch.contract.algebra import ABSENT, Anything, Reference, Schema, Union, without_null
from lockstitch.contract.reading import SchemaReader
from lockstitch.guard.tiers.routes import Side

# Factories whose product is always the same.
_CONSTANT_FACTORIES: tuple[Callable[[], Any], ...] = (list, dict, set, tuple)


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field as one side of the wire sees it.

    Attributes:
        schemas: What it may be on the wire, beside null; one, or the members of a union.
        required: Whether it must be sent.
        nullable: Whether null is a value of it.
        default: The constant that stands for a value that is not sent; ABSENT without one.
        python: The Python types of its annotation, beside None.
        digits: The most digits of a Decimal, and the most of them behind the point.
    """

    model: type[BaseModel]
    name: str
    side: Side
    schemas: tuple[Schema, ...]
    required: bool
    nullable: bool
    default: Any
    python: frozenset[Any]
    digits: tuple[int | None, int | None]

    @property
    def spoken(self) -> str:
        """`Task.title`."""
        return f"{self.model.__name__}.{self.name}"


def fields_of(model: type[BaseModel], side: Side) -> Iterator[ModelField]:
    """Yield the fields that a model has on one side of the wire, except computed ones."""
    raw = model.model_json_schema(
        mode="validation" if side == "request" else "serialization", by_alias=False
    )
    reader = SchemaReader(raw, _ignore)
    own = _own(raw)
    for name, written in own.get("properties", {}).items():
        info = model.model_fields.get(name)
        if info is None:
            continue
        schema, nullable = without_null(reader.read(written, f"/properties/{name}"))
        schemas = tuple(_members(schema, reader))
        parts = list(_parts(info.annotation))
        facts = [*info.metadata, *(fact for _, facts in parts for fact in facts)]
        yield ModelField(
            model=model,
            name=name,
            side=side,
            schemas=schemas,
            required=name in own.get("required", ()),
            nullable=nullable or Anything() in schemas,
            default=_default(info),
            python=frozenset(part for part, _ in parts if part is not type(None)),
            digits=(_fact(facts, "max_digits"), _fact(facts, "decimal_places")),
        )


def _fact(facts: list[Any], name: str) -> int | None:
    values = (getattr(fact, name, None) for fact in facts)
    return next((value for value in values if value is not None), None)


def _own(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the model itself; one that contains itself is among the others."""
    name = str(raw.get("$ref", "")).rpartition("/")[2]
    own: dict[str, Any] = raw.get("$defs", {}).get(name, raw)
    return own


def _ignore(*_: Any) -> None:
    """What is read as meant is the business of `generate`."""


def _members(schema: Schema, reader: SchemaReader, depth: int = 8) -> Iterator[Schema]:
    if isinstance(schema, Reference) and depth:
        yield from _members(reader.named(schema.key), reader, depth - 1)
    elif isinstance(schema, Union):
        for member in schema.members:
            yield from _members(member, reader, depth)
    else:
        yield Anything() if isinstance(schema, Reference) else schema


def _default(info: FieldInfo) -> Any:
    if info.is_required():
        return ABSENT
    if info.default_factory is not None:
        known = [factory for factory in _CONSTANT_FACTORIES if factory is info.default_factory]
        return known[0]() if known else ABSENT
    return info.default.value if isinstance(info.default, Enum) else info.default


def _parts(annotation: Any, facts: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each type of an annotation with what `Annotated` says of it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *said = get_args(annotation)
        told = [fact for one in said for fact in (*getattr(one, "metadata", ()), one)]
        yield from _parts(inner, (*facts, *told))
    elif origin is TypingUnion or origin is UnionType:
        for part in get_args(annotation):
            yield from _parts(part, facts)
    else:
        yield annotation, facts
