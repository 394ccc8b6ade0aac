"""All Python modules of a project: its routes, and who may call them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from operator import eq
from pathlib import PurePosixPath
from typing import Final

from lockstitch.audit.python.module import Function, Module, is_test, keyword, own_nodes, parameters
from lockstitch.audit.python.routes import (
    REFUSAL,
    Route,
    dependencies_in,
    depends_in,
    is_decorated,
    made_routers,
    refuses,
    routes_of,
)

_IDENTITY: Final = re.compile(
    r"current_\w*(user|account|person|member|admin|tenant|principal)"
    r"|(require|verify|validate|check|authenticate|authorize|ensure|is)_\w*"
    r"(user|auth|token|login|admin|api_?key|role|permission|scope|session|access|signed|key)"
    r"|^(get_)?(auth|authenticated|authorized|principal|api_key|user_id|user|jwt|bearer|identity)"
    r"(_\w+)?$"
    r"|^(oauth2\w*|signed_in|logged_in|login_required|security|person|machine|account|admin\w*)$"
    # A declared audience, even if it is everybody, was thought about.
    r"|^(public|anyone|nobody|anonymous)$",
    re.IGNORECASE,
)
_SCHEMES: Final = re.compile(
    r"(OAuth2\w*|HTTPBearer|HTTPBasic|HTTPDigest|APIKey(Header|Cookie|Query)|OpenIdConnect)$"
)


@dataclass(eq=False)
class Backend:
    """The Python modules of a project."""

    modules: dict[str, Module]
    _identity: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def judged(self) -> list[Module]:
        """The modules that are no tests."""
        return [module for module in self.modules.values() if not is_test(module.path)]

    @cached_property
    def routes(self) -> list[Route]:
        """The routes of all FastAPI and Flask applications."""
        return [route for module in self.judged for route in routes_of(module)]

    @cached_property
    def functions(self) -> dict[str, list[tuple[Module, Function]]]:
        """Name → the functions with that name."""
        found: dict[str, list[tuple[Module, Function]]] = {}
        for module in self.judged:
            for function in module.functions:
                found.setdefault(function.name, []).append((module, function))
        return found

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Name → the class with that name."""
        return {node.name: node for module in self.judged for node in module.of_kind(ast.ClassDef)}

    @cached_property
    def aliases(self) -> dict[str, ast.expr]:
        """Name → what a module assigns to it: `PersonId = Annotated[UUID, Depends(signed_in)]`."""
        found: dict[str, ast.expr] = {}
        for module in self.judged:
            found |= module.constants
            for statement in module.tree.body:
                target = statement.target if isinstance(statement, ast.AnnAssign) else None
                if isinstance(target, ast.Name) and isinstance(statement, ast.AnnAssign):
                    found |= {target.id: statement.value} if statement.value is not None else {}
        return found

    @cached_property
    def served(self) -> set[str]:
        """The paths of the modules with routes, and of what they import, however far."""
        found = {route.module.path for route in self.routes}
        pending = [self.modules[path] for path in found]
        while pending:
            for path in self._imported(pending.pop()):
                if path not in found:
                    found.add(path)
                    pending.append(self.modules[path])
        return found

    def _imported(self, module: Module) -> Iterator[str]:
        for dotted in module.imports.values():
            parts = [part for part in dotted.split(".") if part]
            for length in (len(parts), len(parts) - 1):
                yield from self._by_tail.get("/".join(parts[:length][-2:]), ())

    @cached_property
    def _by_tail(self) -> dict[str, list[str]]:
        """The last one or two parts of a module's name → the paths that end so."""
        found: dict[str, list[str]] = {}
        for path in self.modules:
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            for length in (1, 2):
                found.setdefault("/".join(parts[-length:]), []).append(path)
        return found

    def identity_of(self, route: Route) -> bool:
        """Whether something finds out who calls a route, or refuses who may not."""
        found = any(self._identifies(one) for one in self.dependencies_of(route.function))
        found = found or any(self._identifies(one) for one in self.declared_of(route))
        found = found or is_decorated(route.function) or self.refuses(route)
        return found or (route.module.path, route.router) in self._protected_routers

    def refuses(self, route: Route) -> bool:
        """Whether a route, or a function of the project that it calls, raises 401 or 403."""
        if refuses(route.module, route.function):
            return True
        called = {
            node.func.id
            for node in own_nodes(route.function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return any(
            refuses(module, function)
            for name in called
            for module, function in self.functions.get(name, ())
        )

    def has_identity(self, application: str) -> bool:
        """Whether any route of an application knows who calls."""
        return application in self._with_identity

    @cached_property
    def _with_identity(self) -> set[str]:
        return {self.application_of(one.module) for one in self.routes if self.identity_of(one)}

    def application_of(self, module: Module) -> str:
        """Return the folder of the application that a module is part of.

        A repository may hold several. A module belongs to the one in whose folder it lies, or
        beside whose folder, as `routers` beside `core`; empty when there is none.
        """
        folders = PurePosixPath(module.path).parent.parts
        near: list[tuple[int, str]] = []
        for application in self._applications:
            parts = PurePosixPath(application).parts
            shared = sum(takewhile(bool, map(eq, folders, parts)))
            if shared >= len(parts) - 1:
                near.append((shared, application))
        return max(near, default=(0, ""))[1]

    @cached_property
    def _applications(self) -> set[str]:
        return {
            str(PurePosixPath(module.path).parent)
            for module in self.judged
            for _, call in made_routers(module)
            if module.callee(call).rpartition(".")[2] in {"FastAPI", "Flask", "Starlette"}
        }

    @cached_property
    def is_guarded_by_middleware(self) -> bool:
        """Whether a middleware refuses before any route is reached."""
        return any(_guards(module, self) for module in self.judged)

    def declared_of(self, route: Route) -> Iterator[ast.expr]:
        """Yield what `dependencies=` of a route names, there or in a constant."""
        yield from route.dependencies
        given = keyword(route.decorator, "dependencies")
        held = self.aliases.get(given.id) if isinstance(given, ast.Name) else None
        if held is not None:
            yield from depends_in(held)

    def dependencies_of(self, function: Function) -> Iterator[ast.expr]:
        """Yield what the parameters of a function depend on."""
        for parameter, default in parameters(function):
            if default is not None:
                yield from depends_in(default)
            if parameter.annotation is not None:
                yield from self._depends_in_type(parameter.annotation)

    def _depends_in_type(self, annotation: ast.expr) -> Iterator[ast.expr]:
        yield from depends_in(annotation)
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name) and node.id in self.aliases:
                yield from depends_in(self.aliases[node.id])
            if isinstance(node, ast.Attribute) and node.attr in self.aliases:
                yield from depends_in(self.aliases[node.attr])

    def _identifies(self, dependency: ast.expr) -> bool:
        target = dependency.func if isinstance(dependency, ast.Call) else dependency
        name = target.attr if isinstance(target, ast.Attribute) else ""
        name = target.id if isinstance(target, ast.Name) else name
        if not name:
            return False
        if name not in self._identity:
            # A dependency that depends on itself by a shared name does not identify anybody.
            self._identity[name] = False
            self._identity[name] = self._named_identity(name)
        return self._identity[name]

    def _named_identity(self, name: str) -> bool:
        if _IDENTITY.search(name):
            return True
        held = self.aliases.get(name)
        if isinstance(held, ast.Call):
            made = held.func
            made_name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
            return _SCHEMES.search(made_name) is not None or self._identifies(held)
        for module, function in self.functions.get(name, ()):
            if refuses(module, function):
                return True
            if any(self._identifies(one) for one in self.dependencies_of(function)):
                return True
        return False

    @cached_property
    def _protected_routers(self) -> set[tuple[str, str]]:
        """Path and variable of the routers all of whose routes need an identity."""
        found = {
            (module.path, name)
            for module in self.judged
            for name, call in made_routers(module)
            if any(self._identifies(one) for one in dependencies_in(call))
        }
        includes = [
            (module, call)
            for module in self.judged
            for call in module.calls
            if isinstance(call.func, ast.Attribute) and call.func.attr == "include_router"
        ]
        # A router in a protected router is protected; nesting is never deep.
        for _ in range(4):
            for module, call in includes:
                owner = call.func.value if isinstance(call.func, ast.Attribute) else call
                holder = owner.id if isinstance(owner, ast.Name) else ""
                guards = any(self._identifies(one) for one in dependencies_in(call))
                if call.args and (guards or (module.path, holder) in found):
                    found |= set(self._routers_named(module, call.args[0]))
        return found

    def _routers_named(self, module: Module, node: ast.expr) -> Iterator[tuple[str, str]]:
        dotted = module.dotted(node)
        owner, _, name = dotted.rpartition(".")
        if not owner:
            yield module.path, name
        stem = owner.rpartition(".")[2]
        for path in self.modules:
            pure = PurePosixPath(path)
            if pure.stem == stem or (pure.stem == "__init__" and pure.parent.name == stem):
                yield path, name


def _guards(module: Module, backend: Backend) -> bool:
    if "middleware" not in module.text:
        return False
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_middleware":
            named = module.dotted(call.args[0]).rpartition(".")[2] if call.args else ""
            if re.search(r"auth|jwt|identity|apikey|clerk|verify", named, re.IGNORECASE):
                return True
            held = backend.classes.get(named)
            if held is not None and REFUSAL.search(ast.unparse(held)):
                return True
    return any(
        "middleware" in ast.unparse(decorator) and REFUSAL.search(module.lines_of(function))
        for function in module.functions
        for decorator in function.decorator_list
    )
