"""Values for a check that refused a row: likely ones are tried on the check itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, product
from os import urandom
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from lockstitch.database.attack.values import RANGES
from lockstitch.database.catalogue.data import Check, Column, Table
from lockstitch.database.catalogue.tokens import tokens

_MOST_TRIES: Final = 4000
_BYTES: Final = (32, 16, 20, 64, 1, 0)
_NUMBERS: Final = (1, 0, 2, 5, 10, 50, 100, 1000, -1)
_TIMES: Final = tuple(datetime(year, 1, 1, tzinfo=UTC) for year in (2999, 2001, 2026))
_ITEMS: Final[dict[str, list[Any]]] = {"int4": [1], "int8": [1], "float8": [1.0], "bool": [True]}
_JSON: Final = ("{}", "[]", '"mark"', "1")
_BY_TYPE: Final[dict[str, tuple[Any, ...]]] = {
    **dict.fromkeys(("timestamptz", "timestamp", "date"), _TIMES),
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float4", "float8"), _NUMBERS),
    **dict.fromkeys(("json", "jsonb"), _JSON),
    **dict.fromkeys(RANGES, ("(,)",)),
    "bool": (True, False),
}
_TEXTS: Final = ("a", "abc", "https://example.com/mark", "0" * 64, "2026-01-01", "en", "#336699")


def repair(
    connection: psycopg.Connection[DictRow],
    table: Table,
    values: dict[str, Any],
    refused_by: str | None,
    fixed: frozenset[str],
) -> dict[str, Any] | None:
    """Return the values with others for the columns that a check speaks of, so that it holds.

    Args:
        connection: Where the check is evaluated.
        table: The table.
        values: The row that was refused; what it lacks has its default.
        refused_by: The name of the check.
        fixed: The columns that say whose the row is; they stay.
    """
    check = next((check for check in table.checks if check.name == refused_by), None)
    if check is None:
        return None
    spoken_of = _words(check) - fixed
    # What satisfies one check must not break another one on the same columns.
    others = [one for one in table.checks if one is not check and _words(one) & spoken_of]
    together = _search(connection, table, values, [check, *others], fixed)
    return together or _search(connection, table, values, [check], fixed)


def _search(
    connection: psycopg.Connection[DictRow],
    table: Table,
    values: dict[str, Any],
    checks: list[Check],
    fixed: frozenset[str],
) -> dict[str, Any] | None:
    words = set[str]().union(*map(_words, checks))
    involved = [one for one in table.columns if one.name in words and not one.always]
    free = [column for column in involved if column.name not in fixed]
    likely = [list(_candidates(column, checks, values)) for column in free]
    for chosen in islice(product(*likely), _MOST_TRIES):
        attempt = {**values, **dict(zip([one.name for one in free], chosen, strict=True))}
        if _hold(connection, checks, involved, attempt):
            return attempt
    return None


def _words(check: Check) -> set[str]:
    return {token.value for token in tokens(check.expression) if token.kind == "word"}


def _hold(
    connection: psycopg.Connection[DictRow],
    checks: list[Check],
    involved: list[Column],
    values: dict[str, Any],
) -> bool:
    columns = sql.SQL(", ").join(
        sql.SQL("{}::{} as {}").format(
            sql.Placeholder(column.name), sql.SQL(_type(column)), sql.Identifier(column.name)
        )
        for column in involved
    )
    conditions = sql.SQL(" and ").join(
        sql.SQL("({}) is not false").format(sql.SQL(check.expression.replace("%", "%%")))
        for check in checks
    )
    query = sql.SQL("select {} as holds from (select {}) as row").format(conditions, columns)
    given = {column.name: values.get(column.name) for column in involved}
    try:
        with connection.transaction():
            row = connection.execute(query, given).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row["holds"])


def _type(column: Column) -> str:
    return f"{column.type.name}[]" if column.type.array else column.type.name


def _candidates(column: Column, checks: list[Check], values: dict[str, Any]) -> Iterator[Any]:
    """Yield likely values: what stands there, words of the checks, and usual ones of the type."""
    kind = column.type.name
    found = [token for check in checks for token in tokens(check.expression)]
    said = [token.value for token in found if token.kind == "text"]
    if column.name in values:
        yield values[column.name]
    if column.type.array:
        yield from ([], said[:1] or _ITEMS.get(kind, ["mark"]))
    elif kind in _BY_TYPE:
        yield from _BY_TYPE[kind]
    elif kind == "bytea":
        yield from map(urandom, _BYTES)
    elif kind == "uuid":
        yield uuid4()
    else:
        yield from _texts(said, column, values)
    if column.nullable:
        yield None


def _texts(said: list[str], column: Column, values: dict[str, Any]) -> Iterator[str]:
    own = values.get(column.name)
    mark = own if isinstance(own, str) else "mark"
    yield from (mark.lower(), mark.upper(), f"{mark}@example.com", uuid4().hex * 2)
    for word in said:
        filled = word.replace("%", mark).replace("_", "x")
        yield from (word, filled)
        # A check such as `path like organisation_id || '/%'`.
        for name, value in values.items():
            if name != column.name and value is not None:
                yield f"{value}{filled}"
    yield from _TEXTS
