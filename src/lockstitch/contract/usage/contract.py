"""The contract as a follower of values asks for it: what stands at a member path of an answer."""

from dataclasses import dataclass, field
from typing import Final, Literal

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Nothing,
    Null,
    Object,
    Reference,
    Schema,
    Union,
    union_of,
)
from lockstitch.contract.document import Content, Document, Operation
from lockstitch.contract.typescript.names import member_name
from lockstitch.contract.usage.calls import EACH, MemberPath, Side

Kind = Literal["object", "array", "map", "scalar", "open"]
_MAXIMUM_PATH: Final = 10


@dataclass(slots=True)
class Contract:
    """A document with what has been asked of it."""

    document: Document
    operations: dict[str, Operation] = field(init=False)
    _at: dict[tuple[str, Side, MemberPath], Schema | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.operations = {operation.id: operation for operation in self.document.operations}

    def at(self, operation: str, side: Side, path: MemberPath) -> Schema | None:
        """Return the schema at a path of an answer, or None where the contract has nothing."""
        key = (operation, side, path)
        if key not in self._at:
            self._at[key] = self._find(operation, side, path)
        return self._at[key]

    def _find(self, operation: str, side: Side, path: MemberPath) -> Schema | None:
        if not path:
            return self._answer(self.operations[operation], side)
        if len(path) > _MAXIMUM_PATH:
            return Anything()
        outer = self.at(operation, side, path[:-1])
        return None if outer is None else self.inside(outer, path[-1])

    def _answer(self, operation: Operation, side: Side) -> Schema | None:
        found = [
            content.schema if content.schema is not None else Anything()
            for response in operation.responses
            if (response.status.startswith("2")) == (side == "answer")
            for content in response.contents
            if content.kind == "json"
        ]
        return union_of(tuple(found)) if found else Anything()

    def inside(self, schema: Schema, name: str) -> Schema | None:
        """Return what stands one step further in, under a wire name or in each place."""
        found = [self._step(one, name) for one in self.alternatives(schema)]
        present = tuple(one for one in found if one is not None)
        return union_of(present) if present else None

    def _step(self, schema: Schema, name: str) -> Schema | None:
        match schema:
            case Anything():
                return schema
            case Array() if name == EACH:
                return union_of((*schema.prefix, schema.items))
            case Object() if name == EACH:
                return schema.additional
            case Object():
                member = schema.member(name)
                if member is not None:
                    return member.schema
                # Others are data where the contract says so, and noise where it says nothing.
                given = schema.declared or schema.is_map or schema.patterns
                return schema.additional if given and not _is_none(schema.additional) else None
            case _:
                return None

    def alternatives(self, schema: Schema) -> tuple[Schema, ...]:
        """Return what a schema may be, without null: the members of a union, resolved."""
        found: list[Schema] = []
        pending, seen = [schema], set[str]()
        while pending:
            one = pending.pop()
            if isinstance(one, Reference):
                if one.key not in seen:
                    seen.add(one.key)
                    pending.append(self.document.schemas[one.key])
            elif isinstance(one, Union):
                pending += one.members
            elif not isinstance(one, Null):
                found.append(one)
        return tuple(found)

    def may_be_null(self, schema: Schema) -> bool:
        """Whether null is a value of a schema."""
        pending, seen = [schema], set[str]()
        while pending:
            one = pending.pop()
            if isinstance(one, Null):
                return True
            if isinstance(one, Union):
                pending += one.members
            elif isinstance(one, Reference) and one.key not in seen:
                seen.add(one.key)
                pending.append(self.document.schemas[one.key])
        return False

    def kind(self, schema: Schema) -> Kind:
        """Tell what a program may do with a value of a schema."""
        found = {_kind(one) for one in self.alternatives(schema)}
        for kind in ("open", "object", "array", "map"):
            if kind in found:
                return kind
        return "scalar"

    def wire_name(self, schema: Schema, name: str, *, renamed: bool) -> str:
        """Return the wire name of a member that code spells `name`, perhaps in camelCase."""
        if not renamed:
            return name
        for one in self.alternatives(schema):
            for member in one.properties if isinstance(one, Object) else ():
                if name in {member.name, member_name(member.name), f"{member.name}_"}:
                    return member.name
        return name

    def properties(self, schema: Schema) -> dict[str, bool]:
        """Return the members that a schema names, and whether every alternative requires them."""
        objects = [one for one in self.alternatives(schema) if isinstance(one, Object)]
        names = {member.name for one in objects for member in one.properties}
        return {
            name: all((m := one.member(name)) is not None and m.required for one in objects)
            for name in sorted(names)
        }

    def body(self, operation: str) -> Content | None:
        """Return the body that an operation takes, JSON where it takes several."""
        body = self.operations[operation].body
        if body is None or not body.contents:
            return None
        return next((one for one in body.contents if one.kind == "json"), body.contents[0])


def _kind(schema: Schema) -> Kind:
    match schema:
        case Anything():
            return "open"
        case Array():
            return "array"
        case Object():
            return "map" if schema.is_map else "object"
        case _:
            return "scalar"


def _is_none(schema: Schema) -> bool:
    return isinstance(schema, Nothing)
