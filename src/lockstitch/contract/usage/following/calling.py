"""Calls in the code: of functions, of methods, of classes."""

from typing import Final

from lockstitch.contract.usage.following import access
from lockstitch.contract.usage.following.declared import claim
from lockstitch.contract.usage.following.engine import Engine, Invocation
from lockstitch.contract.usage.following.invocation import function_of, invoke
from lockstitch.contract.usage.following.objects import call_parent, instantiate
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Atom,
    ClassValue,
    Client,
    Closure,
    External,
    Frame,
    Record,
    Sequence,
    Typed,
    Value,
    joined,
    one,
)
from lockstitch.contract.usage.syntax import (
    Call,
    Expression,
    Free,
    Local,
    Member,
    NamePattern,
    ObjectType,
    Spread,
    TypeName,
)

# Their type argument is not that of what they return.
_STATE: Final = frozenset({"useState", "useReducer", "useRef", "createContext", "useContext"})
_CALL_OPERATION: Final = "call"
# Methods of schemas of validators, which hand on what they have looked at.
PARSING: Final = frozenset(
    "parse parseAsync safeParse safeParseAsync validate validateSync cast assert".split()  # noqa: SIM905
)
# Query clients are handed about; these methods are theirs alone.
FETCHING: Final = frozenset({"fetchQuery", "ensureQueryData", "prefetchQuery"})


def call(engine: Engine, node: Call, frame: Frame) -> Value:
    """Return what a call returns."""
    arguments = _arguments(engine, node, frame)
    if node.new:
        result = _new(engine, node, arguments, frame)
    elif isinstance(node.callee, Free) and node.callee.name == "super":
        call_parent(engine, arguments, frame, node.at)
        result = NOTHING
    elif isinstance(node.callee, Member):
        result = _method(engine, node, node.callee, arguments, frame)
    else:
        callee = engine.evaluate(engine, node.callee, frame)
        result = invoke(
            engine,
            callee,
            arguments,
            frame,
            node.at,
            node=node,
            failing=node.failing,
            types=node.types,
        )
    if node.types and result and _name(node) not in _STATE:
        claim(engine, result, node.types[0], frame.function.file)
    return result


def _name(node: Call) -> str:
    callee = node.callee
    return str(getattr(callee, "name", "") or getattr(callee, "slot", "").split("#")[0])


def _arguments(engine: Engine, node: Call, frame: Frame) -> list[Value]:
    found: list[Value] = []
    for argument in node.arguments:
        if not isinstance(argument, Spread):
            value = engine.evaluate(engine, argument, frame)
            found.append(value or typed(engine, argument, frame))
            continue
        value = engine.evaluate(engine, argument.value, frame)
        whole = [atom for atom in value if isinstance(atom, Sequence) and atom.items]
        if whole:
            found += _side_by_side(whole)
        else:
            found.append(access.items_of(engine, value))
    return found


def _side_by_side(arrays: list[Sequence]) -> list[Value]:
    """Return what stands at each position of any of some arrays."""
    count = max(len(array.items) for array in arrays)
    return [
        joined(*(array.items[at] for array in arrays if at < len(array.items)))
        for at in range(count)
    ]


def typed(engine: Engine, node: Expression, frame: Frame) -> Value:
    """Return the declared type of a parameter of which nothing else is known."""
    if not isinstance(node, Local):
        return NOTHING
    function = frame.out(node.hops).function
    for parameter in function.parameters:
        pattern = parameter.pattern
        if not isinstance(pattern, NamePattern) or pattern.target.slot != node.slot:
            continue
        if isinstance(parameter.type, TypeName | ObjectType):
            return one(Typed(parameter.type, function.file))
    del engine
    return NOTHING


def _new(engine: Engine, node: Call, arguments: list[Value], frame: Frame) -> Value:
    found: list[Value] = []
    for atom in engine.evaluate(engine, node.callee, frame):
        if isinstance(atom, ClassValue):
            found.append(instantiate(engine, atom, arguments, frame, node.at, node))
        elif isinstance(atom, External):
            made = External(atom.module, f"new {atom.name}")
            handler = function_of(engine.library, made)
            if handler is not None:
                found.append(handler(Invocation(engine, frame, node, node.at, arguments, made)))
    return joined(*found)


def _method(
    engine: Engine, node: Call, callee: Member, arguments: list[Value], frame: Frame
) -> Value:
    owner = engine.evaluate(engine, callee.object, frame)
    settled = _settled(engine, node, callee.name, owner, arguments, frame)
    if settled is not None:
        return settled
    invocation = Invocation(
        engine=engine,
        frame=frame,
        node=node,
        at=node.at,
        arguments=arguments,
        target=External("", callee.name),
        name=callee.name,
        failing=node.failing or callee.failing,
        types=node.types,
    )
    if callee.name == _CALL_OPERATION:
        # `client.call(operation, input)`: the operation says enough, whatever the client is.
        found = engine.library.clients["lockstitch"](invocation)
        if found:
            return found
    if callee.name in PARSING and not owner:
        return engine.library.clients["schema"](invocation)
    if callee.name in FETCHING and not owner:
        return engine.library.clients["query-client"](invocation)
    return joined(*(_method_of(invocation, atom, callee) for atom in owner))


def _settled(
    engine: Engine, node: Call, name: str, owner: Value, arguments: list[Value], frame: Frame
) -> Value | None:
    """Call what waits for a promise; a promise is worth what it resolves to."""
    if name == "finally" and owner:
        return owner
    if name == "catch" and owner:
        return (
            joined(owner, invoke(engine, arguments[0], [NOTHING], frame, node.at))
            if arguments
            else owner
        )
    if name != "then" or not owner or not arguments:
        return None
    return invoke(engine, arguments[0], [owner], frame, node.at)


def _method_of(call: Invocation, atom: Atom, callee: Member) -> Value:
    call.target = atom
    engine = call.engine
    if isinstance(atom, External):
        name = f"{atom.name}.{callee.name}" if atom.name and atom.name != "*" else callee.name
        handler = function_of(engine.library, External(atom.module, name))
        return handler(call) if handler is not None else NOTHING
    if isinstance(atom, Client) and callee.name not in {"defaults", "interceptors"}:
        return engine.library.clients[atom.kind](call)
    handler = engine.library.methods.get(type(atom))
    if handler is not None and not (isinstance(atom, Record) and callee.name in atom.members):
        found = handler(call)
        if found or isinstance(atom, Sequence):
            return found
    if isinstance(atom, Answer) and callee.name in access.BUILT_IN:
        return NOTHING
    value = access.member(
        engine, one(atom), callee.name, call.frame, callee.at, failing=call.failing
    )
    return invoke(
        engine,
        _bound(value, atom),
        call.arguments,
        call.frame,
        call.at,
        node=call.node,
        failing=call.failing,
        types=call.types,
    )


def _bound(value: Value, atom: Atom) -> Value:
    """Give methods the object that they are called on."""
    if not isinstance(atom, Record | ClassValue):
        return value
    return frozenset(
        Closure(found.function, found.frame, one(atom))
        if isinstance(found, Closure) and not found.function.arrow and not found.this
        else found
        for found in value
    )
