"""One step between two schemas, before anybody knows which way the values travel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from lockstitch.contract.algebra import (
    ABSENT,
    Anything,
    Array,
    Enumeration,
    Number,
    Object,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.document import Document

# What the step does to the set of accepted values; "notes" leaves it as it is.
Effect = Literal["narrows", "widens", "changes", "notes"]

ANY_MEMBER = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A step from the schema `base` to the schema `revision`, at a member of the one compared.

    `kind` names it, as in "enum-value-removed"; `words` say it in a sentence without its subject.
    A member that is only read is not in a request, one that is only written not in an answer.
    `nominal` is set when only a name is lost: the same values are accepted as before. `stray` is
    set when the keyword has nothing to say where it stands: beside another type it is `idle`, a
    limit beside a list of values may only take one of them away. `of_owner` is set when `base`
    and `revision` are the objects around the member.
    """

    kind: str
    effect: Effect
    words: str
    base: Schema | None = None
    revision: Schema | None = None
    base_pointer: str | None = None
    revision_pointer: str | None = None
    member: tuple[str, ...] = ()
    read_only: bool = False
    write_only: bool = False
    nominal: bool = False
    stray: bool = False
    idle: bool = False
    of_owner: bool = False


def delta(kind: str, effect: Effect, words: str, base: Schema, revision: Schema) -> Delta:
    """Return the step between two schemas that stand at the same place."""
    return Delta(
        kind=kind,
        effect=effect,
        words=words,
        base=base,
        revision=revision,
        base_pointer=base.notes.pointer or None,
        revision_pointer=revision.notes.pointer or None,
    )


def below(
    name: str, found: Iterable[Delta], *, read_only: bool = False, write_only: bool = False
) -> Iterator[Delta]:
    """Yield steps of a member's schema as steps of the schema around it."""
    for one in found:
        yield replace(
            one,
            member=(name, *one.member),
            read_only=one.read_only or read_only,
            write_only=one.write_only or write_only,
        )


def default_of(schema: Schema, document: Document) -> object:
    """Return the default of a schema, which may stand where a reference leads; else ABSENT."""
    if schema.notes.default is not ABSENT or not isinstance(schema, Reference):
        return schema.notes.default
    return document.resolve(schema).notes.default


def spoken(schema: Schema) -> str:  # noqa: PLR0911 - one return for each shape
    """Return what people call a schema: "integer", "string (uuid)", "one of 3 values"."""
    match schema:
        case Reference():
            return schema.key.rpartition("/")[2]
        case Number():
            name = "integer" if schema.integer else "number"
            return f"{name} ({schema.format})" if schema.format else name
        case Text():
            return f"string ({schema.format})" if schema.format else "string"
        case Enumeration():
            return f"one of {len(schema.values)} values" if len(schema.values) > 1 else "a constant"
        case Union():
            return " or ".join(spoken(member) for member in schema.members)
        case Object() | Array():
            return schema.notes.title or type(schema).__name__.lower()
        case Anything():
            return "any value"
        case _:
            return type(schema).__name__.lower()
