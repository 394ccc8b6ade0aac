"""A value that may be None, used as if it were there."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Function, Module, own_nodes
from lockstitch.findings import Finding

RULE: Final = "missing-null-check"
_MAY_BE_NONE: Final = frozenset(
    {"fetchone", "fetchrow", "one_or_none", "scalar_one_or_none", "find_one", "maybe_single"}
)
_RUNS: Final = frozenset({"execute", "exec", "fetchrow", "fetch"})
_FIRST: Final = "first"
_OPTIONAL_MAPS: Final = re.compile(
    r"(^|\.)(headers|cookies|query_params|json\(\)|environ|form|args)$|(^|\.)(data|payload|body)$"
)
# A row always comes back of these.
_ALWAYS_A_ROW: Final = re.compile(
    r"^\s*(insert\b|select\s+(count|exists|sum|max|min|avg|coalesce|nextval|now|current_|set_config"
    r"|pg_|version|to_regclass|\d|%s|\$1)|show\b|pragma\b|with\b.*\binsert\b)|\breturning\b",
    re.IGNORECASE | re.DOTALL,
)
# Code that expects None to fail.
_CATCHES_NONE: Final = re.compile(r"TypeError|AttributeError|Exception")
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
    if _is_asked_around(module, value):
        return
    if _may_be_none(module, value) or _is_optional_get(value):
        yield module.finding(
            RULE, node, f"{value.func.attr}() returns None when there is nothing.", _FIX
        )


def _is_asked_around(module: Module, call: ast.Call) -> bool:
    """Whether a condition around a call asks for the same call: `a.get(x).y if a.get(x) else z`."""
    text = ast.unparse(call)
    return any(
        (isinstance(one, ast.If | ast.IfExp) and text in ast.unparse(one.test))
        or (isinstance(one, ast.BoolOp) and text in ast.unparse(one.values[0]))
        for one in module.ancestors(call)
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
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and _ALWAYS_A_ROW.search(text):
            return True
        runs = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _RUNS
        given = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if runs and isinstance(given, ast.Name):
            held = module.text_of(given)
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
                statement = module.text_of(given) or "insert"
    # A statement that comes from elsewhere cannot be judged.
    return statement is None or _ALWAYS_A_ROW.search(statement) is not None


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
        test = node.test if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) else None
        if test is not None and test.lineno >= line and _names(test, name):
            return True
        if isinstance(node, ast.BoolOp | ast.Match | ast.NamedExpr) and _names(node, name):
            return True
        caught = node.type if isinstance(node, ast.ExceptHandler) else None
        if caught is not None and _CATCHES_NONE.search(ast.unparse(caught)):
            return True
    return False


def _names(scope: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(scope))


def _first_use(module: Module, function: Function, name: str, line: int) -> Iterator[Finding]:
    for node in own_nodes(function):
        if not isinstance(node, ast.Attribute | ast.Subscript) or node.lineno < line:
            continue
        if getattr(node.value, "id", "") == name:
            yield module.finding(RULE, node, f"{name} is None when there is no such row.", _FIX)
            return
