"""Calling what a value may be: functions of the front end, of the platform and of libraries."""

from dataclasses import replace

from lockstitch.contract.usage.following.access import of_record
from lockstitch.contract.usage.following.engine import Engine, Handler, Invocation, Library
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Atom,
    Client,
    Closure,
    External,
    Frame,
    Native,
    Piece,
    Record,
    Shape,
    Site,
    Text,
    Value,
    joined,
)
from lockstitch.contract.usage.syntax import Function, Point, Type


def call_back(call: Invocation, value: Value, *arguments: Value) -> Value:
    """Call a function that was given as an argument."""
    return invoke(call.engine, value, list(arguments), call.frame, call.at)


def setting(call: Invocation, value: Value, name: str) -> Value:
    """Return a member of the settings that a function was given, without noting it as read."""
    found: list[Value] = []
    for atom in value:
        if isinstance(atom, Record):
            found.append(of_record(call.engine, atom, name))
        elif isinstance(atom, Shape):
            found.append(atom.get(name))
    return joined(*found)


def invoke(
    engine: Engine,
    callee: Value,
    arguments: list[Value],
    frame: Frame,
    at: Point,
    *,
    node: object = None,
    failing: bool = False,
    by_name: bool = False,
    types: tuple[Type, ...] = (),
) -> Value:
    """Return what a call of any of the functions that a value may be returns."""
    found: list[Value] = []
    for atom in callee:
        if isinstance(atom, Closure):
            found.append(_run(engine, atom, arguments, frame, at, by_name=by_name))
            continue
        call = Invocation(
            engine=engine,
            frame=frame,
            node=node if node is not None else (at, atom),
            at=at,
            arguments=arguments,
            target=atom,
            failing=failing,
            types=types,
        )
        found.append(_foreign(call, atom))
    return joined(*found)


def _foreign(call: Invocation, atom: Atom) -> Value:
    library = call.engine.library
    handler: Handler | None = None
    if isinstance(atom, External):
        handler = function_of(library, atom)
    elif isinstance(atom, Client):
        handler = library.clients.get(atom.kind)
    elif isinstance(atom, Native):
        handler = library.natives.get(atom.name)
    return handler(call) if handler is not None else NOTHING


def function_of(library: Library, atom: External) -> Handler | None:
    """Return what a function of a package or of the platform does."""
    name = atom.name
    for prefix in ("window.", "globalThis.", "self.", "React.", "default."):
        name = name.removeprefix(prefix)
    return (
        library.functions.get(f"{atom.module}:{atom.name}")
        or library.functions.get(f"{atom.module}:{name}")
        or library.functions.get(name)
    )


def _run(
    engine: Engine,
    closure: Closure,
    arguments: list[Value],
    frame: Frame,
    at: Point,
    *,
    by_name: bool,
) -> Value:
    function = closure.function
    caller = stage_of(frame.function)
    generated = engine.front_end.sources[function.file].generated
    site = engine.site(frame, at)
    if generated and not frame.generated:
        entry: Site | None = closure.frame.entry or site
    else:
        entry = frame.entry if generated else None
    if not generated and stage_of(function) is function:
        # A handler that is handed down belongs to who made it, not to the button that calls it.
        user = stage_of(site.function) if frame.generated else caller
        if user is not None and user is not function:
            engine.trace.uses[user, function] = None
    given = [marked(one_, site) for one_ in arguments]
    run = engine.summary(closure, given, at=at, entry=entry, by_name=by_name)
    return engine.read(run.result)


def stage_of(function: Function) -> Function | None:
    """Return the outermost named function that a function stands in."""
    found: Function | None = None
    current: Function | None = function
    while current is not None and current.outer is not None:
        if current.name:
            found = current
        current = current.outer
    return found


def marked(value: Value, site: Site) -> Value:
    """Return a value whose texts tell by which call they were handed on first."""
    if not any(isinstance(atom, Text) for atom in value):
        return value
    return frozenset(_marked(atom, site) if isinstance(atom, Text) else atom for atom in value)


def _marked(atom: Text, site: Site) -> Text:
    if all(piece.site is not None for piece in atom.pieces):
        return atom
    return Text(tuple(_with_site(piece, site) for piece in atom.pieces))


def _with_site(piece: Piece, site: Site) -> Piece:
    return piece if piece.site is not None else replace(piece, site=site)
