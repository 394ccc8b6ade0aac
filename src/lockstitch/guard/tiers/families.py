"""Which values of the wire a column of each type can hold."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Enumeration,
    Nothing,
    Number,
    Object,
    Schema,
    Text,
)
from lockstitch.database.catalogue.data import ColumnType

Family = Literal[
    "text",
    "integer",
    "float",
    "decimal",
    "boolean",
    "uuid",
    "timestamptz",
    "timestamp",
    "date",
    "time",
    "duration",
    "bytes",
    "json",
]

_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name"), "text"),
    **dict.fromkeys(("int2", "int4", "int8"), "integer"),
    **dict.fromkeys(("float4", "float8"), "float"),
    **dict.fromkeys(("time", "timetz"), "time"),
    **dict.fromkeys(("json", "jsonb"), "json"),
    "numeric": "decimal",
    "bool": "boolean",
    "uuid": "uuid",
    "timestamptz": "timestamptz",
    "timestamp": "timestamp",
    "date": "date",
    "interval": "duration",
    "bytea": "bytes",
}

# The formats of texts that stand for each family; None is a text of any form.
_FORMATS: dict[Family, frozenset[str]] = {
    "uuid": frozenset({"uuid"}),
    "timestamptz": frozenset({"date-time"}),
    "timestamp": frozenset({"date-time"}),
    "date": frozenset({"date"}),
    "time": frozenset({"time"}),
    "duration": frozenset({"duration"}),
    "bytes": frozenset({"binary", "byte", "base64", "base64url"}),
    "integer": frozenset({"int64"}),
    "decimal": frozenset({"decimal"}),
}
_OTHER_TYPES = frozenset().union(*_FORMATS.values())

# How a value fits: as itself, as a text that has lost its type, with loss, or not at all.
Fit = Literal["same", "plain", "lossy", "none"]
_BEST: tuple[Fit, ...] = ("same", "plain", "lossy", "none")


def family_of(kind: ColumnType) -> Family | None:
    """Return the family of a column's type, or of its items; None for a type of an extension."""
    return "text" if kind.values is not None else _FAMILIES.get(kind.name)


def fit(kind: ColumnType, schemas: tuple[Schema, ...], python: frozenset[object]) -> Fit:
    """Return how well the values of a field fit into a column, by the best of its schemas."""
    family = family_of(kind)
    if family is None or not schemas:
        return "same"
    if kind.array:
        return _best(_fit_array(family, schema) for schema in schemas)
    if family == "decimal" and Decimal in python:
        # A Decimal may come as a number, and always leaves as a text.
        return "same"
    return _best(_fit(family, schema) for schema in schemas)


def _best(found: Iterable[Fit]) -> Fit:
    fits = set(found)
    return next(one for one in _BEST if one in fits)


def _fit_array(family: Family, schema: Schema) -> Fit:
    if isinstance(schema, Anything):
        return "same"
    if not isinstance(schema, Array):
        return "none"
    return "same" if _fit(family, schema.items) in {"same", "plain"} else "none"


def _fit(family: Family, schema: Schema) -> Fit:
    if isinstance(schema, Enumeration):
        return _best(_fit_constant(family, value) for value in schema.values)
    if isinstance(schema, Number):
        return _fit_number(family, integer=schema.integer)
    if isinstance(schema, Text):
        return _fit_text(family, schema)
    fits = {
        Boolean: family in {"boolean", "json"},
        Array: family == "json",
        Object: family == "json",
        Nothing: False,
    }
    return "same" if fits.get(type(schema), True) else "none"


def _fit_constant(family: Family, value: object) -> Fit:
    if isinstance(value, bool):
        return _fit(family, Boolean())
    if isinstance(value, str):
        return _fit(family, Text())
    return _fit(family, Number(integer=isinstance(value, int)))


def _fit_number(family: Family, *, integer: bool) -> Fit:
    if family in {"json", "float"}:
        return "same"
    if family == "integer":
        return "same" if integer else "lossy"
    if family == "decimal":
        return "same" if integer else "lossy"
    return "none"


def _fit_text(family: Family, schema: Text) -> Fit:
    if family == "json":
        return "none"
    if family == "text":
        return "none" if schema.format in _OTHER_TYPES else "same"
    if schema.format in _FORMATS.get(family, ()):
        return "same"
    if schema.format is not None or family in {"float", "boolean"}:
        return "none"
    return "plain"
