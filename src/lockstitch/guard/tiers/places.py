"""Where a field of a model and the function of a route are written."""

import ast
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lockstitch.findings import Place


def place_of_field(model: type[BaseModel], field: str, name: str, project: Path) -> Place:
    """Return the line of a field, or of its model when the field is inherited.

    Args:
        model: The class.
        field: Its field; empty for the class itself.
        name: What the place is called, such as `public.tasks.title`.
        project: Files outside of it are not named: they are nobody's here to change.
    """
    owner = next(
        (one for one in model.__mro__ if field in inspect.get_annotations(one)),
        getattr(model, "__pydantic_generic_metadata__", {}).get("origin") or model,
    )
    file = _file(owner, project)
    if file is None:
        return Place(name=name)
    lines = _lines(file).get(owner.__qualname__, {})
    line = lines.get(field, lines.get(""))
    return Place(file=file.relative_to(project).as_posix(), line=line, name=name)


def place_of_function(function: Callable[..., Any], name: str, project: Path) -> Place:
    """Return the line on which a function is defined."""
    file = _file(function, project)
    code = getattr(function, "__code__", None)
    if file is None or code is None:
        return Place(name=name)
    return Place(file=file.relative_to(project).as_posix(), line=code.co_firstlineno, name=name)


def _file(written: Any, project: Path) -> Path | None:
    try:
        file = Path(inspect.getfile(written)).resolve()
    except (OSError, TypeError):
        return None
    return file if file.is_relative_to(project) and file.is_file() else None


@lru_cache(maxsize=256)
def _lines(file: Path) -> dict[str, dict[str, int]]:
    """Return by class the line of each of its fields; under the empty name its own."""
    found: dict[str, dict[str, int]] = {}
    _collect(ast.parse(file.read_bytes()), "", found)
    return found


def _collect(node: ast.AST, prefix: str, found: dict[str, dict[str, int]]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            name = f"{prefix}{child.name}"
            found[name] = {"": child.lineno, **_fields(child)}
            _collect(child, f"{name}.", found)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            _collect(child, f"{prefix}{child.name}.<locals>.", found)


def _fields(node: ast.ClassDef) -> dict[str, int]:
    return {
        one.target.id: one.lineno
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
