"""Reading a member of a value, which is what the whole search is about."""

from typing import Final

from lockstitch.contract.algebra import Schema
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


def _of(  # noqa: PLR0911 - one way for each kind of value
    engine: Engine, atom: Atom, name: str, frame: Frame, at: Point, *, failing: bool
) -> Value:
    match atom:
        case Answer():
            return _of_answer(engine, atom, name, frame, at, failing=failing)
        case Shape():
            own = dict(atom.members)
            spread = NOTHING if name in own else own.get("...", NOTHING)
            found = member(engine, spread, name, frame, at, failing=failing) if spread else NOTHING
            return own.get(name, found)
        case Record():
            spread = _answers_in(engine, atom, name)
            found = member(engine, spread, name, frame, at, failing=failing) if spread else NOTHING
            return joined(of_record(engine, atom, name), of_record(engine, atom, EACH), found)
        case Namespace():
            # Where a module assigns `module.exports`, its members are what it exports.
            whole = engine.export(atom.file, "default")
            return engine.export(atom.file, name) or member(engine, whole, name, frame, at)
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
    schema = _schema_of(engine, atom)
    if schema is None:
        return NOTHING
    kind = engine.contract.kind(schema)
    if name.isdigit() or (kind == "map" and name not in BUILT_IN):
        return items_of(engine, one(atom))
    renamed = atom.request.renamed or atom.renamed
    wire = engine.contract.wire_name(schema, name, renamed=renamed)
    inner = engine.contract.inside(schema, wire)
    # Where the contract says nothing of a value, there is nothing to hold its readers to.
    if kind in {"scalar", "open", "map"} or (name in BUILT_IN and inner is None):
        return NOTHING
    # After a failure, what the answer does not have is read of the problem in its place.
    side = "problem" if failing and inner is None else atom.side
    path = (*atom.path, wire)
    if not frame.generated:
        spot = engine.spot(frame.function.file, at)
        read = MemberRead(path=path, name=name, spot=spot, side=side)
        engine.trace.of(atom.request).reads.add(read)
    # A scalar has no members, and of what the contract leaves open nothing is asked.
    if inner is None or engine.contract.kind(inner) in {"scalar", "open"}:
        return NOTHING
    return one(Answer(atom.request, path, side, atom.renamed))


def _schema_of(engine: Engine, atom: Answer) -> Schema | None:
    operation = atom.request.operation
    if operation is None or len(atom.path) > _MAXIMUM_PATH:
        return None
    return engine.contract.at(operation, atom.side, atom.path)


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
    found: list[Value] = []
    pending: list[Record | Shape] = [record]
    seen: set[Record] = set()
    while pending:
        atom = pending.pop()
        if isinstance(atom, Shape):
            found.append(atom.get(name))
        elif atom not in seen:
            seen.add(atom)
            found.append(engine.read(_cell_of(atom, name)))
            if name not in atom.final:
                spread = engine.read(atom.spreads)
                pending += [one_ for one_ in spread if isinstance(one_, Record | Shape)]
    return joined(*found)


def _answers_in(engine: Engine, record: Record, name: str) -> Value:
    """Return the answers that were spread into an object and still show under a name."""
    if name in record.final:
        return NOTHING
    return frozenset(atom for atom in engine.read(record.spreads) if isinstance(atom, Answer))


def _cell_of(record: Record, name: str) -> Cell:
    """Return the cell of a member; one that is not there yet may still come."""
    return record.members.get(name) or record.missing.setdefault(name, Cell())


def members_of(engine: Engine, record: Record) -> dict[str, Value]:
    """Return all members of an object, with those that were spread into it."""
    found: dict[str, Value] = {}
    pending, seen = [record], set[Record]()
    while pending:
        atom = pending.pop()
        if atom in seen:
            continue
        seen.add(atom)
        for name, cell in atom.members.items():
            found.setdefault(name, engine.read(cell))
        for inner in engine.read(atom.spreads):
            if isinstance(inner, Record):
                pending.append(inner)
            elif isinstance(inner, Shape):
                found = {**dict(inner.members), **found}
    return found


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
    schema = engine.contract.at(operation, atom.side, path)
    if schema is None or engine.contract.kind(schema) in {"scalar", "open"}:
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
