"""JSX."""

from collections.abc import Iterator, Mapping
from typing import Final

from tree_sitter import Node

from lockstitch.contract.usage.lowering.expressions import literal_text
from lockstitch.contract.usage.lowering.patterns import point
from lockstitch.contract.usage.lowering.scopes import Handler, Scope, text_of
from lockstitch.contract.usage.lowering.types import member_name
from lockstitch.contract.usage.syntax import Effects, Entry, Expression, Literal, Markup, Spread

_ELEMENTS = {"jsx_element", "jsx_self_closing_element", "jsx_fragment"}


def _element(node: Node, scope: Scope) -> Expression:
    opening = node.child_by_field_name("open_tag") or node
    name = opening.child_by_field_name("name")
    component = scope.lower(name) if name is not None and _is_component(name) else None
    attributes = tuple(_attributes(opening, scope))
    children = tuple(
        scope.lower(child)
        for child in (node.named_children if opening is not node else ())
        if child.type == "jsx_expression" or child.type in _ELEMENTS
    )
    return Markup(component, attributes, children, point(node))


def _is_component(name: Node) -> bool:
    """An element of the platform has a name in lower case."""
    return name.type != "identifier" or not text_of(name)[:1].islower()


def _attributes(opening: Node, scope: Scope) -> Iterator[Entry | Spread]:
    for child in opening.named_children:
        if child.type == "jsx_expression":
            spread = child.named_children[0] if child.named_children else None
            if spread is not None and spread.type == "spread_element":
                yield Spread(scope.lower(spread.named_children[0]))
        elif child.type == "jsx_attribute" and child.named_children:
            name, *value = child.named_children
            given = _value(value[0], scope) if value else Effects(())
            yield Entry(member_name(name), given, point(name))


def _value(node: Node, scope: Scope) -> Expression:
    return Literal(literal_text(node)) if node.type == "string" else scope.lower(node)


def _expression(node: Node, scope: Scope) -> Expression:
    inner = [child for child in node.named_children if child.type != "comment"]
    return scope.lower(inner[0]) if inner else Effects(())


HANDLERS: Final[Mapping[str, Handler]] = {
    **dict.fromkeys(_ELEMENTS, _element),
    "jsx_expression": _expression,
}
