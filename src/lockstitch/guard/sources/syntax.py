"""Definitions in a Python file, by their qualified names."""

import ast
from collections.abc import Iterator

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


def definitions(tree: ast.Module) -> dict[str, Definition]:
    """Return classes and functions by `__qualname__`; of equal names the last one counts."""
    return dict(_definitions(tree.body, ""))


def _definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield f"{prefix}{node.name}", node
            yield from _definitions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, Function):
            yield f"{prefix}{node.name}", node
            yield from _definitions(node.body, f"{prefix}{node.name}.<locals>.")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _definitions(node.body, prefix)


def fields(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    """Return the annotated names of a class."""
    return {
        statement.target.id: statement
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }


def members(node: ast.ClassDef) -> dict[str, ast.stmt]:
    """Return the statement that gives each name of a class: field, constant or property."""
    found: dict[str, ast.stmt] = {**fields(node)}
    for statement in node.body:
        if isinstance(statement, Function):
            found.setdefault(statement.name, statement)
        elif isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            found.update(dict.fromkeys(names, statement))
    return found


def arguments(node: Function) -> dict[str, ast.arg]:
    """Return the arguments of a function by name."""
    spec = node.args
    return {one.arg: one for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
