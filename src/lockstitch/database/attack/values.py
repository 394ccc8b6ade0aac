"""A value for every column: of its type, within its checks, and telling whose it is."""

import json
from datetime import UTC, datetime
from secrets import randbelow
from typing import Any
from uuid import uuid4

from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.data import Column, Table
from lockstitch.database.catalogue.limits import Limits

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_LEAST_MARK = 8
# Room for keys that are numbers, within the smallest integer type.
_SPREAD = 30_000
RANGES = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")

_BY_TYPE: dict[str, Any] = {
    "bool": True,
    "bit": "1",
    "box": "(1,1),(0,0)",
    "bytea": b"mark",
    "cidr": "192.0.2.0/24",
    "circle": "<(0,0),1>",
    "date": _NOW.date(),
    "inet": "192.0.2.1",
    "interval": "1 hour",
    "line": "{1,-1,0}",
    "lseg": "((0,0),(1,1))",
    "macaddr": "00:00:5e:00:53:01",
    "macaddr8": "00:00:5e:ff:fe:00:53:01",
    "path": "((0,0),(1,1))",
    "pg_lsn": "0/1",
    "point": "(0,0)",
    "polygon": "((0,0),(1,1))",
    "time": "12:00",
    "timestamp": _NOW.replace(tzinfo=None),
    "timestamptz": _NOW,
    "timetz": "12:00+00",
    "varbit": "1",
    "xml": "<mark/>",
    # Empty ranges overlap with nothing, so that exclusion constraints take both sides' rows.
    **dict.fromkeys(RANGES, "empty"),
    **dict.fromkeys((name.replace("range", "multirange") for name in RANGES), "{}"),
}
_NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "money"})
_JSON = {"object": {}, "array": [], "string": "mark", "number": 1, "boolean": True}


def value_for(table: Table, column: Column, mark: str) -> Any:
    """Return a value that the column takes, as far as its checks are understood.

    Args:
        table: The column's table.
        column: The column, which refers to no other table.
        mark: A text that stands in the value where there is room for it.
    """
    limits = limits_of(table, column)
    kind = column.type.name
    if column.type.array:
        return _array(kind, limits, mark)
    if limits.values:
        return limits.values[0]
    if kind in {"uuid", "json", "jsonb"}:
        return uuid4() if kind == "uuid" else json.dumps(_JSON[limits.json or "object"])
    if kind in _NUMBERS:
        unique = any(column.name in key.columns for key in table.keys)
        return _number(limits, spread=_SPREAD if unique else 1)
    if kind in {"text", "varchar", "bpchar", "citext", "name"}:
        return _text(column, limits, mark)
    return _BY_TYPE.get(kind, mark)


def _array(kind: str, limits: Limits, mark: str) -> str:
    """Return an array in the spelling of Postgres, with as few items as are allowed."""
    item = limits.values[0] if limits.values else "1" if kind in _NUMBERS else mark
    quoted = json.dumps(item, ensure_ascii=False)
    return "{" + ",".join([quoted] * (limits.minimum_count or 0)) + "}"


def _number(limits: Limits, spread: int) -> int:
    """Return a number within limits: one of many where two rows may not have the same."""
    low, high = limits.minimum, limits.maximum
    if high is not None and high < 1:
        return int(high) - limits.below
    least = int(low) + limits.above if low is not None and low >= 1 else 1
    room = spread if high is None else min(spread, int(high) - least)
    return least + randbelow(max(room, 1))


def _text(column: Column, limits: Limits, mark: str) -> str:
    if "email" in column.name:
        mark = f"{mark}@example.com"
    longest = limits.maximum_length
    if longest is not None and longest < len(mark):
        # What is too short to be told apart need not be: keys are.
        return mark.replace("-", "")[-longest:] if longest >= _LEAST_MARK else mark[-longest:]
    return mark.ljust(limits.minimum_length or 0, "x")
