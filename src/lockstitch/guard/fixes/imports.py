"""Adding imports to a Python file."""

import ast
import sys
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
    for module, names in sorted(by_module.items()):
        if not _joined(file, module, names):
            _add_line(file, module, f"from {module} import {', '.join(sorted(names, key=_rank))}")


def _imports(file: SourceFile) -> list[ast.ImportFrom]:
    return [node for node in file.tree.body if isinstance(node, ast.ImportFrom)]


def _joined(file: SourceFile, module: str, names: list[str]) -> bool:
    """Add the names to the import of that module, if it is on one line and stays so."""
    for node in _imports(file):
        code = file.code(node)
        if _spelled(node) != module or "\n" in code or "(" in code:
            continue
        text = f"from {module} import {', '.join(_ordered(node, names))}"
        if len(text) <= _WIDTH:
            file.replace(file.start(node), file.end(node), text)
            return True
    return False


def _spelled(node: ast.ImportFrom) -> str:
    return f"{'.' * node.level}{node.module or ''}"


def _ordered(node: ast.ImportFrom, names: list[str]) -> list[str]:
    """Return old and new names, sorted if the old ones are: constants, classes, functions."""
    old = [f"{one.name} as {one.asname}" if one.asname else one.name for one in node.names]
    everything = [*old, *sorted(names, key=_rank)]
    return sorted(everything, key=_rank) if old == sorted(old, key=_rank) else everything


def _rank(name: str) -> tuple[int, str]:
    return 0 if name.isupper() else 1 if name[0].isupper() else 2, name


def _add_line(file: SourceFile, module: str, line: str) -> None:
    """Put an import where it stands in order: standard library, packages, own modules."""
    section = _section(module)
    top = [node for node in file.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    before = [node for node in top if _order(node) <= (section, 1, module)]
    if before:
        apart = _order(before[-1])[0] != section
        file.insert_lines(file.line_end(before[-1]), f"\n{line}" if apart else line)
    elif top:
        apart = _order(top[0])[0] != section
        file.insert_lines(file.line_start(top[0].lineno), f"{line}\n\n" if apart else line)
    else:
        first = file.tree.body[0]
        documented = isinstance(first, ast.Expr)
        at = file.line_end(first) if documented else file.line_start(first.lineno)
        file.insert_lines(at, f"\n{line}" if documented else f"{line}\n\n")


def _order(node: ast.Import | ast.ImportFrom) -> tuple[int, int, str]:
    if isinstance(node, ast.Import):
        return _section(node.names[0].name), 0, node.names[0].name
    return _section(_spelled(node)), 1, _spelled(node)


def _section(module: str) -> int:
    if module.startswith("."):
        return 3
    if module == "__future__":
        return 0
    return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2
