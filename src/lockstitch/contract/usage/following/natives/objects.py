"""Objects that are filled by methods: maps, forms, addresses, and the state of components."""

from lockstitch.contract.usage.calls import EACH
from lockstitch.contract.usage.following.access import items_of, members_of
from lockstitch.contract.usage.following.binding import item_at, put
from lockstitch.contract.usage.following.engine import Invocation
from lockstitch.contract.usage.following.essence import sequence
from lockstitch.contract.usage.following.invocation import call_back, setting
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Closure,
    Record,
    Value,
    joined,
    one,
    plain,
)
from lockstitch.contract.usage.syntax import Call, Literal

_FILLED = frozenset({"append", "set"})


def record_method(call: Invocation) -> Value:
    """Call a method of an object of the platform."""
    record = call.target
    if not isinstance(record, Record):
        return NOTHING
    match record.kind:
        case "FormData" | "URLSearchParams":
            return _fill(call, record)
        case "URL" if call.name in {"toString", "toJSON"}:
            return setting(call, one(record), "href")
        case "Map":
            return _map_method(call, record)
        case "object" if call.name == "setState":
            return _set_state(call, record)
        case _:
            return NOTHING


def _fill(call: Invocation, record: Record) -> Value:
    """`form.append(name, value)`."""
    if call.name == "toString":
        return one(record)
    if call.name in _FILLED:
        for key in sorted(plain(call.argument(0))) or _spelled_key(call):
            record.spots.setdefault(key, (call.frame.function.file, call.at))
            put(call.engine, record, key, call.argument(1))
    return NOTHING


def _spelled_key(call: Invocation) -> list[str]:
    """Names of members are no addresses, so they are read from the code itself."""
    node = call.node
    if isinstance(node, Call) and node.arguments and isinstance(node.arguments[0], Literal):
        return [node.arguments[0].text]
    return []


def new_map(call: Invocation) -> Value:
    """`new Map(pairs)`."""
    record = call.engine.record(call.frame, call.node, "Map")
    pairs = items_of(call.engine, call.argument(0))
    put(call.engine, record, EACH, item_at(call.engine, pairs, 1))
    return one(record)


def group_by(call: Invocation) -> Value:
    """`Object.groupBy(items, function)`, `groupBy(items, function)`, `keyBy(items, function)`."""
    items = items_of(call.engine, call.argument(0))
    call_back(call, call.argument(1), items)
    record = call.engine.record(call.frame, call.node)
    grouped = items if "key" in str(call.target) else one(sequence([], items))
    put(call.engine, record, EACH, grouped)
    return one(record)


def _map_method(call: Invocation, record: Record) -> Value:
    if call.name == "set":
        put(call.engine, record, EACH, call.argument(1))
        return one(record)
    held = setting(call, one(record), EACH)
    if call.name == "forEach":
        return call_back(call, call.argument(0), held)
    if call.name in {"values", "entries"}:
        item = held if call.name == "values" else one(sequence([NOTHING, held], NOTHING))
        return one(sequence([], item))
    return held if call.name == "get" else NOTHING


def _set_state(call: Invocation, record: Record) -> Value:
    """`this.setState({task})`: into the members of `this.state`."""
    state = setting(call, one(record), "state")
    if not state:
        state = one(call.engine.record(call.frame, (record, "state")))
        put(call.engine, record, "state", state)
    given = call.argument(0)
    functions = frozenset(atom for atom in given if isinstance(atom, Closure))
    given = joined(given - functions, call_back(call, functions, state))
    for target in state:
        for source in given:
            if isinstance(target, Record) and isinstance(source, Record):
                for name, value in members_of(call.engine, source).items():
                    put(call.engine, target, name, value)
    return NOTHING
