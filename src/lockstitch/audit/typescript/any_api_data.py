"""`any` where data of the service goes through."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.front import Front, sends
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    ancestors,
    arguments_of,
    callee_of,
    component_of,
    function_of,
    inner,
    text_of,
    walk,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "any-api-data"
_FIX: Final = "Name the type that the contract gives it, or unknown and a check."
_QUERY: Final = re.compile(r"^use(SWR\w*|\w*Query|\w*Mutation|Fetch)$")
_READS: Final = re.compile(r"\.(json|then)\(|\.data\b|JSON\.parse\(")


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find `any` in the types of variables, parameters, results and state that hold API data."""
    seen: set[int] = set()
    for node in script.nodes["type"]:
        if node.text != b"any":
            continue
        around = _what_it_types(node)
        if around is None or around.id in seen or not _holds_api_data(around, script, front):
            continue
        seen.add(around.id)
        yield script.finding(
            RULE,
            node,
            f"any lets data of the service through unseen: {_excerpt(around)}.",
            _FIX,
            subject=_excerpt(around),
        )


def _what_it_types(node: Node) -> Node | None:
    """Return the declaration, cast or call whose type holds the `any`."""
    for one in ancestors(node):
        if one.type in {
            "variable_declarator",
            "required_parameter",
            "optional_parameter",
            "as_expression",
            "type_assertion",
            "call_expression",
            "new_expression",
            *FUNCTIONS,
        }:
            return one
        if one.type in {"type_alias_declaration", "interface_declaration", "catch_clause"}:
            return None
    return None


def _holds_api_data(around: Node, script: Script, front: Front) -> bool:
    if around.type == "variable_declarator":
        value = around.child_by_field_name("value")
        return value is not None and _is_from_api(value, script, front)
    if around.type in {"as_expression", "type_assertion"}:
        return _is_from_api(around, script, front)
    if around.type == "call_expression":
        return _is_typed_call(around, script, front)
    if around.type in FUNCTIONS:
        return _sends_directly(around, script, front)
    if around.type in {"required_parameter", "optional_parameter"}:
        return _is_parameter_of_api(around, script, front)
    return False


def _is_from_api(value: Node, script: Script, front: Front) -> bool:
    made = inner(value)
    if made.type == "call_expression" and front.is_api_call(script, made):
        return True
    if any(
        front.is_api_call(script, call) for call in walk(value) if call.type == "call_expression"
    ):
        return not any(node.type in FUNCTIONS for node in walk(value)) or ".then(" in text_of(value)
    if made.type == "call_expression" and callee_of(made).endswith(".json"):
        return not arguments_of(made) and script.path in front.requests
    function = function_of(value)
    # The body of an axios answer.
    is_data = re.search(r"(^|\.)(data|body)$", text_of(made)) is not None
    return is_data and function is not None and bool(sends(front, script, function))


def _is_typed_call(call: Node, script: Script, front: Front) -> bool:
    callee = callee_of(call).rpartition(".")[2]
    given = call.child_by_field_name("type_arguments")
    if given is None or b"any" not in (given.text or b""):
        return False
    if _QUERY.match(callee):
        # The second type of a query is that of its error.
        return b"any" in (given.named_children[0].text or b"")
    if front.is_api_call(script, call):
        return True
    component = component_of(call)
    return callee == "useState" and component is not None and _is_fed_by_api(call, script, front)


def _is_fed_by_api(state: Node, script: Script, front: Front) -> bool:
    """Whether the setter of a state is called in a function that sends, or is given away there."""
    holder = state.parent
    pattern = holder.child_by_field_name("name") if holder is not None else None
    component = component_of(state)
    if pattern is None or pattern.type != "array_pattern" or component is None:
        return False
    names = [text_of(one) for one in pattern.named_children]
    setter = names[-1].encode()
    for node in walk(component):
        if node.type == "identifier" and node.text == setter and node.parent != pattern:
            function = function_of(node)
            while function is not None and function != component:
                if sends(front, script, function):
                    return True
                function = function_of(function)
    return False


def _sends_directly(function: Node, script: Script, front: Front) -> bool:
    declared = function.child_by_field_name("return_type")
    if declared is None or b"any" not in (declared.text or b""):
        return False
    return any(
        function_of(call) == function and front.is_api_call(script, call)
        for call in walk(function)
        if call.type == "call_expression"
    )


def _is_parameter_of_api(parameter: Node, script: Script, front: Front) -> bool:
    """Whether a parameter is what is sent, or what `.then` gives of an answer."""
    function = next((one for one in ancestors(parameter) if one.type in FUNCTIONS), None)
    if function is None:
        return False
    holder = function.parent.parent if function.parent is not None else None
    is_then = (
        holder is not None
        and holder.type == "call_expression"
        and callee_of(holder).endswith(".then")
    )
    if holder is not None and is_then:
        return _is_from_api(holder, script, front) or bool(sends(front, script, holder))
    name = text_of(parameter.child_by_field_name("pattern") or parameter)
    is_sent = re.compile(rf"\b{re.escape(name)}\b")
    return any(
        function_of(call) == function and is_sent.search(text_of(call)) is not None
        for call in sends(front, script, function)
    )


def _excerpt(node: Node) -> str:
    if node.type in FUNCTIONS:
        body = node.child_by_field_name("body")
        end = body.start_byte - node.start_byte if body is not None else None
        text = text_of(node).encode()[:end].decode(errors="replace")
    else:
        text = text_of(node)
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:57]}…"  # noqa: PLR2004
