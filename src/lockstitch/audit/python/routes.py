"""The routes of a module: FastAPI's and Flask's."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lockstitch.audit.python.module import Function, Module, keyword, own_nodes, text_value

_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_ROUTERS: Final = re.compile(r"(^|_)(app|api|application|router|routes|blueprint|bp)$")
REFUSAL: Final = re.compile(r"\b(40[13]|HTTP_40[13]\w*|Unauthorized|Forbidden|PermissionDenied)\b")


@dataclass(frozen=True, eq=False)
class Route:
    """A function that answers requests."""

    module: Module
    function: Function
    decorator: ast.Call
    method: str
    path: str
    # The variable that holds the router or the application.
    router: str
    dependencies: tuple[ast.expr, ...]

    @property
    def name(self) -> str:
        """`DELETE /todos/{todo_id}`."""
        return f"{self.method} {self.path}"


def routes_of(module: Module) -> Iterator[Route]:
    """Yield the routes of a module, those of one function under several paths one by one."""
    if not re.search(r"\b(fastapi|flask|starlette)\b", module.text, re.IGNORECASE) and (
        "router" not in module.text
    ):
        return
    made = {name for name, _ in made_routers(module)}
    for function in module.functions:
        for decorator in function.decorator_list:
            if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                continue
            holder = decorator.func.value
            name = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", "")
            if name not in made and not _ROUTERS.search(name):
                continue
            path = text_value(decorator.args[0]) if decorator.args else None
            path = text_value(keyword(decorator, "path")) if path is None else path
            for method in _methods(decorator):
                yield Route(
                    module,
                    function,
                    decorator,
                    method,
                    path or "",
                    name,
                    tuple(dependencies_in(decorator)),
                )


def _methods(decorator: ast.Call) -> list[str]:
    verb = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else ""
    if verb in _VERBS:
        return [verb.upper()]
    if verb not in {"route", "api_route"}:
        return []
    given = keyword(decorator, "methods")
    listed = given.elts if isinstance(given, ast.List | ast.Tuple | ast.Set) else []
    return [(text_value(one) or "").upper() for one in listed] or ["GET"]


def made_routers(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield the variables that hold an application or a router, each with what makes it."""
    for node in module.of_kind(ast.Assign):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            made = module.callee(value).rpartition(".")[2]
            if made in {"FastAPI", "APIRouter", "Flask", "Blueprint", "Starlette"}:
                yield target.id, value


def dependencies_in(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what `dependencies=[Depends(…)]` names."""
    given = keyword(call, "dependencies")
    if given is not None:
        yield from depends_in(given)


def depends_in(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what `Depends(…)` and `Security(…)` name within an expression."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            called = one.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in {"Depends", "Security"} and one.args:
                yield one.args[0]
            elif name == "Security":
                yield called


def is_decorated(function: Function) -> bool:
    """Whether a decorator asks for a sign-in, as `@login_required`."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if re.search(r"login|auth|jwt|require|permission|admin|protected", name, re.IGNORECASE):
            return True
    return False


def refuses(module: Module, function: Function) -> bool:
    """Whether a function itself raises 401 or 403."""
    for node in own_nodes(function):
        if isinstance(node, ast.Raise) and REFUSAL.search(module.lines_of(node)):
            return True
    return False
