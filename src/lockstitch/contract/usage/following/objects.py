"""Objects of classes, and the methods of objects."""

from typing import Final

from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.invocation import invoke
from lockstitch.contract.usage.following.values import (
    ClassValue,
    Closure,
    Frame,
    Record,
    Value,
    one,
)
from lockstitch.contract.usage.syntax import Function, Point

_MAXIMUM_PARENTS: Final = 6


def bound(engine: Engine, value: Value, this: Value) -> Value:
    """Return functions as methods of an object; arrow functions keep the `this` around them."""
    return frozenset(
        _bound(engine, atom, this) if isinstance(atom, Closure) else atom for atom in value
    )


def _bound(engine: Engine, atom: Closure, this: Value) -> Closure:
    if atom.function.arrow or atom.this:
        return atom
    method = Closure(atom.function, atom.frame, this)
    # Without its object it is called by nobody.
    engine.closures.pop(atom, None)
    engine.closures.setdefault(method, None)
    return method


def instantiate(
    engine: Engine,
    atom: ClassValue,
    arguments: list[Value],
    frame: Frame,
    at: Point,
    node: object,
) -> Value:
    """Return the object that `new` makes of a class."""
    engine.made.add(atom)
    record = engine.record(frame, (node, atom), "object")
    lineage = _lineage(engine, atom)
    for ancestor in reversed(lineage):
        _fill(engine, ancestor, record, own=ancestor is lineage[0])
    _construct(engine, lineage[0], record, arguments, frame, at)
    return one(record)


def _construct(
    engine: Engine,
    atom: ClassValue,
    record: Record,
    arguments: list[Value],
    frame: Frame,
    at: Point,
) -> None:
    """Run the constructor of a class, or of the nearest that it extends which has one."""
    owner = next(
        (one_ for one_ in _lineage(engine, atom) if one_.definition.constructor is not None), None
    )
    if owner is None or owner.definition.constructor is None:
        return
    constructor = owner.definition.constructor
    _keep(engine, owner, constructor, record, arguments)
    invoke(engine, one(Closure(constructor, owner.frame, one(record))), arguments, frame, at)


def call_parent(engine: Engine, arguments: list[Value], frame: Frame, at: Point) -> None:
    """`super(...)` within a constructor."""
    parent = engine.parents.get(frame.function)
    for atom in frame.this if parent is not None else ():
        if isinstance(atom, Record) and parent is not None:
            _construct(engine, parent, atom, arguments, frame, at)


def _lineage(engine: Engine, atom: ClassValue) -> list[ClassValue]:
    """Return a class and those that it extends."""
    found = [atom]
    while found[-1].definition.parent is not None and len(found) < _MAXIMUM_PARENTS:
        parents = engine.evaluate(engine, found[-1].definition.parent, found[-1].frame)
        parent = next((one_ for one_ in parents if isinstance(one_, ClassValue)), None)
        if parent is None or parent in found:
            break
        engine.made.add(parent)
        constructor = found[-1].definition.constructor
        if constructor is not None:
            engine.parents[constructor] = parent
        found.append(parent)
    return found


def _fill(engine: Engine, atom: ClassValue, record: Record, *, own: bool) -> None:
    """Give an object the fields and methods of a class; what it inherits may well be unused."""
    this = one(record)
    inner = atom.frame.heap.setdefault(("fields", atom, record), _frame_of(atom, this))
    if not isinstance(inner, Frame):
        return
    for field in atom.definition.fields:
        if not field.static:
            value = engine.evaluate(engine, field.value, inner)
            methods = bound(engine, value, this)
            put(engine, record, field.name, methods)
            for method in () if own else methods:
                if isinstance(method, Closure):
                    engine.closures.pop(method, None)


def _frame_of(atom: ClassValue, this: Value) -> Frame:
    """Fields are evaluated as if within a method, among the variables around the class."""
    outer = atom.frame
    return Frame(
        outer.function, outer.parent, this, outer.generated, outer.entry, cells=outer.cells
    )


def _keep(
    engine: Engine,
    atom: ClassValue,
    constructor: Function,
    record: Record,
    arguments: list[Value],
) -> None:
    """Keep the parameters that a constructor declares as members."""
    for position, parameter in enumerate(constructor.parameters):
        if parameter.member is None:
            continue
        if position < len(arguments):
            put(engine, record, parameter.member, arguments[position])
        elif parameter.default is not None:
            default = engine.evaluate(engine, parameter.default, atom.frame)
            put(engine, record, parameter.member, default)
