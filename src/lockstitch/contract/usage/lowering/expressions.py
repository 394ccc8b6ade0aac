"""Expressions."""

import re
from collections.abc import Mapping
from typing import Final

from tree_sitter import Node

from lockstitch.contract.usage.lowering.guards import array_in, failure_in
from lockstitch.contract.usage.lowering.patterns import assigning, lower_pattern, point
from lockstitch.contract.usage.lowering.scopes import Handler, Scope, text_of
from lockstitch.contract.usage.lowering.types import lower_type, member_name, type_arguments
from lockstitch.contract.usage.syntax import (
    ArrayLiteral,
    Assign,
    Call,
    Cast,
    Choice,
    Effects,
    Element,
    Entry,
    Expression,
    Filter,
    Free,
    ImportCall,
    Literal,
    Member,
    ObjectLiteral,
    Probe,
    Spread,
    Template,
    This,
)

_ESCAPE = re.compile(r"\\(.)")
_JOINED = {"||", "??"}
_COMPARED = {"===", "!==", "==", "!="}
_NOTHING = {"null", "undefined"}


def literal_text(node: Node) -> str:
    """Return the text between the quotes of a string."""
    return _ESCAPE.sub(r"\1", text_of(node)[1:-1])


def _string(node: Node, scope: Scope) -> Expression:
    del scope
    return Literal(literal_text(node))


def _template(node: Node, scope: Scope) -> Expression:
    parts: list[Expression] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts.append(scope.lower(child.named_children[0] if child.named_children else None))
        else:
            parts.append(Literal(text_of(child)))
    return Template(tuple(parts))


def _identifier(node: Node, scope: Scope) -> Expression:
    name = text_of(node)
    found = scope.find(name)
    if found is None:
        return Free(name)
    narrowed = scope.narrowing(name)
    return found if narrowed is None else Filter(found, narrowed)


def _member(node: Node, scope: Scope) -> Expression:
    owner = scope.lower(node.child_by_field_name("object"))
    name = node.child_by_field_name("property")
    if name is None:
        return owner
    return Member(owner, text_of(name), point(name), scope.failing)


def _element(node: Node, scope: Scope) -> Expression:
    owner = scope.lower(node.child_by_field_name("object"))
    index = node.child_by_field_name("index")
    if index is not None and index.type == "string":
        return Member(owner, literal_text(index), point(index), scope.failing)
    return Element(owner, scope.lower(index), point(node), scope.failing)


def _call(node: Node, scope: Scope) -> Expression:
    function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is not None and function.type == "import":
        return _import(listed)
    if function is not None and text_of(function) == "require" and scope.find("require") is None:
        return _import(listed)
    probing = function is not None and text_of(function) == "Array.isArray"
    found = _arguments(listed, scope)
    if probing:
        return Effects(tuple(Probe(one) for one in found if not isinstance(one, Spread)))
    types = type_arguments(node.child_by_field_name("type_arguments"))
    is_super = function is not None and function.type == "super"
    callee = Free("super") if is_super else scope.lower(function)
    return Call(callee, found, types, point(node), scope.failing)


def _new(node: Node, scope: Scope) -> Expression:
    callee = scope.lower(node.child_by_field_name("constructor"))
    found = _arguments(node.child_by_field_name("arguments"), scope)
    types = type_arguments(node.child_by_field_name("type_arguments"))
    return Call(callee, found, types, point(node), scope.failing, new=True)


def _arguments(node: Node | None, scope: Scope) -> tuple[Expression | Spread, ...]:
    if node is None:
        return ()
    if node.type == "template_string":
        return (scope.lower(node),)
    return tuple(_item(child, scope) for child in node.named_children if child.type != "comment")


def _item(node: Node, scope: Scope) -> Expression | Spread:
    if node.type == "spread_element":
        return Spread(scope.lower(node.named_children[0]))
    return scope.lower(node)


def _import(listed: Node | None) -> Expression:
    inner = listed.named_children if listed is not None else []
    if inner and inner[0].type == "string":
        return ImportCall(literal_text(inner[0]))
    return Effects(())


def _object(node: Node, scope: Scope) -> Expression:
    entries: list[Entry | Spread] = []
    for child in node.named_children:
        if child.type == "spread_element":
            entries.append(Spread(scope.lower(child.named_children[0])))
        elif child.type == "shorthand_property_identifier":
            entries.append(Entry(text_of(child), _identifier(child, scope), point(child)))
        elif child.type == "pair":
            entries.append(_pair(child, scope))
        elif child.type == "method_definition":
            name = child.child_by_field_name("name")
            if name is not None:
                entries.append(Entry(member_name(name), scope.lower(child), point(name)))
    return ObjectLiteral(tuple(entries), point(node))


def _pair(node: Node, scope: Scope) -> Entry:
    key, value = node.child_by_field_name("key"), scope.lower(node.child_by_field_name("value"))
    if key is None or key.type == "computed_property_name":
        return Entry(None, value, point(node))
    return Entry(member_name(key), value, point(key))


def _array(node: Node, scope: Scope) -> Expression:
    items = (_item(child, scope) for child in node.named_children if child.type != "comment")
    return ArrayLiteral(tuple(items))


def _binary(node: Node, scope: Scope) -> Expression:
    operands, operator = _flattened(node)
    if operator == "+":
        return Template(tuple(scope.lower(one) for one in operands))
    if operator in _JOINED:
        return Choice((), tuple(scope.lower(one) for one in operands), exclusive=False)
    if operator == "&&":
        return _conjunction(operands, scope)
    left, right = operands[0], operands[-1]
    if operator == "in" and left.type == "string":
        return Probe(scope.lower(right), literal_text(left))
    if operator in _COMPARED and (right.type in _NOTHING or left.type == "unary_expression"):
        return Probe(scope.lower(left))
    return Effects(tuple(scope.lower(one) for one in operands))


def _conjunction(operands: list[Node], scope: Scope) -> Expression:
    """`a && b` has the value of the last operand, where it has one that matters."""
    tests: list[Expression] = []
    for operand in operands[:-1]:
        tests.append(scope.lower(operand))
        array = array_in(operand)
        failing, _ = failure_in(operand)
        if array is not None or failing:
            scope = scope.inner(failing=failing)
        if array is not None:
            scope.narrowed[array[0]] = array[1]
    return Choice(tuple(tests), (scope.lower(operands[-1]),))


def _flattened(node: Node) -> tuple[list[Node], str]:
    """Return the operands of a row of the same operator, without recursion: rows can be long."""
    operator = _operator(node)
    operands: list[Node] = []
    current = node
    while current.type == "binary_expression" and _operator(current) == operator:
        right, left = current.child_by_field_name("right"), current.child_by_field_name("left")
        if right is None or left is None:
            break
        operands.append(right)
        current = left
    return [current, *reversed(operands)], operator


def _operator(node: Node) -> str:
    found = node.child_by_field_name("operator")
    return found.type if found is not None else ""


def _ternary(node: Node, scope: Scope) -> Expression:
    condition = node.child_by_field_name("condition")
    then, otherwise = failure_in(condition)
    array = array_in(condition)
    options: list[Expression] = []
    for name, failing, holds in (("consequence", then, True), ("alternative", otherwise, False)):
        inner = scope.inner(failing=failing)
        if array is not None:
            inner.narrowed[array[0]] = array[1] == holds
        options.append(inner.lower(node.child_by_field_name(name)))
    return Choice((scope.lower(condition),), tuple(options))


def _assignment(node: Node, scope: Scope) -> Expression:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    value = scope.lower(right)
    if left is None:
        return value
    if _operator(node) == "+=":
        value = Template((scope.lower(left), value))
    return Assign(lower_pattern(left, scope, assigning(scope)), value)


def _cast(node: Node, scope: Scope) -> Expression:
    children = [child for child in node.named_children if child.type != "comment"]
    value, kind = children[0], children[-1]
    if node.type == "type_assertion":
        value, kind = children[-1], children[0]
        kind = kind.named_children[0] if kind.named_children else kind
    return Cast(scope.lower(value), lower_type(kind)) if kind is not value else scope.lower(value)


def _inner(node: Node, scope: Scope) -> Expression:
    children = [child for child in node.named_children if child.type != "comment"]
    return scope.lower(children[0]) if children else Effects(())


def _last(node: Node, scope: Scope) -> Expression:
    lowered = [scope.lower(child) for child in node.named_children]
    return Choice(tuple(lowered[:-1]), (lowered[-1],)) if lowered else Effects(())


def _effects(node: Node, scope: Scope) -> Expression:
    if node.type == "unary_expression" and _operator(node) == "typeof":
        return Probe(_inner(node, scope))
    return Effects(tuple(scope.lower(child) for child in node.named_children))


def _enumeration(node: Node, scope: Scope) -> Expression:
    """An enumeration is an object of its values."""
    body = node.child_by_field_name("body")
    entries = [
        Entry(member_name(name), scope.lower(child.child_by_field_name("value")), point(name))
        for child in (body.named_children if body is not None else ())
        if (name := child.child_by_field_name("name")) is not None
    ]
    return ObjectLiteral(tuple(entries), point(node))


def _this(node: Node, scope: Scope) -> Expression:
    del node, scope
    return This()


HANDLERS: Final[Mapping[str, Handler]] = {
    "string": _string,
    "template_string": _template,
    "identifier": _identifier,
    "undefined": lambda _node, _scope: Effects(()),
    "this": _this,
    "super": _this,
    "enum_declaration": _enumeration,
    "member_expression": _member,
    "subscript_expression": _element,
    "call_expression": _call,
    "new_expression": _new,
    "object": _object,
    "array": _array,
    "binary_expression": _binary,
    "ternary_expression": _ternary,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _assignment,
    "as_expression": _cast,
    "satisfies_expression": _cast,
    "type_assertion": _cast,
    "await_expression": _inner,
    "parenthesized_expression": _inner,
    "non_null_expression": _inner,
    "yield_expression": _inner,
    "instantiation_expression": _inner,
    "sequence_expression": _last,
    "unary_expression": _effects,
    "update_expression": _effects,
}
