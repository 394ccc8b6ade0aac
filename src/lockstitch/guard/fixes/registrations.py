"""How a route is registered: the decorator of its function."""

import ast
from dataclasses import dataclass

from lockstitch.guard.fixes.case import Case
from lockstitch.guard.sources import RouteSource
from lockstitch.guard.sources.syntax import Function


@dataclass(frozen=True, slots=True)
class Registration:
    """The decorator that registers a route: `@app.get("/items", ...)`."""

    route: RouteSource
    registrar: str
    path: str
    code: str
    call: ast.Call

    @property
    def prefix(self) -> str:
        """What routers put before the path of the decorator."""
        return self.route.path.removesuffix(self.path) if self.path else self.route.path


def registration_of(case: Case, route: RouteSource) -> Registration | None:
    """Return the decorator that registers a route, if one does."""
    file = case.now(route.file)
    node = file.definitions.get(route.function)
    for call, method, path in registrations(node) if isinstance(node, Function) else ():
        if method == route.method and route.path.endswith(path):
            assert isinstance(call.func, ast.Attribute)  # noqa: S101 - it is a registration
            registrar = file.code(call.func.value)
            return Registration(route, registrar, path, file.code(call), call)
    return None


def registrations(node: Function) -> list[tuple[ast.Call, str, str]]:
    """Return the decorators that may register a function, each with method and path."""
    found = []
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.args:
            path = one.args[0]
            if isinstance(path, ast.Constant) and isinstance(path.value, str):
                found.append((one, one.func.attr, path.value))
    return found
