"""Reading a member of a value, which is what the whole search is about."""

from typing import Final

from lockstitch.contract.usage.calls import EACH, MemberRead
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Atom,
    Cell,
    ClassValue,
    Client,
    External,
    Frame,
    Namespace,
    Native,
    Record,
    Reply,
    Sequence,
    Shape,
    Value,
    joined,
    one,
    shape,
    text,
)
from lockstitch.contract.usage.syntax import Point

# Every array, text and object of JavaScript has these: reading one asks nothing of the contract.
BUILT_IN: Final = frozenset(
    """
    length map filter forEach find findIndex findLast some every reduce reduceRight slice splice
    sort toSorted reverse toReversed concat flat flatMap join includes indexOf lastIndexOf push
    pop shift unshift at entries keys values fill with toString toLocaleString valueOf
    hasOwnProperty constructor then catch finally toJSON
    """.split()  # noqa: SIM905 - a list of words reads as words
)
_MAXIMUM_PATH: Final = 9


def member(
    engine: Engine,
    value: Value,
    name: str,
    frame: Frame,
    at: Point,
    *,
    failing: bool = False,
) -> Value:
    """Return what a member of a value holds, and note the read where it is one of an answer."""
    return joined(*(_of(engine, atom, name, frame, at, failing=failing) for atom in value))


def _of(engine: Engine, atom: Atom, name: str, frame: Frame, at: Point, *, failing: bool) -> Value:
    match atom:
        case Answer():
            return _of_answer(engine, atom, name, frame, at, failing=failing)
        case Shape():
            spread = atom.get("...")
            found = member(engine, spread, name, frame, at, failing=failing) if spread else NOTHING
            return atom.get(name) or found
        case Record():
            return of_record(engine, atom, name)
        case Namespace():
            return engine.export(atom.file, name)
        case External():
            return one(External(atom.module, f"{atom.name}.{name}" if atom.name else name))
        case ClassValue():
            return _of_class(engine, atom, name)
        case Client():
            return _of_client(atom, name)
        case Native(name="context") if name in {"Provider", "Consumer"}:
            return one(atom)
        case Reply() if name in {"data", "_data"}:
            return atom.body
        case _:
            return NOTHING


def _of_answer(
    engine: Engine, atom: Answer, name: str, frame: Frame, at: Point, *, failing: bool
) -> Value:
    side = "problem" if failing else atom.side
    if name.isdigit():
        return items_of(engine, one(atom))
    request = atom.request
    if request.operation is None or len(atom.path) > _MAXIMUM_PATH:
        return NOTHING
    schema = engine.contract.at(request.operation, side, atom.path)
    if schema is None:
        return NOTHING
    kind = engine.contract.kind(schema)
    renamed = request.renamed or atom.renamed
    wire = engine.contract.wire_name(schema, name, renamed=renamed)
    declared = engine.contract.inside(schema, wire) is not None
    if kind == "scalar" or (name in BUILT_IN and not declared):
        return NOTHING
    path = (*atom.path, wire)
    spot = engine.spot(frame.function.file, at)
    found = engine.trace.of(request)
    if not frame.generated:
        found.reads.add(MemberRead(path=path, name=name, spot=spot, side=side))
    return one(Answer(request, path, side, atom.renamed))


def _of_class(engine: Engine, atom: ClassValue, name: str) -> Value:
    for field in atom.definition.fields:
        if field.static and field.name == name:
            return engine.evaluate(engine, field.value, atom.frame)
    return NOTHING


def _of_client(atom: Client, name: str) -> Value:
    if name == "defaults":
        return one(atom.settings)
    if name == "interceptors":
        # `api.interceptors.response.use(...)`: both steps lead back to the client.
        use = one(Native("interceptors", values=(one(atom),)))
        return shape(response=shape(use=use), request=NOTHING)
    return one(Native("client-method", values=(one(atom), text(name))))


def probe(engine: Engine, value: Value, name: str) -> None:
    """Note that the code asks whether an answer has a member: reading it then is no mistake."""
    for atom in value:
        if isinstance(atom, Answer):
            engine.trace.of(atom.request).probes.add((atom.side, (*atom.path, name)))


def of_record(engine: Engine, record: Record, name: str) -> Value:
    """Return what a member of an object holds, or what was spread into it has under that name."""
    cell = record.members.get(name)
    if cell is None:
        cell = record.missing.setdefault(name, Cell())
    elif name in record.final:
        return engine.read(cell)
    spread = engine.read(record.spreads)
    inner = (_of_spread(engine, atom, name) for atom in spread if isinstance(atom, Record | Shape))
    return joined(engine.read(cell), *inner)


def _of_spread(engine: Engine, atom: Record | Shape, name: str) -> Value:
    return of_record(engine, atom, name) if isinstance(atom, Record) else atom.get(name)


def items_of(engine: Engine, value: Value) -> Value:
    """Return what the items of an array may be."""
    found: list[Value] = []
    for atom in value:
        if isinstance(atom, Sequence):
            found.append(atom.any)
        elif isinstance(atom, Answer):
            found.append(_item_of_answer(engine, atom))
    return joined(*found)


def _item_of_answer(engine: Engine, atom: Answer) -> Value:
    operation = atom.request.operation
    if operation is None or len(atom.path) > _MAXIMUM_PATH:
        return NOTHING
    path = (*atom.path, EACH)
    if engine.contract.at(operation, atom.side, path) is None:
        return NOTHING
    return one(Answer(atom.request, path, atom.side, atom.renamed))


def is_array(engine: Engine, atom: Atom) -> bool | None:
    """Tell whether a value is an array, or None where that is not known."""
    if isinstance(atom, Sequence):
        return True
    if isinstance(atom, Record | Shape):
        return False
    if not isinstance(atom, Answer) or atom.request.operation is None:
        return None
    schema = engine.contract.at(atom.request.operation, atom.side, atom.path)
    kind = engine.contract.kind(schema) if schema is not None else "open"
    return None if kind == "open" else kind == "array"
