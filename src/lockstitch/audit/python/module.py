"""One Python file as the rules see it."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, TypeVar

from lockstitch.findings import Finding, Place, Severity

Function = ast.FunctionDef | ast.AsyncFunctionDef
Kind = TypeVar("Kind", bound=ast.AST)

_LONGEST_SUBJECT: Final = 80
_TESTS: Final = re.compile(
    r"(^|/)(tests?|testing|fixtures|benchmarks?|_?migrations|alembic)/|(^|/)(test_[^/]*|[^/]*_test|conftest|noxfile"
    r"|setup|fabfile)\.py$"
)


def is_test(path: str) -> bool:
    """Whether a file belongs to tests, migrations or tools."""
    return _TESTS.search(path) is not None


@dataclass(eq=False)
class Module:
    """A parsed file and what the rules have in common to ask about it."""

    path: str
    text: str
    tree: ast.Module

    @cached_property
    def code(self) -> str:
        """The whole text without what follows a hash, which is a comment but for a few strings."""
        return re.sub(r"#.*", "", self.text)

    @cached_property
    def nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        """All nodes by their kind, in the order of a walk."""
        found: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in ast.walk(self.tree):
            found[type(node)].append(node)
        return found

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Node → what it stands in."""
        return {
            child: parent
            for parent in ast.walk(self.tree)
            for child in ast.iter_child_nodes(parent)
        }

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls, in the order of the text."""
        return sorted(self.of_kind(ast.Call), key=lambda call: (call.lineno, call.col_offset))

    @cached_property
    def functions(self) -> list[Function]:
        """All functions and methods."""
        return [*self.of_kind(ast.FunctionDef), *self.of_kind(ast.AsyncFunctionDef)]

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name → what it is, in dots: `post` → `requests.post`."""
        found = {}
        for node in self.of_kind(ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        for statement in self.of_kind(ast.ImportFrom):
            for alias in statement.names:
                found[alias.asname or alias.name] = f"{statement.module or ''}.{alias.name}"
        return found

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """Name → what the module assigns to it at its top."""
        return {
            statement.targets[0].id: statement.value
            for statement in self.tree.body
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }

    def text_of(self, node: ast.expr | None) -> str | None:
        """Return the text of a string, or of the constant of the module that a name stands for."""
        if isinstance(node, ast.Name):
            return text_value(self.constants.get(node.id))
        return text_value(node)

    def of_kind(self, kind: type[Kind]) -> list[Kind]:
        """Return all nodes of one kind."""
        return [node for node in self.nodes[kind] if isinstance(node, kind)]

    def dotted(self, node: ast.AST) -> str:
        """Return what an expression names, in dots, with imports resolved; empty for others."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def callee(self, call: ast.Call) -> str:
        """Return what a call calls, in dots: `requests.get`, `self.client.post`."""
        return self.dotted(call.func)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node stands in, from the inside out."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the function that a node stands in."""
        for one in self.ancestors(node):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                return one
        return None

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self.text.split("\n")

    def lines_of(self, node: ast.stmt | ast.expr) -> str:
        """Return the whole lines that a node stands on: cheap, where `segment` is exact."""
        return "\n".join(self.lines[node.lineno - 1 : node.end_lineno])

    def segment(self, node: ast.AST) -> str:
        """Return the code of a node, without comments and in one spelling."""
        return ast.unparse(node)

    def finding(
        self,
        rule: str,
        node: ast.expr | ast.stmt | ast.ExceptHandler,
        message: str,
        fix: str,
        *,
        severity: Severity = "warning",
        subject: str | None = None,
    ) -> Finding:
        """Make a finding at a node; its subject is the first code of the node if none is given."""
        line = self.lines[node.lineno - 1]
        # Offsets count bytes, columns characters.
        column = len(line.encode()[: node.col_offset].decode(errors="replace")) + 1
        code = " ".join(self.segment(node).split())[:_LONGEST_SUBJECT]
        return Finding(
            rule=rule,
            severity=severity,
            place=Place(file=self.path, line=node.lineno, column=column),
            message=message,
            fix=fix,
            subject=subject or code,
        )


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def has_double_star(call: ast.Call) -> bool:
    """Whether more keyword arguments come from elsewhere."""
    return any(one.arg is None for one in call.keywords)


def text_value(node: ast.expr | None) -> str | None:
    """Return the text of a string or an f-string; values in it become `{}`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = text_value(node.left)
        return None if left is None else f"{left}{text_value(node.right) or '{}'}"
    return None


@lru_cache(maxsize=4096)
def own_nodes(function: Function) -> tuple[ast.AST, ...]:
    """Return the nodes of a function's body, but not those of functions inside it."""
    pending: list[ast.AST] = list(reversed(function.body))
    found = []
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))
    return tuple(found)


def parameters(function: Function) -> list[tuple[ast.arg, ast.expr | None]]:
    """Return the parameters of a function, each with its default."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    with_defaults = [*missing, *arguments.defaults]
    return [
        *zip(plain, with_defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
