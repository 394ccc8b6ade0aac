"""What expressions may be worth, and running the bodies of functions."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lockstitch.contract.usage.following import access
from lockstitch.contract.usage.following.binding import bind, put
from lockstitch.contract.usage.following.calling import call, typed
from lockstitch.contract.usage.following.declared import answers_of, claim
from lockstitch.contract.usage.following.engine import Engine, Run
from lockstitch.contract.usage.following.essence import sequence
from lockstitch.contract.usage.following.markup import markup
from lockstitch.contract.usage.following.objects import bound
from lockstitch.contract.usage.following.texts import concatenated, worth_keeping
from lockstitch.contract.usage.following.values import (
    NOTHING,
    ClassValue,
    Closure,
    External,
    Frame,
    Namespace,
    Record,
    Sequence,
    Value,
    joined,
    one,
    plain,
    text,
)
from lockstitch.contract.usage.syntax import (
    ArrayLiteral,
    Assign,
    Bind,
    Call,
    Cast,
    Choice,
    ClassLiteral,
    Effects,
    Element,
    Expression,
    Filter,
    Free,
    FunctionLiteral,
    ImportCall,
    Imported,
    ItemOf,
    Literal,
    Local,
    Markup,
    Member,
    ObjectLiteral,
    Probe,
    Return,
    Spread,
    Template,
    This,
)

_ENVIRONMENT: Final = ("process.env.", "import.meta.env.", "Deno.env.", "env.")


def evaluate(engine: Engine, node: Expression, frame: Frame) -> Value:
    """Return what an expression may be worth."""
    return _EVALUATORS[type(node)](engine, node, frame)


def perform(engine: Engine, run: Run) -> None:
    """Run the body of a function with its arguments."""
    frame, function = run.frame, run.frame.function
    for position, parameter in enumerate(function.parameters):
        value = NOTHING
        if parameter.rest:
            items = [engine.read(cell) for cell in run.arguments[position:]]
            value = one(sequence(items, NOTHING))
        elif position < len(run.arguments):
            value = engine.read(run.arguments[position])
        if parameter.default is not None and not plain(value):
            value = joined(value, evaluate(engine, parameter.default, frame))
        if parameter.type is not None:
            claim(engine, value, parameter.type, function.file)
            if not value and run.typed:
                value = answers_of(engine, parameter.type, function.file)
        bind(engine, parameter.pattern, value, frame)
    for operation in function.body:
        _operate(engine, operation, run)


def _operate(engine: Engine, operation: Any, run: Run) -> None:
    frame = run.frame
    match operation:
        case Bind():
            value = evaluate(engine, operation.value, frame)
            if operation.type is not None:
                file = frame.function.file
                claim(engine, value, operation.type, file)
                if not value and engine.requesting:
                    value = answers_of(engine, operation.type, file)
            bind(engine, operation.pattern, value, frame)
        case Return():
            value = evaluate(engine, operation.value, frame)
            if frame.function.returns is not None:
                claim(engine, value, frame.function.returns, frame.function.file)
            engine.write(run.result, value)
        case _:
            evaluate(engine, operation, frame)


def _literal(engine: Engine, node: Literal, frame: Frame) -> Value:
    keep = frame.generated or worth_keeping(node.text, engine.words)
    return text(node.text) if keep else NOTHING


def _template(engine: Engine, node: Template, frame: Frame) -> Value:
    parts = [
        text(part.text) if isinstance(part, Literal) else evaluate(engine, part, frame)
        for part in node.parts
    ]
    return concatenated(parts)


def _local(engine: Engine, node: Local, frame: Frame) -> Value:
    return engine.read(frame.out(node.hops).cell(node.slot))


def _imported(engine: Engine, node: Imported, frame: Frame) -> Value:
    return engine.imported(frame.function.file, node)


def _free(engine: Engine, node: Free, frame: Frame) -> Value:
    del frame
    return engine.external("", node.name)


def _this(engine: Engine, node: This, frame: Frame) -> Value:
    del engine, node
    return frame.this


def _member(engine: Engine, node: Member, frame: Frame) -> Value:
    owner = evaluate(engine, node.object, frame)
    found = access.member(engine, owner, node.name, frame, node.at, failing=node.failing)
    return environment(found)


def environment(value: Value) -> Value:
    """Return a value in which an environment variable is a text that is not known."""
    for atom in value:
        if isinstance(atom, External) and atom.name.startswith(_ENVIRONMENT):
            return text(atom.name.rsplit(".", 1)[-1], hole=True)
    return value


def _element(engine: Engine, node: Element, frame: Frame) -> Value:
    owner = evaluate(engine, node.object, frame)
    if isinstance(node.index, Effects):
        return access.items_of(engine, owner)
    keys = plain(evaluate(engine, node.index, frame))
    if keys:
        found = (
            access.member(engine, owner, key, frame, node.at, failing=node.failing)
            for key in sorted(keys)
        )
        return joined(*found)
    return joined(_anywhere(engine, owner), access.items_of(engine, owner))


def _anywhere(engine: Engine, value: Value) -> Value:
    """Return what a member of an unknown name may be: of a map of functions, of answers."""
    found: list[Value] = []
    for atom in value:
        if isinstance(atom, Record):
            found += [engine.read(cell) for cell in atom.members.values()]
    return joined(*found)


def _object(engine: Engine, node: ObjectLiteral, frame: Frame) -> Value:
    record = engine.record(frame, node)
    this = one(record)
    after: list[Value] = []
    # From the end, for what comes later replaces what came before.
    for entry in reversed(node.entries):
        if isinstance(entry, Spread):
            after.append(spread_value(engine, entry, frame))
            continue
        value = evaluate(engine, entry.value, frame)
        if entry.name is None:
            record.whole = False
            continue
        record.spots.setdefault(entry.name, (frame.function.file, entry.at))
        if not any(has_text(engine, spread, entry.name) for spread in after):
            put(engine, record, entry.name, bound(engine, value, this))
        if not after:
            record.final.add(entry.name)
    for spread in after:
        _spread_into(engine, record, spread)
    return this


def has_text(engine: Engine, value: Value, name: str) -> bool:
    """Whether an object is known to have a text under a name, which then replaces others."""
    return any(
        bool(plain(access.of_record(engine, atom, name)))
        for atom in value
        if isinstance(atom, Record)
    )


def spread_value(engine: Engine, node: Spread, frame: Frame) -> Value:
    """Return what is spread, by its declared type where no more is known."""
    return evaluate(engine, node.value, frame) or typed(engine, node.value, frame)


def _spread_into(engine: Engine, record: Record, value: Value) -> None:
    if not value:
        record.whole = False
    engine.write(record.spreads, value)


def _array(engine: Engine, node: ArrayLiteral, frame: Frame) -> Value:
    items: list[Value] = []
    rest = NOTHING
    open_ended = False
    for item in node.items:
        if isinstance(item, Spread):
            value = evaluate(engine, item.value, frame)
            whole = [atom for atom in value if isinstance(atom, Sequence) and not atom.rest]
            if len(whole) == len(value) == 1 and not open_ended:
                items += whole[0].items
            else:
                open_ended = True
                rest = joined(rest, access.items_of(engine, value))
        elif open_ended:
            rest = joined(rest, evaluate(engine, item, frame))
        else:
            items.append(evaluate(engine, item, frame))
    return one(sequence(items, rest))


def _function(engine: Engine, node: FunctionLiteral, frame: Frame) -> Value:
    closure = Closure(node.function, frame)
    engine.closures.setdefault(closure, None)
    return one(closure)


def _class(engine: Engine, node: ClassLiteral, frame: Frame) -> Value:
    atom = ClassValue(node.definition, frame)
    engine.classes.setdefault(atom, None)
    return one(atom)


def _choice(engine: Engine, node: Choice, frame: Frame) -> Value:
    for test in node.tests:
        evaluate(engine, test, frame)
    if node.exclusive:
        return joined(*(evaluate(engine, option, frame) for option in node.options))
    found = NOTHING
    for option in node.options:
        found = joined(found, evaluate(engine, option, frame))
        # What stands in for a missing value is not needed where there is one.
        if plain(found):
            break
    return found


def _cast(engine: Engine, node: Cast, frame: Frame) -> Value:
    value = evaluate(engine, node.value, frame)
    claim(engine, value, node.type, frame.function.file)
    return value


def _assign(engine: Engine, node: Assign, frame: Frame) -> Value:
    value = evaluate(engine, node.value, frame)
    bind(engine, node.target, value, frame)
    return value


def _effects(engine: Engine, node: Effects, frame: Frame) -> Value:
    for part in node.parts:
        evaluate(engine, part, frame)
    return NOTHING


def _probe(engine: Engine, node: Probe, frame: Frame) -> Value:
    asked: Expression = node.value
    name = node.name
    if name is None and isinstance(asked, Member):
        name, asked = asked.name, asked.object
    value = evaluate(engine, asked, frame)
    if name is not None:
        access.probe(engine, value, name)
    return NOTHING


def _item_of(engine: Engine, node: ItemOf, frame: Frame) -> Value:
    return access.items_of(engine, evaluate(engine, node.value, frame))


def _filter(engine: Engine, node: Filter, frame: Frame) -> Value:
    value = evaluate(engine, node.value, frame)
    return frozenset(atom for atom in value if access.is_array(engine, atom) in {None, node.arrays})


def _import_call(engine: Engine, node: ImportCall, frame: Frame) -> Value:
    file = engine.front_end.resolve(frame.function.file, node.source)
    return one(Namespace(file)) if file is not None else one(External(node.source, "*"))


_EVALUATORS: Final[Mapping[type, Callable[[Engine, Any, Frame], Value]]] = {
    Literal: _literal,
    Template: _template,
    Local: _local,
    Imported: _imported,
    Free: _free,
    This: _this,
    Member: _member,
    Element: _element,
    Call: call,
    ObjectLiteral: _object,
    ArrayLiteral: _array,
    FunctionLiteral: _function,
    ClassLiteral: _class,
    Choice: _choice,
    Cast: _cast,
    Assign: _assign,
    Effects: _effects,
    Probe: _probe,
    ItemOf: _item_of,
    Filter: _filter,
    Markup: markup,
    ImportCall: _import_call,
}
