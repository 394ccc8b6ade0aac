"""Functions and classes."""

from collections.abc import Mapping
from typing import Final

from tree_sitter import Node

from lockstitch.contract.usage.lowering.patterns import declaring, lower_pattern, point
from lockstitch.contract.usage.lowering.scopes import Handler, Scope, text_of
from lockstitch.contract.usage.lowering.statements import lower_block
from lockstitch.contract.usage.lowering.types import lower_type, member_name
from lockstitch.contract.usage.syntax import (
    Class,
    ClassLiteral,
    Expression,
    Field,
    Function,
    FunctionLiteral,
    Markup,
    NamePattern,
    Operation,
    Parameter,
    Return,
)

_NAMING = {"variable_declarator": "name", "pair": "key", "public_field_definition": "name"}
_THROUGH = {"parenthesized_expression", "arguments", "call_expression", "as_expression"}


def lower_function(node: Node, scope: Scope) -> Function:
    """Return a function, whatever syntax it is written in."""
    returned = node.child_by_field_name("return_type")
    function = Function(
        name=_name(node),
        file=scope.sheet.file,
        at=point(node),
        returns=lower_type(returned) if returned is not None else None,
        arrow=node.type == "arrow_function",
        outer=scope.function,
    )
    inner = scope.of_function(function)
    function.parameters = tuple(_parameters(node, inner))
    function.body = tuple(_body(node, inner))
    function.renders = any(
        isinstance(one, Return) and isinstance(one.value, Markup) for one in function.body
    )
    return function


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    if name is not None:
        return member_name(name)
    # `const Page = memo(() => ...)` is named after its variable.
    parent = node.parent
    while parent is not None and parent.type in _THROUGH:
        parent = parent.parent
    field = _NAMING.get(parent.type) if parent is not None else None
    named = parent.child_by_field_name(field) if parent is not None and field else None
    if named is None or named.type not in {"identifier", "property_identifier"}:
        return ""
    return text_of(named)


def _parameters(node: Node, scope: Scope) -> list[Parameter]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [Parameter(lower_pattern(single, scope, declaring(scope)))]
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return []
    return [_parameter(child, scope) for child in listed.named_children if child.type != "comment"]


def _parameter(node: Node, scope: Scope) -> Parameter:
    annotation, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    pattern = node.child_by_field_name("pattern")
    bare = pattern if pattern is not None else node
    if bare.type == "assignment_pattern":
        value = bare.child_by_field_name("right")
    lowered = lower_pattern(bare, scope, declaring(scope))
    kept = any(child.type in {"accessibility_modifier", "readonly"} for child in node.children)
    return Parameter(
        lowered,
        default=scope.lower(value) if value is not None else None,
        type=lower_type(annotation) if annotation is not None else None,
        rest=bare.type == "rest_pattern",
        member=text_of(bare) if kept and isinstance(lowered, NamePattern) else None,
    )


def _body(node: Node, scope: Scope) -> list[Operation]:
    body = node.child_by_field_name("body")
    if body is None:
        return []
    if body.type == "statement_block":
        return list(lower_block(body.named_children, scope))
    return [Return(scope.lower(body))]


def lower_class(node: Node, scope: Scope) -> Class:
    """Return a class: its constructor, its methods and its fields."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    members = body.named_children if body is not None else []
    constructor = None
    fields: list[Field] = []
    for member in members:
        key = member.child_by_field_name("name")
        if key is None or key.type == "computed_property_name":
            continue
        static = any(child.type == "static" for child in member.children)
        if member.type == "method_definition":
            function = lower_function(member, scope)
            if text_of(key) == "constructor":
                constructor = function
            else:
                value = FunctionLiteral(function)
                fields.append(Field(text_of(key), value, static, point(key)))
        elif member.type == "public_field_definition":
            lowered = scope.lower(member.child_by_field_name("value"))
            fields.append(Field(text_of(key), lowered, static, point(key)))
    return Class(text_of(name) if name else "", _parent(node, scope), constructor, tuple(fields))


def _parent(node: Node, scope: Scope) -> Expression | None:
    for child in node.named_children:
        if child.type == "class_heritage":
            for clause in child.named_children:
                if clause.type == "extends_clause":
                    return scope.lower(clause.child_by_field_name("value"))
    return None


def _function(node: Node, scope: Scope) -> FunctionLiteral:
    return FunctionLiteral(lower_function(node, scope))


def _class(node: Node, scope: Scope) -> ClassLiteral:
    return ClassLiteral(lower_class(node, scope))


HANDLERS: Final[Mapping[str, Handler]] = {
    **dict.fromkeys(
        (
            "arrow_function",
            "function_expression",
            "function_declaration",
            "generator_function",
            "generator_function_declaration",
            "method_definition",
        ),
        _function,
    ),
    **dict.fromkeys(("class", "class_declaration", "abstract_class_declaration"), _class),
}
