"""Which members of a request the code fills in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lockstitch.contract.document import Operation
from lockstitch.contract.typescript.names import member_name
from lockstitch.contract.usage.calls import EACH, MemberPath, MemberSend, Part, Spot
from lockstitch.contract.usage.following.declared import members_of
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.trace import Found
from lockstitch.contract.usage.following.values import (
    Cell,
    JsonText,
    Record,
    Sequence,
    Shape,
    Typed,
    Value,
)
from lockstitch.contract.usage.syntax import Point

_MAXIMUM_DEPTH: Final = 6
_PLACES: Final[tuple[Part, ...]] = ("path", "query", "header")


@dataclass(slots=True)
class Sent:
    """The members of a request; `whole` as long as nothing unknown is among those of the body."""

    engine: Engine
    call: Spot
    members: list[MemberSend] = field(default_factory=list)
    whole: bool = True

    def note(self, part: Part, path: MemberPath, name: str, at: tuple[str, Point]) -> None:
        """Add a member; what generated code fills in is filled in by its caller."""
        generated = self.engine.front_end.sources[at[0]].generated
        spot = self.call if generated else self.engine.spot(*at)
        self.members.append(MemberSend(part=part, path=path, name=name, spot=spot))


def sends_of(engine: Engine, found: Found) -> tuple[tuple[MemberSend, ...], bool]:
    """Return the members that a request is sent with, and whether its body shows all it has."""
    sent = Sent(engine, found.request.site.spot)
    records = [body for body in found.bodies if isinstance(body, Record)]
    # What is really handed on tells more than the type of the parameter that it goes through.
    for body in records or found.bodies:
        _members(sent, body, "body", (), 0)
    whole = bool(records) and sent.whole and not found.other_body
    for query in found.query:
        _members(sent, query, "query", (), 0)
    for name in sorted(found.query_names):
        spot = found.request.site.spot
        sent.members.append(MemberSend(part="query", path=(name,), name=name, spot=spot))
    operation = engine.contract.operations.get(found.request.operation or "")
    if operation is not None:
        for given in found.inputs:
            _input(sent, given, operation)
    unique = dict.fromkeys(sent.members)
    return tuple(sorted(unique, key=lambda one: (one.part, one.path, one.spot))), whole


def _members(sent: Sent, body: Record | Typed, part: Part, path: MemberPath, depth: int) -> None:
    if depth > _MAXIMUM_DEPTH:
        sent.whole = False
        return
    if isinstance(body, Typed):
        sent.whole = False
        _declared(sent, body, part, path, depth)
        return
    sent.whole = sent.whole and body.whole
    for name, at, cell in _entries(body):
        sent.note(part, (*path, name), name, at)
        _inside(sent, cell.value, part, (*path, name), depth)
    _spreads(sent, body.spreads.value, part, path, depth)


def _entries(record: Record) -> Iterator[tuple[str, tuple[str, Point], Cell]]:
    for name, cell in record.members.items():
        if name in record.spots:
            yield name, record.spots[name], cell


def _spreads(sent: Sent, value: Value, part: Part, path: MemberPath, depth: int) -> None:
    for atom in value:
        if isinstance(atom, Record | Typed):
            _members(sent, atom, part, path, depth + 1)
        elif not (isinstance(atom, Shape) and not atom.members):
            sent.whole = False


def _inside(sent: Sent, value: Value, part: Part, path: MemberPath, depth: int) -> None:
    """Go on into members that are objects; what a list holds may be any of its items."""
    whole = sent.whole
    for atom in value:
        if isinstance(atom, Record):
            _members(sent, atom, part, path, depth + 1)
        elif isinstance(atom, Sequence):
            _inside(sent, atom.any, part, (*path, EACH), depth + 1)
        elif isinstance(atom, JsonText):
            continue
    sent.whole = whole


def _declared(sent: Sent, body: Typed, part: Part, path: MemberPath, depth: int) -> None:
    for member, file in members_of(sent.engine, body.type, body.file):
        if sent.engine.front_end.sources[file].generated:
            continue
        sent.note(part, (*path, member.name), member.name, (file, member.at))
        if depth < _MAXIMUM_DEPTH:
            inner = Typed(member.type, file)
            _declared(sent, inner, part, (*path, member.name), depth + 1)


def _input(sent: Sent, given: Record | Typed, operation: Operation) -> None:
    """Tell the one argument of a generated function apart into parameters and body."""
    if isinstance(given, Typed):
        return
    if not operation.parameters:
        _renamed(sent, given, operation, "body", ())
        return
    for name, at, cell in _entries(given):
        parameter = next(
            (one for one in operation.parameters if member_name(one.name) == name), None
        )
        if parameter is not None and parameter.place != "cookie":
            sent.note(parameter.place, (parameter.name,), name, at)
        for atom in cell.value:
            if not isinstance(atom, Record) or parameter is not None:
                continue
            if name == "body":
                _renamed(sent, atom, operation, "body", ())
            for place in _PLACES:
                if name == place:
                    _renamed(sent, atom, operation, place, ())


def _renamed(
    sent: Sent, record: Record, operation: Operation, part: Part, path: MemberPath
) -> None:
    """Note members that are spelled in camelCase under the names that they have on the wire."""
    for name, at, cell in _entries(record):
        wire = _wire_name(sent.engine, operation, part, path, name)
        sent.note(part, (*path, wire), name, at)
        for atom in cell.value:
            if isinstance(atom, Record) and len(path) < _MAXIMUM_DEPTH:
                _renamed(sent, atom, operation, part, (*path, wire))


def _wire_name(
    engine: Engine, operation: Operation, part: Part, path: MemberPath, name: str
) -> str:
    if part != "body":
        named = (one.name for one in operation.parameters if member_name(one.name) == name)
        return next(named, name)
    content = engine.contract.body(operation.id)
    schema = content.schema if content is not None else None
    for step in path:
        schema = engine.contract.inside(schema, step) if schema is not None else None
    return engine.contract.wire_name(schema, name, renamed=True) if schema is not None else name
