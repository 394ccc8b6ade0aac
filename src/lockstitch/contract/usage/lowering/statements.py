"""Statements, laid flat into operations."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tree_sitter import Node

from lockstitch.contract.usage.lowering.guards import array_in, exits, failure_in
from lockstitch.contract.usage.lowering.patterns import assigning, declaring, lower_pattern
from lockstitch.contract.usage.lowering.scopes import Scope, text_of
from lockstitch.contract.usage.lowering.types import lower_type
from lockstitch.contract.usage.syntax import (
    Bind,
    ItemOf,
    NamePattern,
    Operation,
    Return,
)

Lowered = Iterator[Operation]
_HOISTED = {"function_declaration", "generator_function_declaration"}
_DECLARATIONS = _HOISTED | {"class_declaration", "abstract_class_declaration"}


def lower_block(statements: list[Node], scope: Scope) -> Lowered:
    """Yield the operations of the statements of a block, its functions first."""
    scope.hoist(statements)
    for statement in statements:
        if statement.type in _HOISTED:
            yield from lower_statement(statement, scope)
    for statement in statements:
        if statement.type in _HOISTED:
            continue
        yield from lower_statement(statement, scope)
        if statement.type == "if_statement":
            scope = _after(statement, scope)


def lower_statement(node: Node | None, scope: Scope) -> Lowered:
    """Yield the operations of one statement."""
    if node is None:
        return
    handler = _HANDLERS.get(node.type)
    if handler is not None:
        yield from handler(node, scope)
    elif node.type in scope.sheet.handlers:
        yield scope.lower(node)
    else:
        for child in node.named_children:
            yield from lower_statement(child, scope)


def _after(statement: Node, scope: Scope) -> Scope:
    """Return the scope of what follows an `if` that leaves when a request has succeeded."""
    if not exits(statement.child_by_field_name("consequence")):
        return scope
    condition = statement.child_by_field_name("condition")
    _, otherwise = failure_in(condition)
    array = array_in(condition)
    if not otherwise and array is None:
        return scope
    following = scope.inner(failing=otherwise)
    following.names = scope.names
    if array is not None:
        following.narrowed[array[0]] = not array[1]
    return following


def _block(node: Node, scope: Scope) -> Lowered:
    yield from lower_block(node.named_children, scope.inner())


def _variables(node: Node, scope: Scope) -> Lowered:
    for declarator in node.named_children:
        name = declarator.child_by_field_name("name")
        if declarator.type != "variable_declarator" or name is None:
            continue
        annotation = declarator.child_by_field_name("type")
        kind = lower_type(annotation) if annotation is not None else None
        value = declarator.child_by_field_name("value")
        if value is None and kind is None:
            continue
        lowered = scope.lower(value)
        yield Bind(lower_pattern(name, scope, declaring(scope)), lowered, kind)


def _declaration(node: Node, scope: Scope) -> Lowered:
    name = node.child_by_field_name("name")
    if name is None:
        return
    target = declaring(scope)(text_of(name))
    if target is not None:
        yield Bind(NamePattern(target), scope.lower(node))


def _expression(node: Node, scope: Scope) -> Lowered:
    for child in node.named_children:
        renewed = _renewed(child, scope)
        if renewed is None:
            yield scope.lower(child)
        else:
            yield renewed


def _renewed(node: Node, scope: Scope) -> Operation | None:
    """Begin a new variable where a whole block goes on with another value.

    `let response = await fetch(a)` … `response = await fetch(b)`: what was read before is of `a`.
    """
    left = node.child_by_field_name("left")
    if node.type != "assignment_expression" or left is None or left.type != "identifier":
        return None
    right = node.child_by_field_name("right")
    name = text_of(left)
    if scope.level == 0 or name not in scope.names or right is None:
        return None
    if right.type != "await_expression":
        return None
    value = scope.lower(right)
    return Bind(NamePattern(scope.declare(name)), value)


def _if(node: Node, scope: Scope) -> Lowered:
    condition = node.child_by_field_name("condition")
    yield scope.lower(condition)
    then, otherwise = failure_in(condition)
    branches = (
        (node.child_by_field_name("consequence"), then, True),
        (node.child_by_field_name("alternative"), otherwise, False),
    )
    array = array_in(condition)
    for branch, failing, holds in branches:
        inner = scope.inner(failing=failing)
        if array is not None:
            inner.narrowed[array[0]] = array[1] == holds
        yield from lower_statement(branch, inner)


def _loop_over(node: Node, scope: Scope) -> Lowered:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    inner = scope.inner()
    value = scope.lower(right)
    if left is None or operator is None or operator.type != "of":
        yield value
    else:
        declared = node.child_by_field_name("kind") is not None
        naming = declaring(inner) if declared else assigning(scope)
        yield Bind(lower_pattern(left, inner, naming), ItemOf(value))
    yield from lower_statement(node.child_by_field_name("body"), inner)


def _catch(node: Node, scope: Scope) -> Lowered:
    inner = scope.inner()
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        lower_pattern(parameter, inner, declaring(inner))
    yield from lower_statement(node.child_by_field_name("body"), inner)


def _for(node: Node, scope: Scope) -> Lowered:
    inner = scope.inner()
    for child in node.named_children:
        yield from lower_statement(child, inner)


def _return(node: Node, scope: Scope) -> Lowered:
    for child in node.named_children:
        if child.type != "comment":
            yield Return(scope.lower(child))


def _throw(node: Node, scope: Scope) -> Lowered:
    for child in node.named_children:
        yield scope.inner(failing=True).lower(child)


def _exported(node: Node, scope: Scope) -> Lowered:
    """What a default export is worth is lowered where the module's exports are gathered."""
    yield from lower_statement(node.child_by_field_name("declaration"), scope)


def _nothing(node: Node, scope: Scope) -> Lowered:
    del node, scope
    return iter(())


_HANDLERS: Final[Mapping[str, Callable[[Node, Scope], Lowered]]] = {
    "statement_block": _block,
    "lexical_declaration": _variables,
    "variable_declaration": _variables,
    "expression_statement": _expression,
    "if_statement": _if,
    "for_in_statement": _loop_over,
    "for_statement": _for,
    "catch_clause": _catch,
    "return_statement": _return,
    "throw_statement": _throw,
    "export_statement": _exported,
    "interface_declaration": _nothing,
    "type_alias_declaration": _nothing,
    "import_statement": _nothing,
    "enum_declaration": _declaration,
    "comment": _nothing,
    **dict.fromkeys(_DECLARATIONS, _declaration),
}
