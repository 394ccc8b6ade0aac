"""Type annotations, as far as they tell members."""

from tree_sitter import Node

from lockstitch.contract.usage.lowering.scopes import text_of
from lockstitch.contract.usage.syntax import (
    ItemType,
    ListType,
    ObjectType,
    OtherType,
    SeveralTypes,
    Type,
    TypeMember,
    TypeName,
)

# These say something about another type whose members they keep.
_WRAPPERS = {"type_annotation", "readonly_type", "parenthesized_type", "optional_type"}
_NAMES = {"type_identifier", "nested_type_identifier", "identifier"}
_SEVERAL = {"union_type", "intersection_type"}
_OBJECTS = {"object_type", "interface_body"}
_LISTS = {"Array", "ReadonlyArray", "Set", "Iterable"}
_MAY_BE_NULL = {"any", "unknown", "null", "undefined", "void", "never", "object"}
# Their first argument is what they hold, once awaited or completed.
_TRANSPARENT = {"Promise", "Readonly", "Partial", "Required", "NonNullable", "Awaited", "Promised"}
_MAXIMUM_DEPTH = 40


def lower_type(  # noqa: PLR0911 - one way for each kind of type
    node: Node | None, depth: int = 0
) -> Type:
    """Return what a type annotation tells."""
    if node is None or depth > _MAXIMUM_DEPTH:
        return OtherType()
    kind = node.type
    children = node.named_children
    if kind in _WRAPPERS:
        return lower_type(children[0], depth + 1) if children else OtherType()
    if kind in _NAMES:
        return TypeName(text_of(node), ())
    if kind == "generic_type":
        return _generic(node, depth)
    if kind == "array_type":
        return ListType(lower_type(children[0], depth + 1))
    if kind in _SEVERAL:
        return SeveralTypes(tuple(lower_type(child, depth + 1) for child in children))
    if kind in _OBJECTS:
        return ObjectType(_members(node, depth))
    if kind == "lookup_type":
        return _lookup(children, depth)
    return OtherType()


def lower_interface(node: Node) -> ObjectType:
    """Return the members and the bases of an interface."""
    body = node.child_by_field_name("body")
    bases = [
        lower_type(base)
        for child in node.named_children
        if child.type in {"extends_type_clause", "extends_clause"}
        for base in child.named_children
    ]
    return ObjectType(_members(body, 0) if body is not None else (), tuple(bases))


def type_arguments(node: Node | None) -> tuple[Type, ...]:
    """Return the types between `<` and `>`."""
    if node is None:
        return ()
    return tuple(lower_type(child) for child in node.named_children if child.type != "comment")


def _generic(node: Node, depth: int) -> Type:
    name = node.child_by_field_name("name")
    found = type_arguments(node.child_by_field_name("type_arguments"))
    spelled = text_of(name) if name is not None else ""
    if spelled in _TRANSPARENT and found:
        return found[0]
    if spelled in _LISTS and found:
        return ListType(found[0])
    del depth
    return TypeName(spelled, found)


def _is_certain(node: Node | None) -> bool:
    """Whether a type is written so that it holds no null: a name may stand for anything."""
    if node is None:
        return False
    if node.type in _WRAPPERS:
        return bool(node.named_children) and _is_certain(node.named_children[0])
    if node.type == "union_type":
        return all(_is_certain(child) for child in node.named_children)
    if node.type in {"predefined_type", "literal_type"}:
        return text_of(node) not in _MAY_BE_NULL
    return node.type in {"array_type", "object_type", "template_literal_type"}


def _members(body: Node, depth: int) -> tuple[TypeMember, ...]:
    return tuple(
        TypeMember(
            name=member_name(name),
            type=lower_type(child.child_by_field_name("type"), depth + 1),
            optional=any(part.type == "?" for part in child.children),
            certain=_is_certain(child.child_by_field_name("type")),
            at=(name.start_point.row, name.start_point.column),
        )
        for child in body.named_children
        if child.type == "property_signature"
        and (name := child.child_by_field_name("name")) is not None
        and name.type != "computed_property_name"
    )


def member_name(node: Node) -> str:
    """Return the name of a member, without quotes where it has them."""
    text = text_of(node)
    return text[1:-1] if node.type == "string" else text


def _lookup(children: list[Node], depth: int) -> Type:
    owner, index = children[0], children[-1]
    if index.type == "literal_type" and index.named_children:
        literal = index.named_children[0]
        if literal.type == "string":
            return ItemType(lower_type(owner, depth + 1), member_name(literal))
        if literal.type == "number":
            return ItemType(lower_type(owner, depth + 1), "*")
    if text_of(index) == "number":
        return ItemType(lower_type(owner, depth + 1), "*")
    return OtherType()
