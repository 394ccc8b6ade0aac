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
    value: ast.AST = call
    holder = module.parents.get(call)
    while isinstance(holder, ast.Await):
        value, holder = holder, module.parents.get(holder)
    if isinstance(holder, ast.Subscript) or (
        isinstance(holder, ast.Attribute) and holder.attr in {"get", "items", "values", "keys"}
    ):
        return "read"
    if isinstance(holder, ast.Return):
        function = module.function_of(holder)
        return None if function is None or _is_modelled(backend, function) else "returned"
    if isinstance(holder, ast.For) and holder.iter is value:
        return "read"
    if isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name):
        function = module.function_of(call)
        scope = function if function is not None else module.tree
        return _how_the_name_is_used(module, backend, holder.targets[0].id, scope, holder.lineno)
    return None


def _how_the_name_is_used(
    module: Module, backend: Backend, name: str, scope: ast.AST, line: int
) -> str | None:
    how = None
    for node in ast.walk(scope):
        if not isinstance(node, ast.Name) or node.id != name or node.lineno < line:
            continue
        holder = module.parents.get(node)
        # `Model(**data)` and `Model.model_validate(data)`.
        taker = module.parents.get(holder) if isinstance(holder, ast.keyword) else holder
        if isinstance(taker, ast.Call) and taker.func is not node:
            called = ast.unparse(taker.func)
            if _VALIDATES.search(called) or called.rpartition(".")[2][:1].isupper():
                return None
        if (isinstance(holder, ast.Subscript) and holder.value is node) or (
            isinstance(holder, ast.Attribute) and holder.attr in {"get", "items", "pop"}
        ):
            how = how or "read"
        elif isinstance(holder, ast.Return):
            function = module.function_of(holder)
            if function is None or not _is_modelled(backend, function):
                how = how or "returned"
        elif isinstance(holder, ast.For | ast.comprehension) and holder.iter is node:
            how = how or "read"
    return how


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
