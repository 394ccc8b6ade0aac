"""Which tables a route reaches, and in which role: read from its code, without running it.

The functions of a route are read, and those of the project that they call by name. What is called
through an object is not followed; tables are then known by the models that the route answers.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lockstitch.database.catalogue.data import Catalogue, Verb
from lockstitch.database.session import Actor

_MAX_CALLS = 4

_VERBS: dict[str, Verb] = {
    "delete from": "delete",
    "insert into": "insert",
    "update": "update",
    "from": "select",
    "join": "select",
}
_STATEMENT = re.compile(
    r"(?:\s|--[^\n]*\n)*(?:select|insert|update|delete|with|merge|set)\b", re.IGNORECASE
)
_SQL = re.compile(
    r"\b(delete\s+from|insert\s+into|update|from|join)\s+(?:only\s+)?([a-z_]\w*(?:\.[a-z_]\w*)?)",
    re.IGNORECASE,
)
_CONNECTION_STRING = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://([^:@/]+)(?::[^@]*)?@")
_SET_ROLE = re.compile(r"\bset\s+(?:local\s+)?role\s+\"?(\w+)", re.IGNORECASE)

# What supabase-py calls the verbs.
_CLIENT_VERBS: dict[str, Verb] = {
    "select": "select",
    "insert": "insert",
    "upsert": "insert",
    "update": "update",
    "delete": "delete",
}
_SERVICE_KEY = re.compile(r"service_?role|service_?key", re.IGNORECASE)
SERVICE_ROLE = "service_role"


@dataclass
class Reach:
    """What the code of a route does with the database.

    Attributes:
        tables: The verbs by table.
        roles: The roles in which it acts, where the code names them.
        logins: The roles of the connection strings that it uses.
    """

    tables: dict[str, set[Verb]] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    logins: set[str] = field(default_factory=set)

    def use(self, table: str, verb: Verb) -> None:
        """Note that a table is reached."""
        self.tables.setdefault(table, set()).add(verb)


def reach_of(
    functions: tuple[Callable[..., Any], ...], catalogue: Catalogue, project: Path
) -> Reach:
    """Return what functions, and those that they call, do with the tables of a catalogue."""
    found = Reach()
    seen: set[Any] = set()
    waiting = [(function, 0) for function in functions]
    while waiting:
        function, depth = waiting.pop()
        if function in seen or depth > _MAX_CALLS:
            continue
        seen.add(function)
        tree = _tree_of(function)
        if tree is None:
            continue
        _Reading(found, catalogue, function, tree).read()
        waiting += [(one, depth + 1) for one in _called(function, tree, project)]
    return found


@lru_cache(maxsize=1024)
def _tree_of(function: Any) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None


def _called(function: Any, tree: ast.AST, project: Path) -> Iterator[Callable[..., Any]]:
    """Yield the functions of the project that a function names."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name):
            continue
        named = inspect.unwrap(_value(function, node.id)) if node.id else None
        if inspect.isfunction(named) and Path(named.__code__.co_filename).is_relative_to(project):
            yield named


def _value(function: Any, name: str) -> Any:
    """Return what a global or an enclosing name of a function stands for now."""
    return _enclosed(function).get(name, function.__globals__.get(name))


@lru_cache(maxsize=1024)
def _enclosed(function: Any) -> dict[str, Any]:
    return dict(inspect.getclosurevars(function).nonlocals)


class _Reading:
    """Reads one function."""

    def __init__(self, found: Reach, catalogue: Catalogue, function: Any, tree: ast.AST) -> None:
        self._found = found
        self._catalogue = catalogue
        self._function = function
        self._tree = tree

    def read(self) -> None:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._read_text(node.value)
            elif isinstance(node, ast.JoinedStr):
                self._read_text(_known_text(node))
            elif isinstance(node, ast.Name):
                self._read_name(node.id)
            elif isinstance(node, ast.Call):
                self._read_call(node)

    def _read_name(self, name: str) -> None:
        value = _value(self._function, name)
        if isinstance(value, str):
            self._read_text(value)
        elif isinstance(value, Actor):
            self._found.roles.add(value.role)
        elif value is not None and not callable(value):
            # A client that the module has made, perhaps with the key of the service.
            self._read_key(_assignment(self._function.__code__.co_filename, name))
        self._read_key(name)

    def _read_key(self, text: str) -> None:
        if _SERVICE_KEY.search(text):
            self._found.roles.add(SERVICE_ROLE)

    def _read_text(self, text: str) -> None:
        if text in self._catalogue.roles:
            self._found.roles.add(text)
        login = _CONNECTION_STRING.match(text)
        if login is not None:
            # Poolers of Supabase append the project: `postgres.abcdef`.
            self._found.logins.add(login[1].partition(".")[0])
        if " " not in text.strip():
            self._read_key(text)
            return
        if _STATEMENT.match(text) is None:
            return
        for match in _SET_ROLE.finditer(text):
            self._found.roles.add(match[1])
        for words, name in _SQL.findall(text):
            verb = _VERBS[" ".join(words.lower().split())]
            self._use(name.lower(), verb)

    def _read_call(self, node: ast.Call) -> None:
        function = node.func
        if not isinstance(function, ast.Attribute):
            return
        if function.attr == "transaction" and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Attribute) and argument.attr == "actor":
                self._found.roles.add("authenticated")
        verb = _CLIENT_VERBS.get(function.attr)
        inner = function.value
        if verb is None or not isinstance(inner, ast.Call):
            return
        if isinstance(inner.func, ast.Attribute) and inner.func.attr in {"table", "from_"}:
            for argument in inner.args[:1]:
                if isinstance(argument, ast.Constant):
                    self._use(str(argument.value), verb)

    def _use(self, name: str, verb: Verb) -> None:
        table = self._catalogue.table(name)
        if table is not None:
            self._found.use(table.qualified, verb)


def _known_text(node: ast.JoinedStr) -> str:
    """Return an f-string with a word in place of each value."""
    parts = (one.value if isinstance(one, ast.Constant) else "value" for one in node.values)
    return "".join(str(part) for part in parts)


@lru_cache(maxsize=64)
def _module(file: str) -> ast.Module:
    return ast.parse(Path(file).read_bytes())


def _assignment(file: str, name: str) -> str:
    """Return the code of the module's line that gives a name its value."""
    for node in _module(file).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            return ast.unparse(node)
    return ""
