"""A request that is sent again though it may have worked, and a read that is never tried again."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lockstitch.audit.typescript.front import Front
from lockstitch.audit.typescript.nodes import (
    FUNCTIONS,
    ancestors,
    arguments_of,
    callee_of,
    calls_in,
    function_of,
    member,
    name_of_function,
    text_of,
    walk,
)
from lockstitch.audit.typescript.requests import IDEMPOTENT_METHODS, SAFE_METHODS, Request, holders
from lockstitch.audit.typescript.script import Script
from lockstitch.findings import Finding

UNSAFE: Final = "unsafe-retry"
MISSING: Final = "missing-retry"
_RETRIES: Final = re.compile(
    r"retr(y|ies)|attempt|backoff|tries\b|stale-?while|serviceWorker", re.IGNORECASE
)
_RETRY_CALL: Final = re.compile(r"(retry|backoff|withRetries)\w*$", re.IGNORECASE)
_KEYED: Final = re.compile(r"idempoten", re.IGNORECASE)
# The code asks what the method is before it tries again.
_ASKS_METHOD: Final = re.compile(
    r"method\w*\)?\s*(\?\?\s*['\"]GET['\"]\)?\s*)?(\.toUpperCase\(\)\s*)?[!=]==?\s*['\"]"
    r"|\.(has|includes)\(\s*\w*\.?method|['\"](GET|POST)['\"]\s*[!=]==?|is(Safe|Idempotent)|canRetry",
    re.IGNORECASE,
)
_LOOPS: Final = frozenset({"for_statement", "while_statement", "do_statement"})
_UNSAFE_FIX: Final = (
    "Retry GET, HEAD, PUT and DELETE alone, or send one Idempotency-Key with all attempts."
)


def find(script: Script, front: Front) -> Iterator[Finding]:
    """Find retries of what is not safe, and files whose reads are never tried again."""
    sent = front.requests.get(script.path, [])
    for request in sent:
        if request.method not in IDEMPOTENT_METHODS and _is_tried_again(request):
            yield script.finding(
                UNSAFE,
                request.call,
                f"{request.method or 'Any method, POST included,'} is sent again after a failure, "
                "though the first attempt may have worked.",
                _UNSAFE_FIX,
                severity="error",
            )
    yield from _configured(script)
    if _RETRIES.search(script.code):
        return
    reads = [one for one in sent if one.method in SAFE_METHODS and not _is_cached(front, one)]
    for first in reads[:1]:
        yield script.finding(
            MISSING,
            first.call,
            "One lost packet fails this read: nothing tries it again.",
            "Try safe reads again after a short, growing wait, or let a query cache do it.",
            severity="information",
        )


def _is_tried_again(request: Request) -> bool:
    function = function_of(request.call)
    child: Node = request.call
    for one in ancestors(request.call):
        if one.type in FUNCTIONS:
            if _is_safe_by_code(one):
                return False
            if _calls_itself(one, request.call) or _is_retried_by(one, request):
                return True
        elif one.type in _LOOPS:
            is_safe = _is_safe_by_code(function if function is not None else one)
            if not is_safe and _is_retry_loop(one, child):
                return True
        child = one
    return False


def _is_safe_by_code(scope: Node) -> bool:
    text = text_of(scope)
    return _KEYED.search(text) is not None or _ASKS_METHOD.search(text) is not None


def _calls_itself(function: Node, call: Node) -> bool:
    name = name_of_function(function)
    if not name:
        return False
    for other in calls_in(function):
        if other != call and callee_of(other).removeprefix("this.") == name:
            # Following the next page is no retry: something must count the attempts.
            return _RETRIES.search(text_of(function)) is not None
    return False


def _is_retry_loop(loop: Node, body: Node) -> bool:
    head = text_of(loop)[: max(0, body.start_byte - loop.start_byte)]
    if loop.type == "do_statement":
        head = text_of(loop.child_by_field_name("condition") or loop)
    return _RETRIES.search(head) is not None or _goes_on_after_failure(loop)


def _goes_on_after_failure(loop: Node) -> bool:
    """Whether the loop catches, returns on success and counts up to a small number."""
    has_catch = any(node.type == "catch_clause" for node in walk(loop))
    text = text_of(loop)
    counts = re.match(r"for \((let|var) \w+ = \d+; ?\w+ <=? ?\d\b", text) is not None
    forever = re.match(r"(while ?\(true\)|for ?\(;;\))", text) is not None
    return has_catch and "return" in text and (counts or forever)


def _is_retried_by(function: Node, request: Request) -> bool:
    """Whether a function that sends is given to something that retries, as to pRetry."""
    holder = function.parent
    if holder is None or holder.type != "arguments" or holder.parent is None:
        return False
    callee = callee_of(holder.parent).rpartition(".")[2]
    return request.method is not None and _RETRY_CALL.search(callee) is not None


def _configured(script: Script) -> Iterator[Finding]:
    """Find libraries that are told to retry writes."""
    for call in script.nodes["call"]:
        callee = callee_of(call)
        options = arguments_of(call)[-1:]
        if not options or options[0].type != "object":
            continue
        if callee in {"axiosRetry", "axiosRetry.default", "fetchRetry"}:
            condition = member(options[0], "retryCondition")
            told = condition is not None and not re.search(
                r"method|idempoten|^axiosRetry\.|^is\w*Network\w*$|^is\w*Idempotent\w*$",
                text_of(condition),
                re.IGNORECASE,
            )
        elif callee in {"useMutation", "ky.create", "ky.extend", "got.extend"} or re.match(
            r"(ky|got)\.(post|patch)$", callee
        ):
            retry = member(options[0], "retry")
            told = retry is not None and _retries_writes(callee, retry)
        else:
            continue
        if told and not _KEYED.search(text_of(call)):
            yield script.finding(
                UNSAFE,
                call,
                "A write is sent again after a failure, though the first attempt may have worked.",
                _UNSAFE_FIX,
                severity="error",
            )


def _retries_writes(callee: str, retry: Node) -> bool:
    text = text_of(retry)
    if callee == "useMutation":
        return text not in {"false", "0"}
    return re.search(r"['\"](post|patch)['\"]", text, re.IGNORECASE) is not None


def _is_cached(front: Front, request: Request) -> bool:
    """Whether a read goes through a cache of queries, which tries again by itself."""
    inside = any(
        one.type == "call_expression" and callee_of(one).rpartition(".")[2] in front.cached_names
        for one in ancestors(request.call)
    )
    return inside or bool(front.cached_names.intersection(holders(request.call)))
