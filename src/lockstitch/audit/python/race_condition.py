"""Two callers at once: both check and both insert, or both read and both write."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from lockstitch.audit.python.backend import Backend
from lockstitch.audit.python.module import Function, Module, own_nodes, text_value
from lockstitch.findings import Finding

RULE: Final = "race-condition"
_SELECT: Final = re.compile(r"\bselect\b.*?\bfrom\s+([\w.\"{}]+)", re.IGNORECASE | re.DOTALL)
_INSERT: Final = re.compile(r"^\s*insert\s+into\s+([\w.\"{}]+)", re.IGNORECASE)
_UPDATE: Final = re.compile(r"^\s*update\s+([\w.\"{}]+)\s+set\b", re.IGNORECASE)
_LOCKS: Final = re.compile(
    r"for update|on conflict|for no key update|advisory|serializable|with_for_update|\.lock\b"
    r"|Lock\(\)|isolation_level|on_conflict|version\s*=\s*%s and|insert or ignore|if not exists",
    re.IGNORECASE,
)
_CONFLICT: Final = re.compile(r"IntegrityError|UniqueViolation|DuplicateKey|Conflict(?!\()|23505")
_ONE_TRANSACTION: Final = re.compile(r"lock|serializ|for_update", re.IGNORECASE)


def find(module: Module, _: Backend) -> Iterator[Finding]:
    """Find checks before inserts, and writes of what was read before."""
    if not re.search(r"insert into|\.add\(|\bupdate\b|\.commit\(", module.text, re.IGNORECASE):
        return
    for function in module.functions:
        text = module.lines_of(function)
        if _LOCKS.search(text):
            continue
        if not _CONFLICT.search(text):
            yield from _checked_inserts(module, function)
            yield from _checked_additions(module, function)
        yield from _read_and_written(module, function)
        yield from _counted_up(module, function)


def _statements(module: Module, function: Function) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls of a function that are given SQL, each with the SQL."""
    for node in own_nodes(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if not re.match(r"(execute|fetch|fetchrow|fetchval|exec|query)$", node.func.attr):
            continue
        for argument in node.args[:1]:
            text = module.text_of(argument)
            if isinstance(argument, ast.Call) and argument.args:
                text = text_value(argument.args[0])
            if text is not None:
                yield node, text


def _checked_inserts(module: Module, function: Function) -> Iterator[Finding]:
    looked: dict[str, ast.Call] = {}
    for call, text in sorted(_statements(module, function), key=lambda pair: pair[0].lineno):
        selected, inserted = _SELECT.search(text), _INSERT.match(text)
        if inserted is not None:
            before = looked.get(inserted[1].strip('"'))
            if before is not None and _decides(module, function, before):
                yield module.finding(
                    RULE,
                    call,
                    "Two calls at once both find nothing and both insert.",
                    "Let a unique index decide: on conflict do nothing, or catch its violation.",
                )
                return
        elif selected is not None:
            looked[selected[1].strip('"')] = call


def _decides(module: Module, function: Function, look: ast.Call) -> bool:
    """Whether an `if` asks for what was looked up, and leaves or goes on by it."""
    name = _name_of(module, look)
    for node in own_nodes(function):
        if isinstance(node, ast.If) and node.lineno >= look.lineno:
            asked = list(ast.walk(node.test))
            if look in asked or any(getattr(one, "id", None) == name for one in asked if name):
                return True
    return False


def _name_of(module: Module, call: ast.Call) -> str | None:
    """Return the variable that takes the result of a call and of what is called on it."""
    for one in module.ancestors(call):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            return one.targets[0].id
        if isinstance(one, ast.NamedExpr):
            return one.target.id
        if not isinstance(one, ast.Attribute | ast.Call | ast.Await | ast.Subscript):
            return None
    return None


def _checked_additions(module: Module, function: Function) -> Iterator[Finding]:
    """Find `if session.query(User)….first(): raise` followed by `session.add(User(…))`."""
    if ".add(" not in module.lines_of(function):
        return
    made = {
        target.id: node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Assign)
        and isinstance(target := node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
    }
    for node in own_nodes(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr != "add" or not re.search(r"session|db\b", ast.unparse(node.func.value)):
            continue
        given = node.args[0] if node.args else None
        value = made.get(given.id) if isinstance(given, ast.Name) else given
        model = _model_of(value)
        if model and _is_looked_up(module, function, model, node.lineno):
            yield module.finding(
                RULE,
                node,
                f"Two calls at once both find no {model} and both add one.",
                "Let a unique index decide, and answer its IntegrityError with 409.",
            )
            return


def _model_of(value: ast.AST | None) -> str:
    """Return the class of `User(…)` or `User.model_validate(…)`."""
    if not isinstance(value, ast.Call):
        return ""
    called = value.func
    if isinstance(called, ast.Attribute) and called.attr in {"model_validate", "from_orm"}:
        called = called.value
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name if name[:1].isupper() else ""


def _is_looked_up(module: Module, function: Function, model: str, line: int) -> bool:
    """Whether the function asks for a row of the model before, and leaves when there is one."""
    for node in own_nodes(function):
        if not isinstance(node, ast.Call) or node.lineno >= line:
            continue
        text = ast.unparse(node)
        asks = re.search(rf"\b(query|select|get_by|exists)\w*\({re.escape(model)}\b", text)
        if asks is None:
            continue
        name = _name_of(module, node)
        for test in own_nodes(function):
            if isinstance(test, ast.If) and node.lineno <= test.lineno < line:
                leaves = any(isinstance(one, ast.Raise | ast.Return) for one in test.body)
                named = name is not None and re.match(
                    rf"{re.escape(name)}( is not None)?$", ast.unparse(test.test)
                )
                direct = node in list(ast.walk(test.test))
                if leaves and (named or direct):
                    return True
    return False


def _read_and_written(module: Module, function: Function) -> Iterator[Finding]:
    """Find an UPDATE with values that were read by a SELECT before and changed in Python."""
    read: dict[str, tuple[str, int]] = {}
    for call, text in sorted(_statements(module, function), key=lambda pair: pair[0].lineno):
        updated, selected = _UPDATE.match(text), _SELECT.search(text)
        if updated is not None:
            for name, (table, line) in read.items():
                if table == updated[1].strip('"') and line < call.lineno and _computes(call, name):
                    yield module.finding(
                        RULE,
                        call,
                        f"What another wrote after {name} was read is overwritten.",
                        "Compute in the UPDATE itself, or read the row for update.",
                    )
                    return
        elif selected is not None:
            name_of_row = _name_of(module, call)
            if name_of_row is not None:
                read[name_of_row] = (selected[1].strip('"'), call.lineno)


def _computes(call: ast.Call, row: str) -> bool:
    """Whether the values of a statement are computed from a row: `row["count"] + 1`."""
    for value in call.args[1:]:
        for node in ast.walk(value):
            if isinstance(node, ast.BinOp) and any(
                isinstance(one, ast.Name) and one.id == row for one in ast.walk(node)
            ):
                return True
    return False


def _counted_up(module: Module, function: Function) -> Iterator[Finding]:
    """Find `account.balance -= amount` on a row that the session loaded, before a commit."""
    text = module.lines_of(function)
    if "=" not in text or (".commit(" not in text and ".flush(" not in text):
        return
    loaded = {
        target.id
        for node in own_nodes(function)
        if isinstance(node, ast.Assign)
        and isinstance(target := node.targets[0], ast.Name)
        and re.search(
            r"\.(first|one|one_or_none|scalar_one\w*|scalar|get)\(", ast.unparse(node.value)
        )
        and re.search(r"query|select|session|db\b", ast.unparse(node.value))
    }
    for node in own_nodes(function):
        if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Attribute):
            continue
        if getattr(node.target.value, "id", "") in loaded:
            yield module.finding(
                RULE,
                node,
                f"{ast.unparse(node.target)} is computed from what was read: of two calls at once "
                "one is lost.",
                "Compute it in SQL (Model.field + 1), or load the row with_for_update().",
            )
