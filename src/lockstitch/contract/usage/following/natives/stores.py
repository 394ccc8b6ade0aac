"""Stores of state outside of React: zustand and jotai."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back, setting
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Closure,
    Native,
    Record,
    Sequence,
    Value,
    joined,
    one,
)


def create_store(call: Invocation) -> Value:
    """`create((set, get) => ({...}))`, with types also `create<State>()((set) => ({...}))`."""
    make = frozenset(atom for atom in call.argument(0) if isinstance(atom, Closure | Native))
    if not call.arguments:
        return one(Native("create-store"))
    cell = call.engine.cell(call.frame, call.node)
    update = one(Native("store-set", (cell,)))
    read = one(Native("store-get", (cell,)))
    call.engine.write(cell, call_back(call, make, update, read))
    return one(Native("store", (cell,)))


def same(call: Invocation) -> Value:
    """`persist(make, settings)` and other middlewares."""
    return call.argument(0)


def store_set(call: Invocation) -> Value:
    """`set({tasks})` and `set((state) => ({tasks}))`: into the members of the state."""
    if not isinstance(call.target, Native):
        return NOTHING
    state = call.engine.read(call.target.cells[0])
    given = call.argument(0)
    functions = frozenset(atom for atom in given if isinstance(atom, Closure))
    given = joined(given - functions, call_back(call, functions, state))
    for atom in state:
        if isinstance(atom, Record):
            for name in _names(given):
                put(call.engine, atom, name, setting(call, given, name))
    return NOTHING


def _names(value: Value) -> list[str]:
    return sorted({name for atom in value if isinstance(atom, Record) for name in atom.members})


def store_get(call: Invocation) -> Value:
    """`get()`."""
    return call.engine.read(call.target.cells[0]) if isinstance(call.target, Native) else NOTHING


def use_store(call: Invocation) -> Value:
    """`useStore((state) => state.tasks)`, and `useStore()` for all of it."""
    state = store_get(call)
    selector = frozenset(atom for atom in call.argument(0) if isinstance(atom, Closure))
    return call_back(call, selector, state) if selector else state


def atom_of(call: Invocation) -> Value:
    """`atom(first)` of jotai."""
    cell = call.engine.cell(call.frame, call.node)
    call.engine.write(cell, call.argument(0))
    return one(Native("atom", (cell,)))


def use_atom(call: Invocation) -> Value:
    """`const [value, setValue] = useAtom(atom)`."""
    cells = [atom.cells[0] for atom in call.argument(0) if isinstance(atom, Native) and atom.cells]
    value = joined(*(call.engine.read(cell) for cell in cells))
    setters = frozenset(Native("set", (cell,)) for cell in cells)
    return one(Sequence((value, setters)))


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "zustand:create": create_store,
    "zustand:default": create_store,
    "persist": same,
    "devtools": same,
    "immer": same,
    "subscribeWithSelector": same,
    "jotai:atom": atom_of,
    "useAtom": use_atom,
}
NATIVES: Final[Mapping[str, Handler]] = {
    "store": use_store,
    "store-set": store_set,
    "store-get": store_get,
    "create-store": create_store,
}
