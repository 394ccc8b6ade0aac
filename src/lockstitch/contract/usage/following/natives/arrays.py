"""Methods of arrays: they hand items to functions, or keep them."""

from collections.abc import Callable, Mapping
from typing import Final

from lockstitch.contract.usage.following import access
from lockstitch.contract.usage.following.engine import Invocation
from lockstitch.contract.usage.following.essence import sequence
from lockstitch.contract.usage.following.invocation import call_back
from lockstitch.contract.usage.following.texts import concatenated
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Sequence,
    Value,
    joined,
    one,
    plain,
)

_KEPT: Final = frozenset(
    "filter sort toSorted reverse toReversed slice splice concat values with fill".split()  # noqa: SIM905
)
_ITEM: Final = frozenset({"find", "findLast", "pop", "shift", "at"})
_ASKED: Final = frozenset({"filter", "find", "findLast", "forEach", "some", "every", "findIndex"})


def array_method(call: Invocation) -> Value:
    """Call a method of an array, of an answer or of the code's own."""
    array = one(call.target)
    if isinstance(call.target, Answer) and access.is_array(call.engine, call.target) is not True:
        return NOTHING
    items = access.items_of(call.engine, array)
    name = call.name
    if name in _ASKED:
        call_back(call, call.argument(0), items, NOTHING, array)
    if name in _KEPT:
        return _kept(call, array, items)
    if name in _ITEM:
        return items
    method = _METHODS.get(name)
    return method(call, array, items) if method is not None else NOTHING


def _kept(call: Invocation, array: Value, items: Value) -> Value:
    if call.name in {"sort", "toSorted"}:
        call_back(call, call.argument(0), items, items)
    if call.name != "concat":
        return array
    others = (access.items_of(call.engine, argument) or argument for argument in call.arguments)
    return one(sequence([], joined(items, *others)))


def _map(call: Invocation, array: Value, items: Value) -> Value:
    target = call.target
    if call.name == "map" and isinstance(target, Sequence) and target.items and not target.rest:
        # Each item keeps its place: `const [task, me] = await Promise.all(paths.map(read))`.
        each = [call_back(call, call.argument(0), item, NOTHING, array) for item in target.items]
        return one(sequence(each, NOTHING))
    result = call_back(call, call.argument(0), items, NOTHING, array)
    if call.name == "flatMap":
        result = access.items_of(call.engine, result) or result
    return one(sequence([], result))


def _reduce(call: Invocation, array: Value, items: Value) -> Value:
    start = call.argument(1)
    first = call_back(call, call.argument(0), start or items, items, NOTHING, array)
    again = call_back(call, call.argument(0), joined(start, first), items, NOTHING, array)
    return joined(start, first, again)


def _flat(call: Invocation, array: Value, items: Value) -> Value:
    del array
    return one(sequence([], access.items_of(call.engine, items) or items))


def _join(call: Invocation, array: Value, items: Value) -> Value:
    """`[base, 'tasks', id].join('/')` is an address."""
    del array, items
    known = call.target.items if isinstance(call.target, Sequence) else ()
    parts: list[Value] = []
    for item in known:
        parts += [*([call.argument(0)] if parts else []), item]
    return concatenated(parts) if parts and "/" in plain(call.argument(0)) else NOTHING


def _entries(call: Invocation, array: Value, items: Value) -> Value:
    del call, array
    return one(Sequence((), one(Sequence((NOTHING, items)))))


_METHODS: Final[Mapping[str, Callable[[Invocation, Value, Value], Value]]] = {
    "map": _map,
    "flatMap": _map,
    "reduce": _reduce,
    "reduceRight": _reduce,
    "flat": _flat,
    "entries": _entries,
    "join": _join,
}
