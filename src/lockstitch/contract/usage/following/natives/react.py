"""React: state, effects, contexts, and what wraps components and functions."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.declared import claim
from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.invocation import call_back
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Closure,
    Namespace,
    Native,
    Sequence,
    Value,
    joined,
    one,
)


def _called_or_same(call: Invocation, value: Value) -> Value:
    """Where a function may be given in place of a value, take what it returns."""
    functions = frozenset(atom for atom in value if isinstance(atom, Closure))
    return joined(value - functions, call_back(call, functions)) if functions else value


def use_state(call: Invocation) -> Value:
    """`const [value, setValue] = useState(first)`."""
    cell = call.engine.cell(call.frame, call.node)
    call.engine.write(cell, _called_or_same(call, call.argument(0)))
    value = call.engine.read(cell)
    if call.types:
        claim(call.engine, value, call.types[0], call.frame.function.file)
    return one(Sequence((value, one(Native("set", (cell,))))))


def set_state(call: Invocation) -> Value:
    """`setValue(next)` and `setValue((before) => next)`."""
    if not isinstance(call.target, Native):
        return NOTHING
    (cell,) = call.target.cells
    value = call.argument(0)
    functions = frozenset(atom for atom in value if isinstance(atom, Closure))
    if functions:
        value = joined(value - functions, call_back(call, functions, call.engine.read(cell)))
    call.engine.write(cell, value)
    return NOTHING


def use_reducer(call: Invocation) -> Value:
    """`const [state, dispatch] = useReducer(reducer, first)`."""
    cell = call.engine.cell(call.frame, call.node)
    call.engine.write(cell, call.argument(1))
    dispatch = Native("dispatch", (cell,), (call.argument(0),))
    return one(Sequence((call.engine.read(cell), one(dispatch))))


def dispatch(call: Invocation) -> Value:
    """`dispatch(action)`."""
    if isinstance(call.target, Native):
        (cell,), (reducer,) = call.target.cells, call.target.values
        state = call.engine.read(cell)
        call.engine.write(cell, call_back(call, reducer, state, call.argument(0)))
    return NOTHING


def use_ref(call: Invocation) -> Value:
    """`const ref = useRef(first)`."""
    record = call.engine.record(call.frame, call.node, "ref")
    put(call.engine, record, "current", call.argument(0))
    return one(record)


def create_context(call: Invocation) -> Value:
    """`const Tasks = createContext(first)`."""
    cell = call.engine.cell(call.frame, call.node)
    call.engine.write(cell, call.argument(0))
    return one(Native("context", (cell,)))


def use_context(call: Invocation) -> Value:
    """`useContext(Tasks)`, and `use` of a context or of a promise."""
    found = [
        call.engine.read(atom.cells[0])
        if isinstance(atom, Native) and atom.name == "context"
        else one(atom)
        for atom in call.argument(0)
    ]
    return joined(*found)


def run(call: Invocation) -> Value:
    """`useMemo(function)`, `useEffect(function)`: the function runs."""
    return call_back(call, call.argument(0))


def effect(call: Invocation) -> Value:
    """`useEffect(function)`: what it returns is for cleaning up."""
    call_back(call, call.argument(0))
    return NOTHING


def same(call: Invocation) -> Value:
    """`memo(Component)`, `useCallback(function)`."""
    return call.argument(0)


def dynamic(call: Invocation) -> Value:
    """`lazy(() => import('./page'))`: the component that the module exports."""
    found: list[Value] = []
    for atom in call_back(call, call.argument(0)):
        if isinstance(atom, Namespace):
            found.append(call.engine.export(atom.file, "default"))
        else:
            found.append(one(atom))
    return joined(*found)


def action_state(call: Invocation) -> Value:
    """`const [state, act] = useActionState(action, first)`."""
    cell = call.engine.cell(call.frame, call.node)
    call.engine.write(cell, call.argument(1))
    state = call.engine.read(cell)
    call.engine.write(cell, call_back(call, call.argument(0), state, NOTHING))
    return one(Sequence((call.engine.read(cell), NOTHING)))


def loader_data(call: Invocation) -> Value:
    """`useLoaderData<typeof loader>()` of Remix, React Router: what the loader returns."""
    return call_back(call, call.engine.export(call.frame.function.file, "loader"))


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "useState": use_state,
    "useReducer": use_reducer,
    "useRef": use_ref,
    "createContext": create_context,
    "useContext": use_context,
    "use": use_context,
    "useMemo": run,
    "startTransition": run,
    "useEffect": effect,
    "useLayoutEffect": effect,
    "useInsertionEffect": effect,
    "useCallback": same,
    "useDeferredValue": same,
    "useEffectEvent": same,
    "memo": same,
    "forwardRef": same,
    "react:cache": same,
    "unstable_cache": same,
    "lazy": dynamic,
    "next/dynamic:default": dynamic,
    "useLoaderData": loader_data,
    "@remix-run/node:json": same,
    "react-router:data": same,
    "useActionState": action_state,
    "useFormState": action_state,
}
NATIVES: Final[Mapping[str, Handler]] = {"set": set_state, "dispatch": dispatch}
