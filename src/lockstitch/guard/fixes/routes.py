"""Fixes of whole operations: a route that moved keeps its old path, a status its old number."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Operation
from lockstitch.guard.fixes.edits import AddAfterStatement, AddDecorator, Edit, SetDecorator
from lockstitch.guard.fixes.members import Case
from lockstitch.guard.fixes.proposal import Proposal
from lockstitch.guard.fixes.source_file import SourceFile
from lockstitch.guard.sources import RouteSource
from lockstitch.guard.sources.places import path_shape
from lockstitch.guard.sources.syntax import Function


@dataclass(frozen=True, slots=True)
class Registration:
    """The decorator that registers a route: `@app.get("/items", ...)`."""

    route: RouteSource
    registrar: str
    method: str
    path: str
    code: str
    call: ast.Call

    @property
    def prefix(self) -> str:
        """What routers put before the path of the decorator."""
        return self.route.path.removesuffix(self.path)


def registration_of(case: Case, route: RouteSource) -> Registration | None:
    """Return the decorator that registers a route, if one does."""
    file = SourceFile(case.texts[route.file])
    node = file.definitions.get(route.function)
    for one in node.decorator_list if isinstance(node, Function) else ():
        if not isinstance(one, ast.Call) or not isinstance(one.func, ast.Attribute):
            continue
        path = one.args[0] if one.args else None
        registers = isinstance(path, ast.Constant) and route.path.endswith(str(path.value))
        if registers and one.func.attr == route.method:
            assert isinstance(path, ast.Constant)  # noqa: S101 - the line above says so
            registrar = file.code(one.func.value)
            return Registration(
                route, registrar, one.func.attr, str(path.value), file.code(one), one
            )
    return None


def keep_route(case: Case, change: Change, base: Operation) -> Iterator[Proposal]:
    """Yield the fix that lets the function of a moved route answer its old path as well."""
    moved = _moved(case, base)
    route = case.sources.route(moved.method, moved.path) if moved else None
    found = registration_of(case, route) if route else None
    if moved is None or found is None:
        return
    explanation = (
        f"`{base.method.upper()} {base.path}` is answered by the function that answers "
        f"`{moved.method.upper()} {moved.path}` now, and marked as deprecated."
    )
    if _prefixed(base.path, found.prefix):
        yield Proposal("route-kept", explanation, (_second_decorator(case, base, moved, found),))
    else:
        edits = tuple(_second_inclusion(case, base, found))
        if edits:
            yield Proposal("route-kept", explanation, edits)


def _prefixed(path: str, prefix: str) -> bool:
    return path.startswith(prefix)


def _moved(case: Case, base: Operation) -> Operation | None:
    """Return the operation of the revision that is the base's under another path or method."""
    known = {(one.method, path_shape(one.path)) for one in case.base.operations}
    new = [o for o in case.revision.operations if (o.method, path_shape(o.path)) not in known]
    name = _function_name(base)
    ranked = sorted(
        (
            (_function_name(one) == name, _alike(one, base), one.method == base.method, place)
            for place, one in enumerate(new)
        ),
        reverse=True,
    )
    if not ranked or not (ranked[0][0] or ranked[0][1]):
        return None
    return new[ranked[0][3]]


def _function_name(operation: Operation) -> str:
    """Undo FastAPI's way of making operation ids: the name of the function is left."""
    suffix = "".join(c if c.isalnum() or c == "_" else "_" for c in operation.path)
    return operation.id.removesuffix(f"{suffix}_{operation.method}")


def _alike(one: Operation, other: Operation) -> bool:
    """Whether two operations take and answer the same."""
    names = [{p.name for p in side.parameters} for side in (one, other)]
    bodies = [
        [content.schema for content in side.body.contents] if side.body else []
        for side in (one, other)
    ]
    answers = [
        [(r.status, tuple(c.schema for c in r.contents)) for r in side.responses]
        for side in (one, other)
    ]
    return names[0] == names[1] and bodies[0] == bodies[1] and answers[0] == answers[1]


def _second_decorator(
    case: Case, base: Operation, moved: Operation, found: Registration
) -> AddDecorator:
    """Return the old decorator: the new one with the old path and method."""
    path = base.path.removeprefix(found.prefix)
    for old, new in zip(_parameters(base.path), _parameters(moved.path), strict=False):
        path = path.replace(f"{{{old}}}", f"{{{new}}}")
    keywords = [one for one in found.call.keywords if one.arg not in {"deprecated", "operation_id"}]
    text = case.texts[found.route.file]
    file = SourceFile(text)
    given = [json.dumps(path), *(file.code(one) for one in keywords), "deprecated=True"]
    if any(one.arg == "operation_id" for one in found.call.keywords):
        given.append(f"operation_id={json.dumps(base.id)}")
    code = f"@{found.registrar}.{base.method}({', '.join(given)})"
    return AddDecorator(found.route.file, found.route.function, code)


def _parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _second_inclusion(case: Case, base: Operation, found: Registration) -> Iterator[Edit]:
    """Yield the edit that includes a router under its old prefix as well."""
    if not base.path.endswith(found.path):
        return
    old_prefix = base.path.removesuffix(found.path)
    for name, text in sorted(case.texts.items()):
        file = SourceFile(text)
        for node in ast.walk(file.tree):
            if not _includes(file, node, found.registrar):
                continue
            assert isinstance(node, ast.Expr)  # noqa: S101 - the line above says so
            assert isinstance(node.value, ast.Call)  # noqa: S101
            prefix = next((k.value for k in node.value.keywords if k.arg == "prefix"), None)
            given = str(prefix.value) if isinstance(prefix, ast.Constant) else ""
            own = found.prefix.removeprefix(given)
            if not old_prefix.endswith(own):
                continue
            old = old_prefix.removesuffix(own) if own else old_prefix
            statement = file.code(node)
            yield AddAfterStatement(name, statement, _included(file, node.value, old))


def _includes(file: SourceFile, node: ast.AST, router: str) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    function = call.func
    named = isinstance(function, ast.Attribute) and function.attr == "include_router"
    return named and bool(call.args) and file.code(call.args[0]).split(".")[-1] == router


def _included(file: SourceFile, call: ast.Call, prefix: str) -> str:
    kept = [one for one in call.keywords if one.arg not in {"prefix", "deprecated"}]
    given = [
        *(file.code(one) for one in call.args),
        f"prefix={json.dumps(prefix)}",
        *(file.code(one) for one in kept),
        "deprecated=True",
    ]
    return f"{file.code(call.func)}({', '.join(given)})"


def restore_status(case: Case, change: Change) -> Iterator[Proposal]:
    """Yield the fix that answers with the number of before."""
    before, after = case.operations(change)
    route = case.route(change)
    found = registration_of(case, route) if route else None
    if before is None or after is None or found is None:
        return
    old = [one.status for one in before.responses if one.status.startswith("2")]
    new = [one.status for one in after.responses if one.status.startswith("2")]
    if len(old) != 1 or old == new or not old[0].isdecimal():
        return
    keyword = ("status_code", None if old[0] == "200" else old[0])
    start = found.code
    yield Proposal(
        kind="status-restored",
        explanation=f"The route answers with status {old[0]} as before.",
        edits=(SetDecorator(found.route.file, found.route.function, start, keywords=(keyword,)),),
    )
