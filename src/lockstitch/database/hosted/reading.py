"""What a file of SQL does, by Postgres's own parser: statements, and those inside of functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lockstitch.database.hosted.dynamic import constant_text
from lockstitch.database.hosted.parser import Unreadable, parse, parse_procedure
from lockstitch.database.statements import find_text, skip_comments

# How PL/pgSQL keeps an expression that is a whole statement.
_WHOLE_STATEMENT: Final = 0
_MAX_DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a statement.

    Attributes:
        kind: Postgres's name of it, such as `CreateStmt`.
        fields: Its members, as `libpg_query` spells them.
        line: The line of the file on which its statement begins.
        schema: Where a name without a schema is looked for; empty when the file does not say.
    """

    kind: str
    fields: Mapping[str, Any]
    line: int
    schema: str = ""


def read_nodes(text: str, first_line: int = 1, depth: int = 0) -> Iterator[Node]:
    """Yield every part of every statement, of the bodies of functions too.

    A text that a function executes is read as far as it is written there; what it gets from
    elsewhere is not known.

    Raises:
        Unreadable: The text itself does not parse. Bodies that do not are left out, for Postgres
            takes a function whose body it cannot check.
    """
    raw = text.encode()
    schema, line, counted = "", first_line, 0
    for parsed in parse(text, first_line):
        start = int(parsed.get("stmt_location", 0))
        length = int(parsed.get("stmt_len", len(raw) - start))
        statement = raw[start : start + length].decode()
        begin = skip_comments(statement)
        position = start + len(statement[:begin].encode())
        line += raw.count(b"\n", counted, position)
        counted = position
        schema = _search_path(parsed["stmt"], schema)
        for kind, fields in _walk(parsed["stmt"]):
            yield Node(kind, fields, line, schema)
        if depth < _MAX_DEPTH:
            yield from _bodies(parsed["stmt"], statement[begin:], line, depth + 1)


def _walk(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the nodes of a tree: what stands under a name that begins with a capital."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name[:1].isupper() and isinstance(inner, dict):
                yield name, inner
            yield from _walk(inner)


def _search_path(statement: Mapping[str, Any], before: str) -> str:
    """Return the schema in which a file makes what it names without one."""
    setting = statement.get("VariableSetStmt", {})
    if setting.get("name") != "search_path":
        return before
    args = [constant_text(one) or "" for one in setting.get("args", ())]
    return next((name for name in args if name and name != "$user"), "")


# The bodies of functions


def _bodies(statement: Mapping[str, Any], text: str, line: int, depth: int) -> Iterator[Node]:
    function = statement.get("CreateFunctionStmt") or statement.get("DoStmt")
    if function is None:
        return
    options = {
        one["DefElem"]["defname"]: one["DefElem"]
        for one in [*function.get("options", ()), *function.get("args", ())]
    }
    if "as" not in options:
        return
    language = str(options.get("language", {}).get("arg", {}).get("String", {}).get("sval", ""))
    first = line + text.count("\n", 0, _start_of_body(text, "DoStmt" in statement))
    if language == "sql":
        body = next(iter(_strings(options["as"])), "")
        yield from _readable(body, first, depth)
    elif language in {"", "plpgsql"}:
        yield from _procedure(text, first, depth)


def _start_of_body(text: str, is_block: bool) -> int:  # noqa: FBT001 - two kinds of statement.
    """Return where the text of a body begins: the one behind `as`, or that of a `do` block."""
    if is_block:
        return find_text(text)
    function = parse(text)[0]["stmt"]["CreateFunctionStmt"]
    location = next(
        int(one["DefElem"]["location"])
        for one in function["options"]
        if one["DefElem"]["defname"] == "as"
    )
    return find_text(text, len(text.encode()[:location].decode()))


def _procedure(text: str, first: int, depth: int) -> Iterator[Node]:
    try:
        functions = parse_procedure(text)
    except Unreadable:
        return
    for query, line, is_dynamic in _expressions(functions, 1):
        at = first + line - 1
        yield from _readable(query.text, at, depth)
        if is_dynamic and (executed := _executed(query.text)):
            yield from _readable(executed, at, depth)


@dataclass(frozen=True, slots=True)
class _Query:
    """SQL of PL/pgSQL, an expression as the select that evaluates it."""

    text: str


def _expressions(value: Any, line: int, name: str = "") -> Iterator[tuple[_Query, int, bool]]:
    """Yield the SQL of a procedure with its line, and whether its value is executed in turn."""
    if isinstance(value, list):
        for item in value:
            yield from _expressions(item, line, name)
    elif isinstance(value, dict):
        at = int(value.get("lineno", line))
        expression = value.get("PLpgSQL_expr")
        if expression is not None:
            yield _query(expression), at, name in {"dynamic", "dynquery"}
            return
        for member, inner in value.items():
            dynamic = member == "query" and name in {
                "PLpgSQL_stmt_dynexecute",
                "PLpgSQL_stmt_dynfors",
            }
            yield from _expressions(inner, at, "dynamic" if dynamic else member)


def _query(expression: Mapping[str, Any]) -> _Query:
    text = str(expression.get("query", ""))
    if expression.get("parseMode", _WHOLE_STATEMENT) == _WHOLE_STATEMENT:
        return _Query(text)
    # An assignment keeps its target.
    return _Query(f"select {text.partition(':=')[2] or text}")


def _executed(query: str) -> str | None:
    try:
        tree = parse(query)
    except Unreadable:
        return None
    select = tree[0]["stmt"].get("SelectStmt", {}) if tree else {}
    targets = select.get("targetList", ())
    return constant_text(targets[0]["ResTarget"]["val"]) if targets else None


def _readable(text: str, line: int, depth: int) -> Iterator[Node]:
    try:
        yield from list(read_nodes(text, line, depth))
    except Unreadable:
        return


def _strings(value: Any) -> Iterator[str]:
    for kind, fields in _walk(value):
        if kind == "String":
            yield str(fields.get("sval", ""))
