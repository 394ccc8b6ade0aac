"""Routes that answer failures as success, that tell too much, or that each have their own shape."""

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, keyword, own_nodes
from lockstitch.audit.python.routes import Route
from lockstitch.findings import Finding

AS_SUCCESS: Final = "error-as-success"
LEAKED: Final = "leaked-error"
INCONSISTENT: Final = "inconsistent-errors"
_ERROR_KEYS: Final = frozenset({"error", "errors", "err", "exception", "error_message"})
_BROAD: Final = frozenset({"Exception", "BaseException"})
_FAILED_WORDS: Final = frozenset({"error", "failed", "failure", "fail"})


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find what is wrong with the failures of a module's routes."""
    for route in backend.routes:
        if route.module is module:
            yield from _answered_as_success(route)
            yield from _leaked(route)
    yield from _leaked_elsewhere(module, backend)


def across(backend: Backend) -> Iterator[Finding]:
    """Find routes that refuse in another shape than most routes of the project."""
    raising = [route for route in backend.routes if _raises(route)]
    own_shape = [(route, call) for route in backend.routes if (call := _shaped(route)) is not None]
    if not raising:
        return
    example = raising[0]
    for route, call in own_shape:
        finding = route.module.finding(
            INCONSISTENT,
            call,
            f"{route.name} refuses in a shape of its own, where {example.name} raises.",
            "Raise everywhere, and make the one body of all errors in an exception handler.",
        )
        place = example.module.finding(INCONSISTENT, example.function, "", "").place
        yield finding.model_copy(update={"related": (place,)})


def _answered_as_success(route: Route) -> Iterator[Finding]:
    if _has_error_status(route):
        return
    for node in own_nodes(route.function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            told = _says_failure(node.value)
            if told is not None:
                yield route.module.finding(
                    AS_SUCCESS,
                    node,
                    f"{route.name} answers a failure with status 200: {told}.",
                    "Raise HTTPException with the status that says what happened.",
                    severity="error",
                )
        elif isinstance(node, ast.ExceptHandler) and _is_broad(node):
            answer = _quiet_answer(node)
            if answer is not None:
                yield route.module.finding(
                    AS_SUCCESS,
                    answer,
                    f"{route.name} answers any failure with status 200, as if it were a result.",
                    "Catch what can be handled, and let everything else become a 500.",
                    severity="error",
                )


def _has_error_status(route: Route) -> bool:
    status = keyword(route.decorator, "status_code")
    return status is not None and re.search(r"[45]\d\d", ast.unparse(status)) is not None


def _says_failure(answer: ast.Dict) -> str | None:
    """Return how a dictionary says that something failed; one about validity is a result."""
    if any(isinstance(key, ast.Constant) and key.value == "valid" for key in answer.keys):
        return None
    for key, value in zip(answer.keys, answer.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        constant = value.value if isinstance(value, ast.Constant) else ...
        if isinstance(value, ast.IfExp):
            continue
        if isinstance(value, ast.List | ast.Dict) and ast.unparse(value) in {"[]", "{}"}:
            continue
        if name in _ERROR_KEYS and constant not in (None, False, ""):
            return ast.unparse(answer)[:60]
        if name in {"success", "ok"} and constant is False:
            return ast.unparse(answer)[:60]
        if name == "status" and str(constant).lower() in _FAILED_WORDS:
            return ast.unparse(answer)[:60]
    return None


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return isinstance(handler.type, ast.Name) and handler.type.id in _BROAD


def _quiet_answer(handler: ast.ExceptHandler) -> ast.Return | None:
    """Return the return statement with which a handler hides every failure."""
    if any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
        return None
    for node in ast.walk(handler):
        if isinstance(node, ast.Return) and _is_quiet(node.value):
            return node
    return None


def _is_quiet(value: ast.expr | None) -> bool:
    """Whether an answer is empty or made up; one that says the failure is told already."""
    if isinstance(value, ast.Constant | ast.List):
        return True
    # One that holds a variable is a result of some kind.
    return isinstance(value, ast.Dict) and not any(
        isinstance(node, ast.Name | ast.Call) for node in ast.walk(value)
    )


def _leaked(route: Route) -> Iterator[Finding]:
    for node in own_nodes(route.function):
        if isinstance(node, ast.ExceptHandler):
            yield from _leaks_in(route.module, node, f"{route.name} tells")


def _leaked_elsewhere(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find helpers outside of routes that raise HTTPException with the text of any exception."""
    if "HTTPException" not in module.text:
        return
    in_routes = {
        id(node)
        for route in backend.routes
        if route.module is module
        for node in own_nodes(route.function)
    }
    for node in module.nodes[ast.ExceptHandler]:
        if isinstance(node, ast.ExceptHandler) and id(node) not in in_routes:
            yield from _leaks_in(module, node, "This tells", only_raised=True)


def _leaks_in(
    module: Module, handler: ast.ExceptHandler, who: str, *, only_raised: bool = False
) -> Iterator[Finding]:
    name = handler.name
    statements = [one for one in ast.walk(handler) if isinstance(one, ast.Raise | ast.Return)]
    for node in statements:
        told = _told_of(node)
        if told is None or (only_raised and not isinstance(node, ast.Raise)):
            continue
        shows = (name is not None and _shows(told, name)) or "traceback." in ast.unparse(told)
        if shows and (_is_broad(handler) or (_is_server_error(node) and _is_builtin(handler))):
            yield module.finding(
                LEAKED,
                node,
                f"{who} callers the text of any exception: SQL, paths and addresses get out.",
                "Log it with a request id, and answer a sentence of your own with that id.",
                severity="error",
            )


def _told_of(node: ast.AST) -> ast.expr | None:
    """Return what a raise or a return sends to the caller."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        called = node.exc.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return node.exc if name == "HTTPException" else None
    if isinstance(node, ast.Return):
        return node.value
    return None


def _shows(told: ast.expr, name: str) -> bool:
    """Whether the text of the exception is in what is told."""
    for node in ast.walk(told):
        is_text = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"str", "repr"}
        if is_text and isinstance(node, ast.Call) and _is_name(node.args[:1], name):
            return True
        if isinstance(node, ast.FormattedValue) and _is_name([node.value], name):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "args" and _is_name([node.value], name):
            return True
    return False


def _is_name(nodes: list[ast.expr], name: str) -> bool:
    return bool(nodes) and isinstance(nodes[0], ast.Name) and nodes[0].id == name


def _is_builtin(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches what Python itself raises; own classes say what they may."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and hasattr(builtins, one.id) for one in caught)


def _is_server_error(node: ast.AST) -> bool:
    if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
        return False
    status = keyword(node.exc, "status_code") or (node.exc.args[0] if node.exc.args else None)
    return status is not None and re.search(r"\b5\d\d\b|_5\d\d_", ast.unparse(status)) is not None


def _raises(route: Route) -> bool:
    return any(
        isinstance(node, ast.Raise) and "HTTPException" in ast.unparse(node)
        for node in own_nodes(route.function)
    )


def _is_usual(response: ast.Call) -> bool:
    """Whether a body has the shape that HTTPException has as well."""
    content = keyword(response, "content") or (response.args[0] if response.args else None)
    if not isinstance(content, ast.Dict):
        return False
    return [getattr(key, "value", None) for key in content.keys] == ["detail"]


def _shaped(route: Route) -> ast.expr | None:
    """Return the response object with an error status that a route makes itself."""
    for node in own_nodes(route.function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            made = node.value
            status = keyword(made, "status_code")
            is_response = route.module.callee(made).endswith("JSONResponse")
            is_response = is_response and not _is_usual(made)
            if (
                is_response
                and status is not None
                and re.search(r"(?<!\d)4\d\d(?!\d)", ast.unparse(status))
            ):
                return made
    return None
