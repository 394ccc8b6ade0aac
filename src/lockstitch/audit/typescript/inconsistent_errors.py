"""Requests whose failures are handled differently, or not at all."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tree_sitter import Node

from lockstitch.audit.typescript.answers import follow
from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    arguments_of,
    callee_of,
    function_of,
    name_of_function,
    text_of,
    text_value,
    uses,
    walk,
)
from lockstitch.audit.typescript.requests import Request
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

RULE: Final = "inconsistent-errors"
MEANINGLESS: Final = "error-without-meaning"
Handling = Literal["ignores", "throws", "answers nothing"]
_ASKS: Final = re.compile(r"\.(ok|status|statusText)\b|\{[^}]*\b(ok|status)\b[^}]*\}\s*=")
_READS_BODY: Final = re.compile(r"\.(json|text|blob|arrayBuffer|body|formData)\b")
_STATUS_ONLY: Final = re.compile(
    r"^(http|request|network|fetch|api|server)?[ -]*(error|failed|failure|fail)?[!:., -]*"
    r"(with )?(status|code)?( code)?[:! ]*\{\}\.?$",
    re.IGNORECASE,
)
_EMPTY: Final = {"null", "undefined", "false", "array", "object", "string", "number"}


@dataclass(frozen=True, eq=False)
class _Handled:
    request: Request
    function: Node
    handling: Handling


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find failures that are ignored, swallowed, or told without what the service said."""
    for request in front.requests.get(script.path, ()):
        if request.library == "fetch" and _ignores_status(request):
            yield script.finding(
                RULE,
                request.call,
                "Whether the request succeeded is never asked: an error is taken for data.",
                "Ask response.ok, and throw the problem that the service describes.",
            )
    yield from _swallowed(script, front)
    yield from _meaningless(script)


def across(front: Front) -> Iterator[Finding]:
    """Find requests that handle a refusal otherwise than most of the project does."""
    handled = [one for script in front.judged for one in _handled(script, front)]
    counts = Counter(one.handling for one in handled)
    if len(counts) < 2:  # noqa: PLR2004
        return
    usual = "throws" if counts["throws"] else counts.most_common(1)[0][0]
    example = next(one for one in handled if one.handling == usual)
    for one in handled:
        if one.handling == usual:
            continue
        script = one.request.script
        finding = script.finding(
            RULE,
            one.request.call,
            f"{name_of_function(one.function) or 'This'} {one.handling} when the service refuses, "
            f"where {name_of_function(example.function) or 'another'} {usual}.",
            "Handle failures in one place, in one way.",
        )
        place = example.request.script.place(example.request.call)
        yield finding.model_copy(update={"related": (place,)})


def _handled(script: Script, front: Front) -> Iterator[_Handled]:
    for request in front.requests.get(script.path, ()):
        function = function_of(request.call)
        if request.library != "fetch" or function is None:
            continue
        if function.type == "arrow_function" and not name_of_function(function):
            continue
        refusal = _refusal(function)
        if refusal is None:
            continue
        if any(node.type == "throw_statement" for node in walk(refusal)):
            yield _Handled(request, function, "throws")
        elif _answers_nothing(refusal):
            yield _Handled(request, function, "answers nothing")


def _refusal(function: Node) -> Node | None:
    """Return what a function does when the answer is not ok."""
    for node in walk(function):
        if node.type == "if_statement":
            condition = text_of(node.child_by_field_name("condition") or node)
            if re.search(
                r"!\s*\w+\.ok\b|\.ok\s*===?\s*false|\.status\s*(>=?\s*400|!==?\s*200)", condition
            ):
                return node.child_by_field_name("consequence")
    return None


def _answers_nothing(scope: Node) -> bool:
    """Whether a scope returns an empty value in the place of an answer."""
    for node in walk(scope):
        if node.type == "return_statement":
            given = node.named_children
            if not given or _is_empty(given[0]):
                return True
    return False


def _is_empty(value: Node) -> bool:
    if value.type in {"array", "object"}:
        return not value.named_children
    return value.type in {"null", "undefined", "false"} or text_value(value) == ""


def _ignores_status(request: Request) -> bool:
    """Whether the body of an answer is read and its status never."""
    function = function_of(request.call)
    body = follow(request.script, request.call)
    scope = body.scope or function
    if body.binding is None:
        chain = text_of(body.value.parent) if body.value.parent is not None else ""
        is_read = body.value.parent is not None and body.value.parent.type == "member_expression"
        return is_read and _READS_BODY.search(chain) is not None
    if body.binding.type != "identifier" or scope is None:
        return False
    name = text_of(body.binding)
    read = False
    for use in uses(name, scope, after=body.binding.end_byte):
        holder = use.parent
        if holder is None or holder.type != "member_expression":
            # It is handed on, and may be asked there.
            return False
        property_name = text_of(holder.child_by_field_name("property") or holder)
        if property_name in {"ok", "status", "statusText", "type"}:
            return False
        read = read or property_name in {"json", "text", "blob", "arrayBuffer", "body"}
    return read


def _swallowed(script: Script, front: Front) -> Iterator[Finding]:
    """Find catch clauses around requests that answer something made up."""
    for clause in script.nodes["catch"]:
        attempt = clause.parent
        body = attempt.child_by_field_name("body") if attempt is not None else None
        sent = body is not None and any(
            front.is_api_call(script, call) for call in walk(body) if call.type == "call_expression"
        )
        handler = clause.child_by_field_name("body")
        asks = function_of(clause)
        declared = asks.child_by_field_name("return_type") if asks is not None else None
        # Whoever asks whether a service is there is answered.
        if declared is not None and b"boolean" in (declared.text or b""):
            continue
        if sent and handler is not None and _makes_up(handler):
            yield script.finding(
                RULE,
                clause,
                "A failure is answered with a made-up value: the caller cannot tell it from data.",
                "Let the error through, or answer with something that says that it failed.",
                subject=" ".join(text_of(handler).split())[:80],
            )


def _makes_up(handler: Node) -> bool:
    text = text_of(handler)
    if re.search(r"\bthrow\b|\bset[A-Z]\w*\(|toast|notify|dispatch\(|reject\(|retry|attempt", text):
        return False
    returned = [
        node
        for node in walk(handler)
        if node.type == "return_statement"
        and not any(one.type in FUNCTIONS for one in _between(node, handler))
    ]
    values = [node.named_children[0] for node in returned if node.named_children]
    return any(_is_made_up(value) for value in values)


def _between(node: Node, outer: Node) -> Iterator[Node]:
    current = node.parent
    while current is not None and current != outer:
        yield current
        current = current.parent


def _is_made_up(value: Node) -> bool:
    """Whether a value has nothing of the error in it and does not say that there was one."""
    if value.type not in _EMPTY:
        return False
    text = text_of(value)
    return re.search(r"error|fail|ok:|success|problem|status|message", text, re.IGNORECASE) is None


def _meaningless(script: Script) -> Iterator[Finding]:
    """Find `throw new Error(`HTTP error! status: ${status}`)`."""
    for statement in script.nodes["throw"]:
        made = statement.named_children[0] if statement.named_children else None
        if made is None or made.type not in {"new_expression", "call_expression"}:
            continue
        given = arguments_of(made)
        if callee_of(made) != "Error" or not given:
            continue
        told = text_value(given[0])
        substituted = re.search(r"\.(status|statusText)\b|\bstatus\b", text_of(given[0]))
        if told is not None and substituted is not None and _STATUS_ONLY.match(told.strip()):
            yield script.finding(
                MEANINGLESS,
                statement,
                "The error says a number: what the service wrote about the failure is lost.",
                "Read the problem in the body, and throw an error of a class of your own with it.",
            )
