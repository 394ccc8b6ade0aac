"""A body of an answer that is used without a look at it."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Function, Module, keyword
from lockstitch.audit.python.requests import requests_of
from lockstitch.findings import Finding

RULE: Final = "unvalidated-response"
_MEMBERS: Final = frozenset({"get", "items", "values", "keys"})
_OTHER_SHAPE: Final = re.compile(r"\b(TypeError|KeyError|AttributeError|LookupError)\b")
_RESPONSE: Final = re.compile(r"^(r|res|resp|response|answer|reply|\w+_(response|resp))$")
_VALIDATES: Final = re.compile(
    r"(validate|parse|decode|load|structure|check|ensure|verify|convert|from_dict|construct"
    r"|from_json|isinstance|deserialize|to_\w+|TypeAdapter|from_response)",
    re.IGNORECASE,
)


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find `response.json()` whose members are taken, or that is returned, raw."""
    sent = requests_of(module)
    if not sent:
        return
    calls = {request.call for request in sent}
    for call in module.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "json" or call.args:
            continue
        if _is_response(call.func.value, calls) and not _is_in_failure(module, call):
            how = _how_it_is_used(module, backend, call)
            if how is not None:
                yield module.finding(
                    RULE,
                    call,
                    f"The answer is {how} without a check.",
                    "Validate it: Model.model_validate_json(response.content).",
                )


def _is_response(node: ast.expr, calls: set[ast.Call]) -> bool:
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        return node in calls
    return isinstance(node, ast.Name) and _RESPONSE.match(node.id) is not None


def _is_in_failure(module: Module, call: ast.Call) -> bool:
    """Whether the body is read only to tell what went wrong."""
    child: ast.AST = call
    for one in module.ancestors(call):
        if isinstance(one, ast.ExceptHandler | ast.Raise):
            return True
        if isinstance(one, ast.If) and child in one.body:
            test = ast.unparse(one.test)
            if re.search(r"not \w+\.(ok|is_success)|status_code (>=?|!=)|is_error", test):
                return True
        child = one
    return False


def _how_it_is_used(module: Module, backend: Backend, call: ast.Call) -> str | None:
    if _expects_other_shapes(module, call):
        return None
    value: ast.AST = call
    holder = module.parents.get(call)
    while isinstance(holder, ast.Await):
        value, holder = holder, module.parents.get(holder)
    if isinstance(holder, ast.Return):
        function = module.function_of(holder)
        return None if function is None or _is_modelled(backend, function) else "returned"
    scope = module.function_of(call) or module.tree
    if isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name):
        return _how_the_name_is_used(module, backend, holder.targets[0].id, scope, holder.lineno)
    is_member = isinstance(holder, ast.Attribute) and holder.attr in _MEMBERS
    is_iterated = isinstance(holder, ast.For) and holder.iter is value
    if isinstance(holder, ast.Subscript):
        # `component = response.json()["data"]` is followed by its name.
        taken = module.parents.get(holder)
        named = taken.targets[0] if isinstance(taken, ast.Assign) else None
        is_checked = isinstance(named, ast.Name) and _is_validated(
            module, named.id, scope, holder.lineno
        )
        return None if is_checked else "read"
    return "read" if is_member or is_iterated else None


def _expects_other_shapes(module: Module, call: ast.Call) -> bool:
    """Whether a handler around the call catches what another shape would raise."""
    return any(
        isinstance(one, ast.Try)
        and any(
            handler.type is not None and _OTHER_SHAPE.search(ast.unparse(handler.type))
            for handler in one.handlers
        )
        for one in module.ancestors(call)
    )


def _is_validated(module: Module, name: str, scope: ast.AST, line: int) -> bool:
    """Whether a variable is given to something that looks at it."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Name) or node.id != name or node.lineno < line:
            continue
        holder = module.parents.get(node)
        # `Model(**data)` and `Model.model_validate(data)`.
        taker = module.parents.get(holder) if isinstance(holder, ast.keyword) else holder
        if isinstance(taker, ast.Call) and taker.func is not node:
            called = ast.unparse(taker.func)
            if _VALIDATES.search(called) or called.rpartition(".")[2][:1].isupper():
                return True
    return False


def _how_the_name_is_used(
    module: Module, backend: Backend, name: str, scope: ast.AST, line: int
) -> str | None:
    if _is_validated(module, name, scope, line):
        return None
    for node in ast.walk(scope):
        if not isinstance(node, ast.Name) or node.id != name or node.lineno < line:
            continue
        how = _how_one_use_trusts(module, backend, node)
        if how is not None:
            return how
    return None


def _how_one_use_trusts(module: Module, backend: Backend, node: ast.Name) -> str | None:
    holder = module.parents.get(node)
    if isinstance(holder, ast.Subscript) and holder.value is node:
        return "read"
    if isinstance(holder, ast.Attribute) and holder.attr in {"get", "items", "pop"}:
        return "read"
    if isinstance(holder, ast.For | ast.comprehension) and holder.iter is node:
        return "read"
    if isinstance(holder, ast.Return):
        function = module.function_of(holder)
        is_modelled = function is not None and _is_modelled(backend, function)
        return None if is_modelled else "returned"
    return None


def _is_modelled(backend: Backend, function: Function) -> bool:
    """Whether FastAPI holds what the function returns against a model."""
    for route in backend.routes:
        if route.function is function:
            declared = keyword(route.decorator, "response_model") or function.returns
            text = ast.unparse(declared) if declared is not None else "None"
            return (
                re.match(r"(None|dict|Dict|Any|list|object|Response|JSONResponse)\b", text) is None
            )
    return False
