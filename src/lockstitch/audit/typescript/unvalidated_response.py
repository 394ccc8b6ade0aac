"""A body of an answer that is taken for a type without a look at it."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.answers import Body, bodies, is_in_failure, is_validated
from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    callee_of,
    function_of,
    inner,
    is_type,
    names_in,
    outward,
    text_of,
    uses,
)
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "unvalidated-response"
FIX: Final = (
    "Read it as unknown and decode it with a schema, or use a generated client, which does."
)
_CLAIMS: Final = {"as_expression", "type_assertion", "satisfies_expression"}
_STATE_SETTER: Final = re.compile(r"^(set|dispatch|commit|mutate)([A-Z]\w*)?$")
_EVENT_DATA: Final = re.compile(r"^(event|e|evt|message|msg|ev)\.data$")


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find bodies that are cast, annotated or used raw."""
    for body in bodies(front, script):
        if is_in_failure(body.read) or is_validated(body):
            continue
        how = _how_it_is_trusted(body)
        if how is not None:
            yield script.finding(RULE, body.read, f"The answer is {how} without a check.", FIX)
    yield from _typed_calls(script, front)
    yield from _messages(script)


def _how_it_is_trusted(body: Body) -> str | None:
    holder = body.value.parent
    if holder is not None and holder.type in _CLAIMS:
        return _how_it_is_claimed(holder)
    if body.annotation is not None:
        return f"declared to be {text_of(body.annotation).lstrip(': ')}"
    if body.binding is not None:
        return _how_it_is_bound(body.binding, body.scope)
    if any(_STATE_SETTER.match(name) for name in body.passed_to):
        return "put into state"
    if body.passed_to or holder is None:
        return None
    return "read" if holder.type == "member_expression" else _how_it_is_returned(body.value)


def _how_it_is_claimed(claim: Node) -> str | None:
    """Return what a cast says; one to unknown says nothing."""
    is_angled = claim.type == "type_assertion"
    claimed = text_of(claim.named_children[0 if is_angled else -1])
    name = claimed.strip("<>") if is_angled else claimed
    return None if name in {"unknown", "const"} else f"cast to {name}"


def _how_it_is_bound(binding: Node, scope: Node | None) -> str | None:
    if binding.type == "object_pattern":
        return f"taken apart into {', '.join(names_in(binding))}"
    if binding.type == "array_pattern":
        return "taken apart"
    if binding.type != "identifier" or scope is None:
        return None
    found = (_how_one_use_trusts(use) for use in _uses_behind(binding, scope))
    return next((how for how in found if how is not None), None)


def _uses_behind(binding: Node, scope: Node) -> list[Node]:
    return [outward(use) for use in uses(text_of(binding), scope, after=binding.end_byte)]


def _how_one_use_trusts(use: Node) -> str | None:
    holder = use.parent
    if holder is None:
        return None
    if holder.type in {"member_expression", "subscript_expression"}:
        return "read" if holder.child_by_field_name("object") == use else None
    if holder.type == "arguments" and holder.parent is not None:
        return "put into state" if _STATE_SETTER.match(callee_of(holder.parent)) else None
    if holder.type in _CLAIMS:
        return "cast"
    return "returned" if holder.type in {"return_statement", "arrow_function"} else None


def _how_it_is_returned(value: Node) -> str | None:
    holder = value.parent
    if holder is None or holder.type not in {"return_statement", "arrow_function"}:
        return None
    function = holder if holder.type == "arrow_function" else function_of(value)
    declared = function.child_by_field_name("return_type") if function is not None else None
    if is_type(declared, "unknown", "Promise<unknown>"):
        return None
    return "returned" if declared is None else f"returned as {text_of(declared).lstrip(': ')}"


def _typed_calls(script: Script, front: Front) -> Iterator[Finding]:
    """Find `axios.get<Todo[]>()`: the type is a claim that nothing holds."""
    for request in front.requests.get(script.path, ()):
        given = request.call.child_by_field_name("type_arguments")
        if request.library == "fetch" or given is None or text_of(given) == "<unknown>":
            continue
        yield script.finding(
            RULE, request.call, f"The answer is claimed to be {text_of(given)[1:-1]}.", FIX
        )


def _messages(script: Script) -> Iterator[Finding]:
    """Find `JSON.parse(event.data) as Update`: what a socket sends is an answer as well."""
    for claim in script.nodes["claim"]:
        call = inner(claim)
        if call.type != "call_expression" or callee_of(call) != "JSON.parse":
            continue
        parsed = "".join(text_of(call.child_by_field_name("arguments") or call).split())[1:-1]
        claimed = claim.named_children[-1]
        if _EVENT_DATA.match(parsed) and text_of(claimed) not in {"unknown", "const"}:
            yield script.finding(RULE, claim, f"The message is cast to {text_of(claimed)}.", FIX)
