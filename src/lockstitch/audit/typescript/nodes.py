"""Questions about nodes of a TypeScript tree that several rules ask."""

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function_declaration",
        "generator_function",
    }
)
_WRAPPERS: Final = frozenset({"parenthesized_expression", "await_expression"})
_CLAIMS: Final = frozenset(
    {"as_expression", "satisfies_expression", "non_null_expression", "type_assertion"}
)


def text_of(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode(errors="replace")


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(current.children))


def callee_of(call: Node) -> str:
    """Return what is called, without spaces: `fetch`, `api.get`, `console.log`."""
    function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    # The grammar reads `await get<T>()` as a call of `await get`.
    if function is not None and function.type == "await_expression":
        function = function.named_children[0]
    return "".join(text_of(function).split()) if function is not None else ""


def arguments_of(call: Node) -> list[Node]:
    """Return the arguments of a call."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return []
    return [node for node in arguments.named_children if node.type != "comment"]


def inner(node: Node) -> Node:
    """Return what stands inside parentheses, `await`, casts and `!`."""
    while node.type in _WRAPPERS | _CLAIMS:
        children = [child for child in node.named_children if child.type != "comment"]
        if not children:
            return node
        node = children[-1] if node.type == "type_assertion" else children[0]
    return node


def outward(node: Node) -> Node:
    """Return the node with the parentheses and `await` around it."""
    while node.parent is not None and node.parent.type in _WRAPPERS:
        node = node.parent
    return node


def ancestors(node: Node) -> Iterator[Node]:
    """Yield what a node stands in, from the inside out."""
    current = node.parent
    while current is not None:
        yield current
        current = current.parent


def function_of(node: Node) -> Node | None:
    """Return the function that a node stands in."""
    return next((one for one in ancestors(node) if one.type in FUNCTIONS), None)


def name_of_function(function: Node) -> str:
    """Return the name of a function, or of the variable or member that holds it."""
    name = function.child_by_field_name("name")
    if name is not None:
        return text_of(name)
    holder = function.parent
    # `const load = useCallback(async () => …)` is called by the name of the variable.
    while holder is not None and holder.type in {"arguments", "call_expression"}:
        holder = holder.parent
    if holder is None:
        return ""
    named = holder.child_by_field_name(
        {"pair": "key", "assignment_expression": "left"}.get(holder.type, "name")
    )
    kinds = {"variable_declarator", "pair", "assignment_expression", "public_field_definition"}
    return text_of(named) if named is not None and holder.type in kinds else ""


def component_of(node: Node) -> Node | None:
    """Return the outermost component or hook that a node stands in."""
    found = None
    for one in ancestors(node):
        if one.type in FUNCTIONS:
            name = name_of_function(one)
            if name[:1].isupper() or (name.startswith("use") and name[3:4].isupper()):
                found = one
    return found


def is_component(function: Node) -> bool:
    """Whether a function is a component: an upper-case name."""
    return name_of_function(function)[:1].isupper()


def text_value(node: Node | None) -> str | None:
    """Return the text of a string or of a template; values in it become `{}`."""
    if node is None:
        return None
    if node.type == "string":
        return text_of(node)[1:-1]
    if node.type == "template_string":
        parts = [
            "{}" if part.type == "template_substitution" else text_of(part)
            for part in node.named_children
        ]
        return "".join(parts)
    return None


def member(literal: Node | None, name: str) -> Node | None:
    """Return the value of a member of an object literal; a shorthand member is its own value."""
    if literal is None or literal.type != "object":
        return None
    for entry in literal.named_children:
        if entry.type == "pair":
            key = entry.child_by_field_name("key")
            if key is not None and text_of(key).strip("'\"") == name:
                return entry.child_by_field_name("value")
        elif entry.type == "method_definition":
            key = entry.child_by_field_name("name")
            if key is not None and text_of(key) == name:
                return entry
        elif entry.type == "shorthand_property_identifier" and text_of(entry) == name:
            return entry
    return None


def has_spread(literal: Node) -> bool:
    """Whether an object literal takes in another object."""
    return any(entry.type == "spread_element" for entry in literal.named_children)


def names_in(pattern: Node) -> dict[str, str]:
    """Return the members that an object pattern takes, each with its local name."""
    taken = {}
    for part in pattern.named_children:
        if part.type == "shorthand_property_identifier_pattern":
            taken[text_of(part)] = text_of(part)
        elif part.type == "object_assignment_pattern":
            left = part.child_by_field_name("left")
            name = text_of(left) if left is not None else ""
            taken[name] = name
        elif part.type == "pair_pattern":
            key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
            if key is not None and value is not None:
                taken[text_of(key)] = text_of(value).partition("=")[0].strip()
        elif part.type == "rest_pattern":
            taken["..."] = text_of(part).lstrip(".")
    return taken


def uses(name: str, scope: Node, *, after: int = -1) -> list[Node]:
    """Return the uses of a variable within a scope, behind a position in the text."""
    kinds = {"identifier", "shorthand_property_identifier"}
    wanted = name.encode()
    return [
        node
        for node in walk(scope)
        if node.start_byte > after and node.type in kinds and node.text == wanted
    ]


def calls_in(scope: Node) -> Iterator[Node]:
    """Yield the calls within a node."""
    return (node for node in walk(scope) if node.type == "call_expression")


def is_type(annotation: Node | None, *names: str) -> bool:
    """Whether a type annotation is one of the named types."""
    return annotation is not None and text_of(annotation).lstrip(": ").strip() in names
