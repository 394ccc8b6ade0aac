"""Adding imports to a Python file."""

import ast
from collections.abc import Iterable

from lockstitch.guard.fixes.edits import NeedImport
from lockstitch.guard.fixes.source_file import SourceFile

_WIDTH = 100


def add_imports(file: SourceFile, needed: Iterable[NeedImport]) -> None:
    """Import what is not imported yet, in the line of the same module where there is one."""
    known = {alias.asname or alias.name for node in _imports(file) for alias in node.names}
    by_module: dict[str, list[str]] = {}
    for one in needed:
        if one.name not in known and one.name not in by_module.get(one.module, []):
            by_module.setdefault(one.module, []).append(one.name)
    lines = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(by_module.items())
        if not _joined(file, module, names)
    ]
    if lines:
        file.insert_lines(_behind_imports(file), "\n".join(lines))


def _imports(file: SourceFile) -> list[ast.ImportFrom]:
    return [node for node in file.tree.body if isinstance(node, ast.ImportFrom)]


def _joined(file: SourceFile, module: str, names: list[str]) -> bool:
    """Add the names to the import of that module, if it is on one line and stays so."""
    for node in _imports(file):
        code = file.code(node)
        if node.module != module or node.level or "\n" in code or "(" in code:
            continue
        text = f"from {module} import {', '.join(_ordered(node, names))}"
        if len(text) <= _WIDTH:
            file.replace(file.start(node), file.end(node), text)
            return True
    return False


def _ordered(node: ast.ImportFrom, names: list[str]) -> list[str]:
    """Return old and new names, sorted if the old ones are: constants, classes, functions."""
    old = [f"{one.name} as {one.asname}" if one.asname else one.name for one in node.names]
    everything = [*old, *sorted(names, key=_rank)]
    return sorted(everything, key=_rank) if old == sorted(old, key=_rank) else everything


def _rank(name: str) -> tuple[int, str]:
    return 0 if name.isupper() else 1 if name[0].isupper() else 2, name


def _behind_imports(file: SourceFile) -> int:
    """Return where an import can stand: behind the last one at the top, or the docstring."""
    behind = 0
    for place, node in enumerate(file.tree.body):
        documented = place == 0 and isinstance(node, ast.Expr)
        if isinstance(node, ast.Import | ast.ImportFrom) or documented:
            behind = file.line_end(node)
        else:
            break
    return behind
