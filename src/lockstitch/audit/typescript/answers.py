"""Where the body of an answer is read, and what becomes of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    ancestors,
    arguments_of,
    callee_of,
    function_of,
    inner,
    outward,
    text_of,
    uses,
)
from lockstitch.audit.typescript.script import Script

_RESPONSE_NAME: Final = re.compile(
    r"^(r|res|resp|response|answer|reply|\w*(Response|Res|Resp))$", re.IGNORECASE
)
VALIDATES: Final = re.compile(
    r"(parse|validate|decode|assert|check|verify|coerce|guard|cast|create|conform|ensure|from)\w*$"
    r"|^(is|to)[A-Z]\w*$|(schema|decoder|codec|validator|struct|type)\w*$",
    re.IGNORECASE,
)
_UNKNOWN: Final = {"unknown", "Promise<unknown>"}


@dataclass(eq=False)
class Body:
    """A value that came over the wire, from the reading call to where it is used."""

    script: Script
    read: Node
    # The expression that finally stands for the value, behind `await` and `.then`.
    value: Node
    # The annotation of the variable or parameter that takes it.
    annotation: Node | None = None
    binding: Node | None = None
    scope: Node | None = None
    passed_to: list[str] = field(default_factory=list)


def bodies(front: Front, script: Script) -> Iterator[Body]:
    """Yield each `response.json()` of a script, and each `.data` of an axios answer with a type."""
    for call in script.nodes["call"]:
        callee = call.child_by_field_name("function")
        if callee is None or callee.type != "member_expression":
            continue
        property_name = callee.child_by_field_name("property")
        target = callee.child_by_field_name("object")
        if property_name is None or target is None or property_name.text != b"json":
            continue
        if not arguments_of(call) and is_response(front, script, inner(target)):
            yield follow(script, call)


def is_response(front: Front, script: Script, node: Node) -> bool:
    """Whether an expression is the answer to a request."""
    if node.type == "call_expression":
        callee = callee_of(node)
        if callee.endswith(".clone"):
            return is_response(front, script, inner(node.child_by_field_name("function") or node))
        return front.is_api_call(script, node)
    if node.type != "identifier":
        return False
    name = text_of(node)
    for declarator in script.variables.get(name, ()):
        value = declarator.child_by_field_name("value")
        if value is None:
            continue
        made = inner(value)
        if made.type == "call_expression" and front.is_api_call(script, made):
            return True
    return _RESPONSE_NAME.match(name) is not None and script.path in front.requests


def follow(script: Script, read: Node) -> Body:
    """Follow a value through `await`, `.then(…)` and variables to where it is used."""
    body = Body(script, read, outward(read))
    for _ in range(8):
        callback = _callback_that_returns(body.value)
        chain = _then_around(callback) if callback is not None else _then_on(body.value)
        if chain is None:
            break
        if callback is not None:
            body.value = outward(chain)
            continue
        given = arguments_of(chain)
        if not given or given[0].type not in FUNCTIONS:
            body.passed_to += [text_of(one) for one in given[:1]]
            body.value = outward(chain)
            break
        return _bind_parameter(body, given[0])
    return _bind_variable(body)


def _callback_that_returns(value: Node) -> Node | None:
    """Return the function whose answer the value is, when `.then` was given that function."""
    holder = value.parent
    if holder is None:
        return None
    if holder.type == "return_statement":
        holder = function_of(holder)
    if holder is None or holder.type not in FUNCTIONS or holder.parent is None:
        return None
    return holder if holder.parent.type == "arguments" else None


def _then_around(callback: Node) -> Node | None:
    call = callback.parent.parent if callback.parent is not None else None
    if call is None or call.type != "call_expression":
        return None
    return call if callee_of(call).endswith((".then", ".catch", ".finally")) else None


def _then_on(value: Node) -> Node | None:
    holder = value.parent
    if holder is None or holder.type != "member_expression" or holder.parent is None:
        return None
    property_name = holder.child_by_field_name("property")
    is_chain = property_name is not None and property_name.text in {b"then", b"catch"}
    if not is_chain or holder.parent.type != "call_expression":
        return None
    # What `.catch(…)` returns is the same value again.
    return holder.parent if property_name is not None and property_name.text == b"then" else None


def _bind_parameter(body: Body, callback: Node) -> Body:
    parameter = callback.child_by_field_name("parameter")
    if parameter is None:
        parameters = callback.child_by_field_name("parameters")
        named = parameters.named_children if parameters is not None else []
        if not named:
            return body
        body.annotation = named[0].child_by_field_name("type")
        parameter = named[0].child_by_field_name("pattern") or named[0]
    body.binding, body.scope = parameter, callback.child_by_field_name("body")
    body.value = callback
    return _note_calls(body)


def _bind_variable(body: Body) -> Body:
    holder = body.value.parent
    if holder is not None and holder.type == "variable_declarator":
        body.binding = holder.child_by_field_name("name")
        body.annotation = holder.child_by_field_name("type")
        body.scope = function_of(holder) or body.script.root
    elif holder is not None and holder.type == "assignment_expression":
        body.binding = holder.child_by_field_name("left")
        body.scope = function_of(holder) or body.script.root
    elif holder is not None and holder.type == "arguments" and holder.parent is not None:
        body.passed_to.append(callee_of(holder.parent))
    return _note_calls(body)


def _note_calls(body: Body) -> Body:
    if body.binding is None or body.binding.type != "identifier" or body.scope is None:
        return body
    for use in uses(text_of(body.binding), body.scope):
        holder = use.parent
        if holder is not None and holder.type == "arguments" and holder.parent is not None:
            body.passed_to.append(callee_of(holder.parent))
        elif _is_tested(use):
            body.passed_to.append("isTested")
    return body


def _is_tested(use: Node) -> bool:
    """Whether a guard asks about the value: `typeof data`, `'items' in data`."""
    holder = use.parent
    if holder is None:
        return False
    operator = holder.child_by_field_name("operator")
    is_question = operator is not None and operator.text in {b"typeof", b"in", b"instanceof"}
    return holder.type in {"unary_expression", "binary_expression"} and is_question


def is_validated(body: Body) -> bool:
    """Whether the value goes through something that looks at it."""
    if body.annotation is not None and text_of(body.annotation).lstrip(": ") in _UNKNOWN:
        return True
    return any(VALIDATES.search(name.rpartition(".")[2]) for name in body.passed_to)


def is_in_failure(node: Node) -> bool:
    """Whether code runs only after a failure: in a catch clause, or where the answer is not ok."""
    child = node
    for one in ancestors(node):
        if one.type == "catch_clause":
            return True
        if one.type == "if_statement" and one.child_by_field_name("consequence") == child:
            condition = text_of(one.child_by_field_name("condition") or one)
            if re.search(r"!\s*\w+\.ok\b|\.ok\s*===?\s*false|\.status\s*(>=?|!==?)", condition):
                return True
        child = one
    return False
