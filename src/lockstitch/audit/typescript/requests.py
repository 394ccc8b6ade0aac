"""What a call sends: its address, its options and its method."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    ancestors,
    arguments_of,
    callee_of,
    function_of,
    inner,
    is_component,
    member,
    name_of_function,
    text_of,
    text_value,
    walk,
)
from lockstitch.audit.typescript.script import Script

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENT_METHODS: Final = SAFE_METHODS | {"PUT", "DELETE"}

_WITH_BODY: Final = frozenset({"post", "put", "patch"})


@dataclass(frozen=True, eq=False)
class Request:
    """A call that sends a request."""

    script: Script
    call: Node
    library: str
    url: Node | None
    options: Node | None
    # None where the code decides it at run time.
    method: str | None

    @property
    def has_unknown_options(self) -> bool:
        """Whether the options come from elsewhere."""
        return self.options is not None and self.options.type != "object"


def local_names(script: Script) -> set[str]:
    """Return which of the platform's names the file declares itself, as an injected `fetch`."""
    names = {"fetch"} & (script.imports.keys() | script.functions.keys())
    patterns = [
        pattern
        for kind, member_name in (("variable", "name"), ("function", "parameters"))
        for node in script.nodes[kind]
        if (pattern := node.child_by_field_name(member_name)) is not None
        and b"fetch" in (pattern.text or b"")
    ]
    declares = {"identifier", "shorthand_property_identifier_pattern"}
    if any(
        node.text == b"fetch" and node.type in declares
        for pattern in patterns
        for node in walk(pattern)
    ):
        names.add("fetch")
    return names


def fetch_request(script: Script, call: Node) -> Request:
    """Return what a call of `fetch` sends."""
    given = arguments_of(call)
    options = _object(script, given[1]) if len(given) > 1 else None
    method: str | None = "GET"
    if options is not None:
        method = _method_in(options) if options.type == "object" else None
    return Request(script, call, "fetch", given[0] if given else None, options, method)


def library_request(script: Script, call: Node, library: str, verb: str) -> Request:
    """Return what a call of axios or alike sends."""
    given = arguments_of(call)
    if verb in {"", "request"}:
        url = given[0] if given else None
        options = _object(script, given[-1]) if given else None
        method = _method_in(options) if options is not None and options.type == "object" else None
        if options is not None and options.type == "object" and options == url:
            url = member(options, "url")
        return Request(script, call, library, url, options, method)
    index = 2 if verb in _WITH_BODY and library in {"axios", "instance"} else 1
    options = _object(script, given[index]) if len(given) > index else None
    return Request(script, call, library, given[0] if given else None, options, verb.upper())


def _method_in(options: Node) -> str | None:
    value = member(options, "method")
    if value is None:
        return None if any(one.type == "spread_element" for one in options.children) else "GET"
    text = text_value(value)
    return text.upper() if text is not None else None


def _object(script: Script, node: Node) -> Node:
    """Return the object literal that a node is, or that the variable holds which it names."""
    node = inner(node)
    if node.type == "identifier":
        for declarator in script.variables.get(text_of(node), ()):
            value = declarator.child_by_field_name("value")
            same = function_of(declarator) in {function_of(node), None}
            if value is not None and inner(value).type == "object" and same:
                return inner(value)
    return node


def holders(call: Node) -> Iterator[str]:
    """Yield the names by which the function that calls can be reached from elsewhere."""
    for one in ancestors(call):
        if one.type in FUNCTIONS:
            name = name_of_function(one)
            if is_component(one) or (name.startswith("use") and name[3:4].isupper()):
                return
            if name:
                yield name
        elif one.type == "variable_declarator":
            # An object of functions, or an instance of a class.
            value = one.child_by_field_name("value")
            if value is not None and inner(value).type == "object":
                yield text_of(one.child_by_field_name("name") or one)
        elif one.type in {"class_declaration", "class"}:
            name_node = one.child_by_field_name("name")
            if name_node is not None:
                yield text_of(name_node)
                yield from _instances_of(text_of(name_node), one)


def _instances_of(name: str, definition: Node) -> Iterator[str]:
    root = definition
    while root.parent is not None:
        root = root.parent
    for node in walk(root):
        if node.type == "new_expression" and callee_of(node) == name:
            holder = node.parent
            if holder is not None and holder.type == "variable_declarator":
                yield text_of(holder.child_by_field_name("name") or holder)
