"""A value for every column: of its type, within its checks, and telling whose it is."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lockstitch.database.catalogue.checks import limits_of
from lockstitch.database.catalogue.data import Column, Table
from lockstitch.database.catalogue.limits import Limits

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_LEAST_MARK = 8

_BY_TYPE: dict[str, Any] = {
    "bool": True,
    "bytea": b"mark",
    "cidr": "192.0.2.0/24",
    "date": _NOW.date(),
    "inet": "192.0.2.1",
    "interval": "1 hour",
    "macaddr": "00:00:5e:00:53:01",
    "time": "12:00",
    "timestamp": _NOW.replace(tzinfo=None),
    "timestamptz": _NOW,
    "timetz": "12:00+00",
    "xml": "<mark/>",
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
        return _number(limits)
    if kind in {"text", "varchar", "bpchar", "citext", "name"}:
        return _text(column, limits, mark)
    return _BY_TYPE.get(kind, mark)


def _array(kind: str, limits: Limits, mark: str) -> str:
    """Return an array in the spelling of Postgres, with as few items as are allowed."""
    item = limits.values[0] if limits.values else "1" if kind in _NUMBERS else mark
    quoted = json.dumps(item, ensure_ascii=False)
    return "{" + ",".join([quoted] * (limits.minimum_count or 0)) + "}"


def _number(limits: Limits) -> int:
    low = limits.minimum
    if low is not None and low >= 1:
        return int(low) + limits.above
    if limits.maximum is not None and limits.maximum < 1:
        return int(limits.maximum) - limits.below
    return 1


def _text(column: Column, limits: Limits, mark: str) -> str:
    if "email" in column.name:
        mark = f"{mark}@example.com"
    longest = limits.maximum_length
    if longest is not None and longest < len(mark):
        # What is too short to be told apart need not be: keys are.
        return mark.replace("-", "")[-longest:] if longest >= _LEAST_MARK else mark[-longest:]
    return mark.ljust(limits.minimum_length or 0, "x")
