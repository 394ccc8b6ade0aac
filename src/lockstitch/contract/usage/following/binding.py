"""Letting values flow into variables, members and patterns."""

from lockstitch.contract.usage.following.access import items_of, member
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.essence import sequence
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Cell,
    Client,
    Frame,
    Record,
    Sequence,
    Value,
    joined,
    one,
    plain,
)
from lockstitch.contract.usage.syntax import (
    ArrayPattern,
    MemberPattern,
    NamePattern,
    ObjectPattern,
    Part,
    Pattern,
)


def bind(engine: Engine, pattern: Pattern, value: Value, frame: Frame) -> None:
    """Let a value flow into a pattern."""
    match pattern:
        case NamePattern():
            cell = frame.out(pattern.target.hops).cell(pattern.target.slot)
            engine.write(cell, value)
        case ObjectPattern():
            _bind_members(engine, pattern, value, frame)
        case ArrayPattern():
            _bind_items(engine, pattern, value, frame)
        case MemberPattern():
            _assign_member(engine, pattern, value, frame)


def _bind_members(engine: Engine, pattern: ObjectPattern, value: Value, frame: Frame) -> None:
    for part in pattern.parts:
        found = NOTHING
        if part.name is not None:
            found = member(engine, value, part.name, frame, part.at, failing=pattern.failing)
        _bind_part(engine, part, found, frame)
    if pattern.rest is not None:
        bind(engine, pattern.rest, value, frame)


def _bind_items(engine: Engine, pattern: ArrayPattern, value: Value, frame: Frame) -> None:
    for position, part in enumerate(pattern.parts):
        if part is not None:
            _bind_part(engine, part, item_at(engine, value, position), frame)
    if pattern.rest is not None:
        bind(engine, pattern.rest, one(sequence([], items_of(engine, value))), frame)


def _bind_part(engine: Engine, part: Part, value: Value, frame: Frame) -> None:
    if part.default is not None and not plain(value):
        value = joined(value, engine.evaluate(engine, part.default, frame))
    bind(engine, part.pattern, value, frame)


def item_at(engine: Engine, value: Value, position: int) -> Value:
    """Return what stands at a position of an array."""
    found: list[Value] = []
    for atom in value:
        if isinstance(atom, Sequence):
            known = position < len(atom.items)
            found.append(atom.items[position] if known else atom.rest)
        elif isinstance(atom, Answer):
            found.append(items_of(engine, one(atom)))
    return joined(*found)


def _assign_member(engine: Engine, pattern: MemberPattern, value: Value, frame: Frame) -> None:
    for atom in engine.evaluate(engine, pattern.object, frame):
        record = atom.settings if isinstance(atom, Client) else atom
        if not isinstance(record, Record):
            continue
        if pattern.name is None:
            record.whole = False
        else:
            record.spots.setdefault(pattern.name, (frame.function.file, pattern.at))
            put(engine, record, pattern.name, value)


def put(engine: Engine, record: Record, name: str, value: Value) -> None:
    """Let a value flow into a member of an object."""
    cell = record.members.get(name)
    if cell is None:
        # Who asked for it before it was there is told now.
        cell = record.members[name] = record.missing.pop(name, Cell())
    engine.write(cell, value)
