"""Declared types: what the code claims of an answer, and which answers a type stands for."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.calls import EACH, MemberClaim
from lockstitch.contract.usage.following.engine import Engine
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    Cell,
    Sequence,
    Shape,
    Value,
    joined,
    one,
)
from lockstitch.contract.usage.syntax import (
    Declaration,
    ItemType,
    ListType,
    ObjectType,
    OtherType,
    SeveralTypes,
    Type,
    TypeMember,
    TypeName,
)

_MAXIMUM_DEPTH: Final = 6
_MAXIMUM_HOPS: Final = 12
# What a parameter of a generic type stands for, with the module that says so.
Given = Mapping[str, tuple[Type, str]]
_NONE: Given = {}


def find_type(engine: Engine, file: str, name: str, hops: int = 0) -> Declaration | None:
    """Return the declaration of a type, through the modules that hand it on."""
    source = engine.front_end.sources[file]
    if source.generated and name not in source.module.types and hops == 0:
        return None
    module = source.module
    found = module.types.get(name)
    if found is not None or hops > _MAXIMUM_HOPS:
        return found
    if name in module.type_imports:
        path, inner = module.type_imports[name]
        target = engine.front_end.resolve(file, path)
        return find_type(engine, target, inner, hops + 1) if target is not None else None
    for star in module.stars:
        target = engine.front_end.resolve(file, star)
        if target is not None:
            found = find_type(engine, target, name, hops + 1)
            if found is not None:
                return found
    return None


def claim(
    engine: Engine, value: Value, kind: Type, file: str, given: Given = _NONE, depth: int = 0
) -> None:
    """Note what a type says about the answers within a value."""
    if depth > _MAXIMUM_DEPTH or not value:
        return
    for atom in value:
        if isinstance(atom, Answer):
            _claim_answer(engine, atom, kind, file, given, depth)
        elif isinstance(atom, Shape):
            _claim_shape(engine, atom, kind, file, given, depth)
        elif isinstance(atom, Sequence):
            item = _item_type(engine, kind, file, given)
            if item is not None:
                claim(engine, atom.any, item[0], item[1], item[2], depth + 1)


def _claim_shape(
    engine: Engine, atom: Shape, kind: Type, file: str, given: Given, depth: int
) -> None:
    """A library's own object holds the answer as `data`; an object of props under its names."""
    found = _resolved(engine, kind, file, given)
    if found is None:
        inner = kind.arguments[0] if isinstance(kind, TypeName) and kind.arguments else kind
        claim(engine, atom.get("data"), inner, file, given, depth + 1)
        return
    shape, where, bound, _ = found
    if not isinstance(shape, ObjectType):
        claim(engine, atom.get("data"), shape, where, bound, depth + 1)
        return
    names = {member.name for member in shape.members}
    if "data" not in names and atom.get("data"):
        claim(engine, atom.get("data"), kind, file, given, depth + 1)
        return
    for member in shape.members:
        claim(engine, atom.get(member.name), member.type, where, bound, depth + 1)


def _claim_answer(
    engine: Engine, atom: Answer, kind: Type, file: str, given: Given, depth: int
) -> None:
    if isinstance(kind, SeveralTypes):
        for inner in kind.types:
            _claim_answer(engine, atom, inner, file, given, depth + 1)
        return
    found = _resolved(engine, kind, file, given)
    if found is None or atom.request.operation is None or atom.side != "answer":
        return
    shape, where, bound, declaration = found
    if declaration is not None:
        cell = channel(engine, declaration)
        if one(atom) <= cell.value:
            return
        engine.write(cell, one(atom))
    if isinstance(shape, ListType):
        item = Answer(atom.request, (*atom.path, EACH), atom.side, atom.renamed)
        if engine.contract.at(atom.request.operation, "answer", item.path) is not None:
            _claim_answer(engine, item, shape.item, where, bound, depth + 1)
    elif isinstance(shape, SeveralTypes):
        _claim_answer(engine, atom, shape, where, bound, depth + 1)
    elif isinstance(shape, ObjectType):
        _claim_members(engine, atom, shape, where, bound, declaration, depth)


def _claim_members(
    engine: Engine,
    atom: Answer,
    kind: ObjectType,
    file: str,
    given: Given,
    declaration: Declaration | None,
    depth: int,
) -> None:
    operation = atom.request.operation or ""
    schema = engine.contract.at(operation, "answer", atom.path)
    if schema is None or engine.contract.kind(schema) in {"scalar", "array", "open", "map"}:
        return
    renamed = atom.request.renamed or atom.renamed
    generated = engine.front_end.sources[file].generated
    for member in kind.members:
        wire = engine.contract.wire_name(schema, member.name, renamed=renamed)
        path = (*atom.path, wire)
        if not generated:
            _note(engine, atom, member, path, file, declaration)
        if engine.contract.at(operation, "answer", path) is not None and depth < _MAXIMUM_DEPTH:
            inner = Answer(atom.request, path, atom.side, atom.renamed)
            _claim_answer(engine, inner, member.type, file, given, depth + 1)
    for base in kind.bases:
        _claim_answer(engine, atom, base, file, given, depth + 1)


def _note(
    engine: Engine,
    atom: Answer,
    member: TypeMember,
    path: tuple[str, ...],
    file: str,
    declaration: Declaration | None,
) -> None:
    engine.trace.of(atom.request).claims.add(
        MemberClaim(
            path=path,
            name=member.name,
            type=declaration.name if declaration is not None else "",
            spot=engine.spot(file, member.at),
            optional=member.optional,
            certain=member.certain,
        )
    )


def channel(engine: Engine, declaration: Declaration) -> Cell:
    """Return the cell of the answers that a type has been claimed of."""
    return engine.channels.setdefault(declaration, Cell())


def answers_of(  # noqa: PLR0911 - one way for each kind of type
    engine: Engine, kind: Type | None, file: str, given: Given = _NONE, depth: int = 0
) -> Value:
    """Return the answers that a value of a type may be."""
    if kind is None or depth > _MAXIMUM_DEPTH:
        return NOTHING
    if isinstance(kind, SeveralTypes):
        return joined(*(answers_of(engine, one_, file, given, depth + 1) for one_ in kind.types))
    found = _resolved(engine, kind, file, given)
    if found is None:
        return NOTHING
    shape, where, bound, declaration = found
    value = engine.read(channel(engine, declaration)) if declaration is not None else NOTHING
    if value:
        return value
    if isinstance(shape, ListType):
        item = answers_of(engine, shape.item, where, bound, depth + 1)
        return one(Sequence((), item)) if item else NOTHING
    if isinstance(shape, SeveralTypes):
        return answers_of(engine, shape, where, bound, depth + 1)
    if not isinstance(shape, ObjectType):
        return NOTHING
    members = tuple(
        (member.name, inner)
        for member in shape.members
        if (inner := answers_of(engine, member.type, where, bound, depth + 2))
    )
    return one(Shape(members)) if members else NOTHING


Resolved = tuple[Type, str, Given, Declaration | None]


def _resolved(engine: Engine, kind: Type, file: str, given: Given) -> Resolved | None:
    """Return what a type says itself, with the module and the parameters that it is read under."""
    declaration: Declaration | None = None
    for _ in range(_MAXIMUM_HOPS):
        if isinstance(kind, ItemType):
            step = _item_of(engine, kind, file, given)
            if step is None:
                return None
            kind, file, given = step
            continue
        if not isinstance(kind, TypeName):
            return None if isinstance(kind, OtherType) else (kind, file, given, declaration)
        if kind.name in given:
            kind, file = given[kind.name]
            given = _NONE
            continue
        found = find_type(engine, file, kind.name)
        if found is None:
            return None
        names, arguments = found.parameters, kind.arguments
        given = {name: (one_, file) for name, one_ in zip(names, arguments, strict=False)}
        # An alias of a name is that name; what is generic is not one type but many.
        declaration = found if not found.parameters else None
        kind, file = found.type, found.file
    return None


def _item_of(
    engine: Engine, kind: ItemType, file: str, given: Given
) -> tuple[Type, str, Given] | None:
    found = _resolved(engine, kind.owner, file, given)
    if found is None:
        return None
    shape, where, bound, _ = found
    if kind.name == EACH:
        return (shape.item, where, bound) if isinstance(shape, ListType) else None
    members = shape.members if isinstance(shape, ObjectType) else ()
    member = next((one_ for one_ in members if one_.name == kind.name), None)
    return (member.type, where, bound) if member is not None else None


def _item_type(
    engine: Engine, kind: Type, file: str, given: Given
) -> tuple[Type, str, Given] | None:
    found = _resolved(engine, kind, file, given)
    if found is None or not isinstance(found[0], ListType):
        return None
    return found[0].item, found[1], found[2]


def members_of(engine: Engine, kind: Type, file: str) -> list[tuple[TypeMember, str]]:
    """Return the members that a type names, each with the module that says so."""
    found = _resolved(engine, kind, file, _NONE)
    if found is None or not isinstance(found[0], ObjectType):
        return []
    members = [(member, found[1]) for member in found[0].members]
    for base in found[0].bases:
        members += members_of(engine, base, found[1])
    return members
