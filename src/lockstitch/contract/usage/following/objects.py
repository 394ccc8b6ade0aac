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
    for ancestor in reversed(_lineage(engine, atom)):
        _fill(engine, ancestor, record)
        constructor = ancestor.definition.constructor
        if constructor is not None:
            _keep(engine, ancestor, constructor, record, arguments)
            closure = Closure(constructor, ancestor.frame, one(record))
            invoke(engine, one(closure), arguments, frame, at)
    return one(record)


def _lineage(engine: Engine, atom: ClassValue) -> list[ClassValue]:
    """Return a class and those that it extends."""
    found = [atom]
    while found[-1].definition.parent is not None and len(found) < _MAXIMUM_PARENTS:
        parents = engine.evaluate(engine, found[-1].definition.parent, found[-1].frame)
        parent = next((one_ for one_ in parents if isinstance(one_, ClassValue)), None)
        if parent is None or parent in found:
            break
        engine.made.add(parent)
        found.append(parent)
    return found


def _fill(engine: Engine, atom: ClassValue, record: Record) -> None:
    """Give an object the fields and methods of a class."""
    this = one(record)
    inner = atom.frame.heap.setdefault(("fields", atom, record), _frame_of(atom, this))
    if not isinstance(inner, Frame):
        return
    for field in atom.definition.fields:
        if not field.static:
            value = engine.evaluate(engine, field.value, inner)
            put(engine, record, field.name, bound(engine, value, this))


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
