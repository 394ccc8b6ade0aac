"""Routers whose prefix has changed: where they are made, and where they are included."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.guard.fixes.calls import call_code
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import AddAfterStatement, Edit
from lockstitch.guard.fixes.registrations import Registration
from lockstitch.guard.fixes.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Router:
    """`router = APIRouter(prefix="/items", ...)`."""

    file: str
    name: str
    prefix: str
    statement: str
    call: ast.Call


def router_of(case: Case, found: Registration) -> Router | None:
    """Return the router that a route is registered with, if it is made in the same file."""
    name = found.route.file
    file = case.now(name)
    for node in file.tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        if any(file.code(target) == found.registrar for target in node.targets):
            prefix = _text(node.value, "prefix")
            return Router(name, found.registrar, prefix, file.code(node), node.value)
    return None


def second_router(case: Case, router: Router, prefix: str) -> Iterator[Edit]:
    """Yield what makes a router with the old prefix, and includes it beside the new one."""
    file = case.now(router.file)
    code = f"{router.name}_before = {_with(file, router.call, prefix)}"
    yield AddAfterStatement(router.file, router.statement, code)
    for name, text in sorted(case.texts.items()):
        other = SourceFile(text)
        for statement, call in _inclusions(other, router.name):
            given = other.code(call.args[0])
            code = other.code(statement).replace(given, f"{given}_before", 1)
            yield AddAfterStatement(name, other.code(statement), code)


def include_again(case: Case, found: Registration, included: str, prefix: str) -> Iterator[Edit]:
    """Yield what includes a router under its old prefix as well."""
    for name, text in sorted(case.texts.items()):
        file = SourceFile(text)
        for statement, call in _inclusions(file, found.registrar):
            if included.endswith(_text(call, "prefix")):
                code = _with(file, call, prefix)
                yield AddAfterStatement(name, file.code(statement), code)


def _inclusions(file: SourceFile, router: str) -> Iterator[tuple[ast.Expr, ast.Call]]:
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        call = node.value
        included = isinstance(call.func, ast.Attribute) and call.func.attr == "include_router"
        if included and call.args and file.code(call.args[0]).split(".")[-1] == router:
            yield node, call


def _text(call: ast.Call, keyword: str) -> str:
    value = next((one.value for one in call.keywords if one.arg == keyword), None)
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _with(file: SourceFile, call: ast.Call, prefix: str) -> str:
    """Return the call with another prefix, and marked as deprecated."""
    kept = [one for one in call.keywords if one.arg not in {"prefix", "deprecated"}]
    given = [
        *(file.code(one) for one in call.args),
        f"prefix={json.dumps(prefix)}",
        *(file.code(one) for one in kept),
        "deprecated=True",
    ]
    return call_code(file.code(call.func), given, len("router_before = "))
