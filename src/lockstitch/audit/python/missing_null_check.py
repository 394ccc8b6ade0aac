"""A value that may be None, used as if it were there."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Function, Module, own_nodes, text_value
from lockstitch.findings import Finding

RULE: Final = "missing-null-check"
_MAY_BE_NONE: Final = frozenset(
    {"fetchone", "fetchrow", "one_or_none", "scalar_one_or_none", "find_one", "maybe_single"}
)
_FIRST: Final = "first"
_OPTIONAL_MAPS: Final = re.compile(
    r"(^|\.)(headers|cookies|query_params|json\(\)|environ|form|args)$|(^|\.)(data|payload|body)$"
)
# A row always comes back of these.
_ALWAYS_A_ROW: Final = re.compile(
    r"^\s*(insert\b|select\s+(count|exists|sum|max|min|avg|coalesce|nextval|now|current_|set_config"
    r"|pg_|version|to_regclass|\d|%s|\$1)|show\b|with\b.*\binsert\b)|\breturning\b",
    re.IGNORECASE | re.DOTALL,
)
_FIX: Final = "Ask whether it is None first, and answer with 404 or what fits."


def find(module: Module, _: Backend) -> Iterator[Finding]:
    """Find rows, first results and optional members that are used without a question."""
    if not re.search(r"fetchone|fetchrow|first\(|one_or_none|find_one|\.get\(", module.text):
        return
    for function in module.functions:
        yield from _in_variables(module, function)
    for node in [*module.nodes[ast.Attribute], *module.nodes[ast.Subscript]]:
        if isinstance(node, ast.Attribute | ast.Subscript):
            yield from _at_once(module, node)


def _at_once(module: Module, node: ast.Attribute | ast.Subscript) -> Iterator[Finding]:
    """Find `query.first().name` and `request.headers.get("authorization").split()`."""
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return
    if _may_be_none(module, value) or _is_optional_get(value):
        yield module.finding(
            RULE, node, f"{value.func.attr}() returns None when there is nothing.", _FIX
        )


def _may_be_none(module: Module, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name = call.func.attr
    if name == _FIRST:
        # The first of a query takes nothing and follows a call.
        is_query = isinstance(call.func.value, ast.Call) and not call.args and not call.keywords
        return (
            is_query
            and re.search(
                r"query|select|exec|filter|scalars|where|execute", ast.unparse(call.func.value)
            )
            is not None
        )
    return name in _MAY_BE_NONE and not _always_answers(module, call)


def _always_answers(module: Module, call: ast.Call) -> bool:
    """Whether the statement behind a call gives a row in any case, or cannot be seen."""
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _ALWAYS_A_ROW.search(node.value):
                return True
        if isinstance(node, ast.Name) and node.id.isupper():
            held = _constant(module, node.id)
            if held is None or _ALWAYS_A_ROW.search(held):
                return True
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return _cursor_always_answers(module, call, call.func.value.id)
    return False


def _cursor_always_answers(module: Module, call: ast.Call, cursor: str) -> bool:
    """Whether the last statement that was given to a cursor before a line gives a row always."""
    function = module.function_of(call)
    statement = None
    for node in own_nodes(function) if function is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_it = node.func.attr == "execute" and ast.unparse(node.func.value) == cursor
            if is_it and node.lineno <= call.lineno:
                given = node.args[0]
                statement = text_value(given)
                if isinstance(given, ast.Name):
                    statement = _constant(module, given.id)
                statement = statement or "insert"
    # A statement that comes from elsewhere cannot be judged.
    return statement is None or _ALWAYS_A_ROW.search(statement) is not None


def _constant(module: Module, name: str) -> str | None:
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            if statement.targets[0].id == name:
                return text_value(statement.value)
    return None


def _is_optional_get(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "get":
        return False
    has_default = len(call.args) != 1 or bool(call.keywords)
    return not has_default and _OPTIONAL_MAPS.search(ast.unparse(call.func.value)) is not None


def _in_variables(module: Module, function: Function) -> Iterator[Finding]:
    """Find `row = ….fetchone()` followed by `row["id"]` with no question in between."""
    for node in own_nodes(function):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(value, ast.Call) or not _may_be_none(module, value):
            continue
        name = node.targets[0].id
        if not _is_asked(function, name, node.lineno):
            yield from _first_use(module, function, name, node.lineno)


def _is_asked(function: Function, name: str, line: int) -> bool:
    for node in own_nodes(function):
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) and node.lineno >= line:
            if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.test)):
                return True
        if isinstance(node, ast.BoolOp | ast.Match | ast.NamedExpr):
            if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node)):
                return True
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            if re.search(r"TypeError|AttributeError|Exception", ast.unparse(node.type)):
                return True
    return False


def _first_use(module: Module, function: Function, name: str, line: int) -> Iterator[Finding]:
    for node in own_nodes(function):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name):
            if node.value.id == name and node.lineno >= line:
                yield module.finding(RULE, node, f"{name} is None when there is no such row.", _FIX)
                return
