"""Elements of JSX: a component is called with its attributes."""

from lockstitch.contract.usage.following.access import members_of
from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.invocation import invoke
from lockstitch.contract.usage.following.objects import instantiate
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    ClassValue,
    Closure,
    External,
    Frame,
    Native,
    Record,
    Shape,
    Value,
    joined,
    one,
)
from lockstitch.contract.usage.syntax import Entry, Markup


def markup(engine: Engine, node: Markup, frame: Frame) -> Value:
    """Render an element; what it is worth itself does not matter."""
    children = joined(*(engine.evaluate(engine, child, frame) for child in node.children))
    attributes = _attributes(engine, node, frame)
    if node.component is None:
        return NOTHING
    if children:
        attributes["children"] = children
    # What is given after `{...task}` hides the member of that name, whatever it is worth.
    hides = "..." in attributes
    kept = tuple(sorted((name, one_) for name, one_ in attributes.items() if one_ or hides))
    properties = one(Shape(kept))
    for atom in engine.evaluate(engine, node.component, frame):
        if isinstance(atom, Closure):
            invoke(engine, one(atom), [properties], frame, node.at, by_name=True)
        elif isinstance(atom, Native) and atom.name == "context":
            engine.write(atom.cells[0], attributes.get("value", NOTHING))
            invoke(engine, children, [engine.read(atom.cells[0])], frame, node.at)
        elif isinstance(atom, Native):
            invoke(engine, one(atom), [properties], frame, node.at)
        elif isinstance(atom, ClassValue):
            _render(engine, atom, properties, frame, node)
        elif isinstance(atom, External) and atom.name.endswith("SWRConfig"):
            _configure(engine, attributes.get("value", NOTHING))
    return NOTHING


def _attributes(engine: Engine, node: Markup, frame: Frame) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for entry in node.attributes:
        if isinstance(entry, Entry):
            found[entry.name or ""] = engine.evaluate(engine, entry.value, frame)
            continue
        for atom in engine.evaluate(engine, entry.value, frame):
            found = _spread(engine, atom, found)
    return found


def _spread(engine: Engine, atom: object, found: dict[str, Value]) -> dict[str, Value]:
    if isinstance(atom, Shape):
        return {**found, **dict(atom.members)}
    if isinstance(atom, Record):
        return {**found, **members_of(engine, atom)}
    if isinstance(atom, Answer):
        # `<Row {...task} />`: whatever the component asks for is asked of the answer.
        return {**found, "...": joined(found.get("...", NOTHING), one(atom))}
    return found


def _render(
    engine: Engine, atom: ClassValue, properties: Value, frame: Frame, node: Markup
) -> None:
    for made in instantiate(engine, atom, [properties], frame, node.at, node):
        if isinstance(made, Record):
            put(engine, made, "props", properties)


def _configure(engine: Engine, value: Value) -> None:
    for atom in value:
        if isinstance(atom, Record) and "fetcher" in atom.members:
            record = engine.shared_record("swr")
            engine.write(record.spreads, engine.read(atom.members["fetcher"]))
