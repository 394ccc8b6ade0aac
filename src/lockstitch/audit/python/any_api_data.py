"""Routes that take whatever comes."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Module, own_nodes, parameters
from lockstitch.audit.python.routes import Route
from lockstitch.findings import Finding

RULE: Final = "any-api-data"
_UNTYPED: Final = re.compile(
    r"^(typing\.)?(dict|Dict|list|List|Any|object)(\[(str, ?)?(typing\.)?(Any|object|dict|Dict)\])?"
    r"( \| None)?$|^(typing\.)?Optional\[(dict|Dict|Any)\]$"
)
_CHECKS: Final = re.compile(
    r"(validate|parse|load|serialize|decode|check|verify|construct|schema)\w*$", re.IGNORECASE
)
_FIX: Final = "Take a Pydantic model, so that what is wrong is refused with 422 and documented."


def find(module: Module, backend: Backend) -> Iterator[Finding]:
    """Find bodies typed as dict or Any, and bodies that are read by hand and not checked."""
    for route in backend.routes:
        if route.module is not module or "fastapi" not in module.text:
            continue
        yield from _parameters(route)
        yield from _read_by_hand(route)


def _parameters(route: Route) -> Iterator[Finding]:
    for parameter, default in parameters(route.function):
        if parameter.annotation is None or parameter.arg in {"kwargs", "_"}:
            continue
        annotation, sources = _parts(parameter.annotation, default)
        if re.search(r"Depends|Security|Query|Header|Cookie|Path\(", sources):
            continue
        if _UNTYPED.match(annotation) and route.method not in {"GET", "HEAD", "DELETE"}:
            yield route.module.finding(
                RULE,
                parameter.annotation,
                f"{route.name} takes any {annotation} as {parameter.arg}.",
                _FIX,
                subject=f"{route.name} {parameter.arg}",
            )


def _parts(annotation: ast.expr, default: ast.expr | None) -> tuple[str, str]:
    """Return the type of a parameter, and everything that says where it comes from."""
    given = ast.unparse(default) if default is not None else ""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith(
        "Annotated"
    ):
        inner = annotation.slice
        first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
        return ast.unparse(first), ast.unparse(annotation) + given
    return ast.unparse(annotation), given


def _read_by_hand(route: Route) -> Iterator[Finding]:
    """Find `data = await request.json()` whose members are taken without a check."""
    for node in own_nodes(route.function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        if (
            node.func.attr != "json"
            or node.args
            or getattr(owner, "id", "")
            not in {
                "request",
                "req",
            }
        ):
            continue
        if not _is_checked(route):
            yield route.module.finding(
                RULE, node, f"{route.name} reads its body by hand, without a type.", _FIX
            )


def _is_checked(route: Route) -> bool:
    for node in own_nodes(route.function):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if _CHECKS.search(name) or name == "isinstance":
                return True
            if name[:1].isupper() and any(one.arg is None for one in node.keywords):
                return True
    return False
