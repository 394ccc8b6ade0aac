"""Whether two schemas certainly have no value in common."""

from lockstitch.contract.algebra import (
    Anything,
    Enumeration,
    Nothing,
    Object,
    Reference,
    Schema,
    Union,
    json_type,
)
from lockstitch.contract.document import Document

_MAX_DEPTH = 6


def are_disjoint(document: Document, left: Schema, right: Schema, depth: int = 0) -> bool:
    """Whether no value is accepted by both; False also where that is not known."""
    if depth > _MAX_DEPTH or (isinstance(left, Reference) and left == right):
        return False
    left, right = document.resolve(left), document.resolve(right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Nothing):
            return True
        if isinstance(one, Union):
            return all(are_disjoint(document, inner, other, depth + 1) for inner in one.members)
    if isinstance(left, Anything) or isinstance(right, Anything):
        return False
    return _types(left).isdisjoint(_types(right)) or _same_type(document, left, right, depth)


def lacks_a_member(document: Document, made: Schema, other: Schema) -> bool:
    """Whether a value that a recipe makes for `made` lacks what `other` demands.

    A recipe adds members without a name of their own only where the document declares them.
    """
    if made.notes.examples or document.resolve(made).notes.examples:
        return False
    made, other = document.resolve(made), document.resolve(other)
    if not isinstance(made, Object) or not isinstance(other, Object):
        return False
    if made.declared or made.patterns or made.is_map or made.min_properties:
        return False
    return any(
        member.required and not member.write_only and made.member(member.name) is None
        for member in other.properties
    )


def _same_type(document: Document, left: Schema, right: Schema, depth: int) -> bool:
    if isinstance(left, Enumeration) and isinstance(right, Enumeration):
        ours = {(json_type(value), value) for value in left.values}
        return ours.isdisjoint((json_type(value), value) for value in right.values)
    if isinstance(left, Object) and isinstance(right, Object):
        return _objects(document, left, right, depth) or _objects(document, right, left, depth)
    return False


def _objects(document: Document, left: Object, right: Object, depth: int) -> bool:
    for ours in left.properties:
        # A member that must be there and cannot be both, or may not be there at all.
        theirs = right.member(ours.name)
        always = ours.required and not (ours.write_only or ours.read_only)
        if not always:
            continue
        other = theirs.schema if theirs else None
        if theirs is None and not right.patterns:
            other = right.additional
        if other is not None and are_disjoint(document, ours.schema, other, depth + 1):
            return True
    return False


def _types(schema: Schema) -> frozenset[str]:
    if isinstance(schema, Enumeration):
        return frozenset(json_type(value) for value in schema.values)
    return frozenset({type(schema).__name__.lower().replace("text", "string")})
