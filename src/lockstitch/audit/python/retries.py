"""A request that is sent again though it may have worked, and a read that is never tried again."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Function, Module, keyword
from lockstitch.audit.python.requests import (
    IDEMPOTENT_METHODS,
    SAFE_METHODS,
    Request,
    requests_of,
)
from lockstitch.findings import Finding

UNSAFE: Final = "unsafe-retry"
MISSING: Final = "missing-retry"
_RETRIES: Final = re.compile(r"retr(y|ies)|tenacity|stamina|backoff|attempt", re.IGNORECASE)
_RETRYING: Final = re.compile(r"(^|\.)(retry\w*|on_exception|on_predicate|backoff|autoretry)$")
_KEYED: Final = re.compile(r"idempoten", re.IGNORECASE)
_ASKS_METHOD: Final = re.compile(r"\bmethod(\.upper\(\))?\s*(==|!=|in|not in)\b")
_MOST_ATTEMPTS: Final = 10
_FIX: Final = (
    "Retry GET, HEAD, PUT and DELETE alone, or send one Idempotency-Key with all attempts."
)


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find retries of what is not safe, and modules whose reads are never tried again."""
    sent = requests_of(module)
    for request in sent:
        if request.method not in IDEMPOTENT_METHODS and _is_tried_again(module, request):
            yield module.finding(
                UNSAFE,
                request.call,
                f"{request.method or 'Any method, POST included,'} is sent again after a failure, "
                "though the first attempt may have worked.",
                _FIX,
                severity="error",
            )
    yield from _configured(module)
    read = next((one for one in sent if one.method in SAFE_METHODS), None)
    # Whoever runs a program by hand runs it again; a route's caller cannot.
    is_served = module.path in backend.served
    if read is not None and is_served and not _RETRIES.search(module.code):
        yield module.finding(
            MISSING,
            read.call,
            "One lost packet fails this read: nothing tries it again.",
            "Try safe reads again after a short, growing wait, as stamina.retry does.",
            severity="information",
        )


def _is_tried_again(module: Module, request: Request) -> bool:
    for one in module.ancestors(request.call):
        if isinstance(one, ast.For | ast.AsyncFor | ast.While):
            if _is_retry_loop(one) and not _is_safe_by_code(module, one):
                function = module.function_of(one)
                return function is None or not _is_safe_by_code(module, function)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            return _is_decorated(module, one) and not _is_safe_by_code(module, one)
    return False


def _is_safe_by_code(module: Module, node: ast.stmt) -> bool:
    text = module.lines_of(node)
    return _KEYED.search(text) is not None or _ASKS_METHOD.search(text) is not None


def _is_retry_loop(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether a loop is left on success and goes round again on failure."""
    body = [node for statement in loop.body for node in ast.walk(statement)]
    leaves = any(isinstance(node, ast.Return | ast.Break) for node in body)
    head = ast.unparse(loop.test) if isinstance(loop, ast.While) else ast.unparse(loop.iter)
    named = head if isinstance(loop, ast.While) else f"{ast.unparse(loop.target)} {head}"
    if not leaves or not _goes_round(body):
        return False
    if _RETRIES.search(named):
        return True
    catches = any(isinstance(node, ast.ExceptHandler) for node in body)
    counted = re.fullmatch(r"range\((\d+)\)", head)
    is_short = counted is not None and int(counted[1]) <= _MOST_ATTEMPTS
    return catches and (is_short or head == "True")


def _goes_round(body: list[ast.AST]) -> bool:
    """Whether a loop may go round again: a failure is swallowed, or leaving has a condition."""
    swallows = any(
        isinstance(node, ast.ExceptHandler)
        and not isinstance(node.body[-1], ast.Raise | ast.Return | ast.Break)
        for node in body
    )
    on_condition = any(
        isinstance(node, ast.If)
        and any(isinstance(one, ast.Return | ast.Break) for one in ast.walk(node))
        for node in body
    )
    return swallows or on_condition or any(isinstance(node, ast.Continue) for node in body)


def _is_decorated(module: Module, function: Function) -> bool:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _RETRYING.search(module.dotted(target)):
            return True
    return False


def _configured(module: Module) -> Iterator[Finding]:
    """Find `Retry(allowed_methods=None)` and lists of methods with POST in them."""
    for call in module.calls:
        if module.callee(call).rpartition(".")[2] != "Retry":
            continue
        allowed = keyword(call, "allowed_methods") or keyword(call, "method_whitelist")
        if allowed is None or _KEYED.search(module.text):
            continue
        all_of_them = isinstance(allowed, ast.Constant) and not allowed.value
        listed = re.search(r"['\"](POST|PATCH)['\"]", ast.unparse(allowed), re.IGNORECASE)
        if all_of_them or listed is not None:
            yield module.finding(
                UNSAFE,
                call,
                "POST is sent again after a failure, though the first attempt may have worked.",
                _FIX,
                severity="error",
            )
