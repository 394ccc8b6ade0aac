"""Where an operation takes the id of something: in its path, query, headers or body."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lockstitch.contract.algebra import (
    Array,
    Enumeration,
    Number,
    Object,
    Schema,
    Text,
    Union,
    without_null,
)
from lockstitch.contract.document import Document, Operation, Place
from lockstitch.guard.isolation.belongings import (
    ID_NAME,
    Belongings,
    Value,
    collection_of,
    is_token,
    singular,
    stem_of,
)

Kind = Literal["uuid", "integer", "text"]
ITEM: Final = "*"
_MOST_CANDIDATES: Final = 10
_DEEPEST: Final = 6
_NEXT: Final = ("next_", "next")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a request that an id goes into.

    Attributes:
        place: Where in the request.
        path: The names down to it within that place; `*` is every item of an array.
        kind: What it takes.
    """

    place: Place | Literal["body"]
    path: tuple[str, ...]
    kind: Kind

    @property
    def name(self) -> str:
        """The name of the parameter or member."""
        return next(name for name in reversed(self.path) if name != ITEM)

    @property
    def many(self) -> bool:
        """Whether it takes several ids at once."""
        return ITEM in self.path

    def shown(self) -> str:
        """Return the slot as a message names it."""
        return f"{self.place} {'/'.join(self.path)}"


class SlotFinder:
    """Finds the slots of operations, and what may go into them."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def slots(self, operation: Operation, known: Belongings) -> tuple[Slot, ...]:
        """Return the slots of an operation.

        Every parameter of a path is one that takes no fixed values, and elsewhere whatever takes
        a UUID, is named like an id, or takes what its own collection has told: a token, a cursor.
        """
        found = []
        for parameter in operation.parameters:
            if parameter.place == "cookie":
                continue
            for path, schema in self._leaves(parameter.schema, (parameter.name,)):
                slot = self._slot(operation, parameter.place, path, schema, known)
                found += [slot] if slot is not None else []
        for content in operation.body.contents[:1] if operation.body else ():
            if content.schema is not None:
                for path, schema in self._leaves(content.schema, ()):
                    slot = self._slot(operation, "body", path, schema, known)
                    found += [slot] if slot is not None else []
        return tuple(dict.fromkeys(found))

    def candidates(self, operation: Operation, slot: Slot, known: Belongings) -> list[Value]:
        """Return what somebody has that may go into a slot, the likeliest first."""
        name = slot.name
        own = collection_of(operation.path)
        if slot.place == "path":
            own = collection_of(operation.path.partition(f"{{{name}}}")[0].rstrip("/"))
        stem = stem_of(name)
        is_own = slot.place == "path" or stem in {"", singular(own.rpartition("/")[2])}
        found = known.of(own, (name, "id", f"{stem}_id")) if is_own else []
        found += known.called(name)
        if not found:
            found += known.of(own, (name, *(f"{start}{name}" for start in _NEXT)))
        if slot.kind == "uuid":
            found += known.newest_ids()
        fitting = [value for value in dict.fromkeys(found) if _fits(slot, value)]
        return fitting[:_MOST_CANDIDATES]

    def _slot(
        self,
        operation: Operation,
        place: Place | Literal["body"],
        path: tuple[str, ...],
        schema: Schema,
        known: Belongings,
    ) -> Slot | None:
        kind = _kind(schema)
        names = [name for name in path if name != ITEM]
        if kind is None or not names:
            return None
        told = known.of(
            collection_of(operation.path), (names[-1], *(f"{start}{names[-1]}" for start in _NEXT))
        )
        takes_id = (
            place == "path"
            or kind == "uuid"
            or ID_NAME.search(names[-1]) is not None
            or any(is_token(value) for value in told)
        )
        return Slot(place, path, kind) if takes_id else None

    def _leaves(
        self, schema: Schema, path: tuple[str, ...], depth: int = 0
    ) -> Iterator[tuple[tuple[str, ...], Schema]]:
        if depth > _DEEPEST:
            return
        schema, _ = without_null(self._document.resolve(schema))
        schema = self._document.resolve(schema)
        match schema:
            case Object():
                for member in schema.properties:
                    yield from self._leaves(member.schema, (*path, member.name), depth + 1)
            case Array():
                yield from self._leaves(schema.items, (*path, ITEM), depth + 1)
            case Union():
                for one in schema.members:
                    yield from self._leaves(one, path, depth + 1)
            case _:
                yield path, schema


def _kind(schema: Schema) -> Kind | None:
    match schema:
        case Text(format="uuid"):
            return "uuid"
        case Text(format="binary" | "date" | "date-time" | "email" | "password" | "time"):
            return None
        case Text():
            return "text"
        case Number(integer=True):
            return "integer"
        case Enumeration() | _:
            return None


def _fits(slot: Slot, value: Value) -> bool:
    if slot.kind == "integer":
        return isinstance(value, int)
    if slot.kind == "uuid":
        return isinstance(value, str) and len(value) in {32, 36}
    return isinstance(value, str) or slot.place in {"path", "query"}
