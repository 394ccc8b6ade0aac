"""A Python file as text and syntax tree; every change of it is a replaced span of the text."""

import ast
from dataclasses import dataclass, field

from lockstitch.guard.fixes.edits import EditRefused
from lockstitch.guard.sources.syntax import Definition, definitions

Located = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias


@dataclass(slots=True)
class SourceFile:
    """Collects replacements, so that each is given in offsets of the text as it was read."""

    text: str
    tree: ast.Module = field(init=False)
    definitions: dict[str, Definition] = field(init=False)
    _starts: list[int] = field(init=False)
    _lines: list[str] = field(init=False)
    _replacements: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)
        self.definitions = definitions(self.tree)
        self._lines = []
        self._starts = []
        position = 0
        for line in _python_lines(self.text):
            self._starts.append(position)
            self._lines.append(line)
            position += len(line)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place that the syntax tree gives (its columns count bytes)."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def start(self, node: Located) -> int:
        """Return where a node begins."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: Located) -> int:
        """Return where a node ends."""
        assert node.end_lineno is not None  # noqa: S101 - the parser sets both
        assert node.end_col_offset is not None  # noqa: S101
        return self.offset(node.end_lineno, node.end_col_offset)

    def code(self, node: Located) -> str:
        """Return the text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def line_end(self, node: Located) -> int:
        """Return the offset behind the last line of a node, its comment and line break included."""
        assert node.end_lineno is not None  # noqa: S101 - the parser sets it
        line = node.end_lineno - 1
        return self._starts[line] + len(self._lines[line])

    def line_start(self, line: int) -> int:
        """Return the offset of the beginning of a line."""
        return self._starts[line - 1]

    def begins_line(self, node: Located) -> bool:
        """Whether nothing stands before a node on its line."""
        before = self.text[self._starts[node.lineno - 1] : self.start(node)]
        return not before or before.isspace()

    def indentation(self, node: Located) -> str:
        """Return the blanks with which the line of a node begins."""
        line = self._lines[node.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def replace(self, start: int, end: int, text: str) -> None:
        """Ask for another text between two offsets."""
        self._replacements.append((start, end, text))

    def insert_lines(self, offset: int, code: str) -> None:
        """Ask for whole lines at the beginning of a line, or at the end of the file."""
        if offset == len(self.text) and not self.text.endswith("\n"):
            code = f"\n{code}"
        self.replace(offset, offset, code if code.endswith("\n") else f"{code}\n")

    def rendered(self) -> str:
        """Return the text with everything replaced that was asked for."""
        text, done = [], 0
        line_break = "\r\n" if "\r\n" in self.text else "\n"
        unique = dict.fromkeys(self._replacements)
        for start, end, new in sorted(unique, key=lambda one: (one[0], one[1])):
            if start < done:
                continue  # What it would change is replaced as a whole.
            text += [self.text[done:start], new.replace("\n", line_break)]
            done = end
        return "".join((*text, self.text[done:]))


def _python_lines(text: str) -> list[str]:
    # `splitlines` also ends lines at form feeds and the like; the syntax tree does not.
    lines = text.splitlines(keepends=True)
    found: list[str] = []
    for line in lines:
        if found and not found[-1].endswith(("\n", "\r")):
            found[-1] += line
        else:
            found.append(line)
    return found or [""]


def class_named(file: SourceFile, name: str) -> ast.ClassDef:
    """Return the class of that qualified name, whose body has lines of its own.

    Raises:
        EditRefused: There is no such class.
    """
    node = file.definitions.get(name)
    if not isinstance(node, ast.ClassDef) or node.body[0].lineno == node.lineno:
        raise EditRefused(f"There is no class {name} with a body of its own.")
    return node


def is_docstring(node: ast.stmt) -> bool:
    """Whether a first statement is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def indented(code: str, indent: str) -> str:
    """Return lines of code moved to the right; empty lines stay empty."""
    return "\n".join(f"{indent}{line}" if line else "" for line in code.rstrip("\n").split("\n"))
