"""What of a value matters: to tell runs of a function apart, and to keep values finite."""

from typing import Final

from lockstitch.contract.usage.following.values import (
    Answer,
    Atom,
    ClassValue,
    Client,
    Closure,
    JsonText,
    Namespace,
    Native,
    Record,
    Reply,
    Sequence,
    Shape,
    Text,
    Value,
)

_MAXIMUM_DEPTH: Final = 7
_MAXIMUM_ITEMS: Final = 8
_ALWAYS: Final = (Text, Answer, Reply, JsonText, Client, Namespace)
_FUNCTIONS: Final = (Closure, Native, ClassValue)


def essence(value: Value, *, functions: bool = True, depth: int = 0) -> Value:
    """Return the part of a value by which two calls of a function differ."""
    found: set[Atom] = set()
    for atom in value:
        if isinstance(atom, Text):
            if any(len(piece.text) > 1 for piece in atom.pieces):
                found.add(atom)
        elif isinstance(atom, _ALWAYS) or (functions and isinstance(atom, _FUNCTIONS)):
            found.add(atom)
        elif isinstance(atom, Record):
            if _matters(atom, functions=functions):
                found.add(atom)
        elif isinstance(atom, Shape):
            found |= _of_shape(atom, depth, functions=functions)
        elif isinstance(atom, Sequence):
            found |= _of_sequence(atom, depth, functions=functions)
    return frozenset(found)


def _of_shape(atom: Shape, depth: int, *, functions: bool) -> set[Atom]:
    members = (
        (name, essence(value, functions=functions, depth=depth + 1)) for name, value in atom.members
    )
    hides = bool(atom.get("..."))
    kept = tuple((name, value) for name, value in members if value or hides)
    return {Shape(kept)} if kept and depth < _MAXIMUM_DEPTH else set()


def _of_sequence(atom: Sequence, depth: int, *, functions: bool) -> set[Atom]:
    items = tuple(essence(one, functions=functions, depth=depth + 1) for one in atom.items)
    rest = essence(atom.rest, functions=functions, depth=depth + 1)
    return {Sequence(items, rest)} if any(items) or rest else set()


def _matters(record: Record, *, functions: bool) -> bool:
    """Whether an object holds what two calls may differ by; what lies deeper is left aside."""
    kinds = _ALWAYS + _FUNCTIONS if functions else _ALWAYS
    cells = (*record.members.values(), record.spreads)
    return any(isinstance(atom, kinds) for cell in cells for atom in cell.value)


def bounded(value: Value) -> Value:
    """Return a value without what is nested too deeply to be of use."""
    return frozenset(atom for atom in value if _depth(atom) <= _MAXIMUM_DEPTH)


def _depth(atom: Atom) -> int:
    if isinstance(atom, Shape):
        inner = [value for _, value in atom.members]
    elif isinstance(atom, Sequence):
        inner = [*atom.items, atom.rest]
    else:
        return 0
    return 1 + max((_depth(one) for value in inner for one in value), default=0)


def sequence(items: list[Value], rest: Value) -> Sequence:
    """Return an array; of a long one the items are not told apart."""
    if len(items) > _MAXIMUM_ITEMS:
        return Sequence((), rest.union(*items))
    return Sequence(tuple(items), rest)
