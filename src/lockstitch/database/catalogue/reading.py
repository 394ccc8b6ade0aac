"""Reading the catalogue of a running server."""

from collections import defaultdict
from typing import Any, LiteralString

import psycopg
from psycopg.rows import DictRow, dict_row

from lockstitch.database.catalogue import queries
from lockstitch.database.catalogue.data import (
    Catalogue,
    Check,
    Column,
    ColumnType,
    ForeignKey,
    Function,
    Grant,
    Key,
    Policy,
    Table,
)
from lockstitch.database.connection_string import read_dsn
from lockstitch.errors import DatabaseUnavailable

# What Postgres adds to the length of varchar(n) and to the packed precision of numeric(p, s).
_MODIFIER_OFFSET = 4
_SCALE_BITS = 11

Rows = dict[int, list[DictRow]]


def read_catalogue(dsn: str) -> Catalogue:
    """Return what the database of a connection string consists of.

    Any role may ask: Postgres shows its catalogue to everybody.

    Raises:
        ConfigurationError: The connection string is none.
        DatabaseUnavailable: The database cannot be reached.
    """
    read_dsn(dsn)
    try:
        with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10) as connection:
            return read_connection(connection)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached to read its catalogue: {str(error).strip()}. "
            "Check that it runs and that its connection string is right."
        ) from error


def read_connection(connection: psycopg.Connection[Any]) -> Catalogue:
    """Return the catalogue as this connection sees it, uncommitted changes included."""
    with connection.cursor(row_factory=dict_row) as cursor:

        def rows(query: LiteralString) -> list[DictRow]:
            return cursor.execute(query).fetchall()

        # With a search path that is empty, Postgres prints every name with its schema.
        path = rows("select current_setting('search_path') as path")[0]["path"]
        cursor.execute("select set_config('search_path', '', false)")
        try:
            return _catalogue(rows)
        finally:
            cursor.execute("select set_config('search_path', %s, false)", [path])


def _catalogue(rows: Any) -> Catalogue:
    columns, constraints = _by_table(rows(queries.COLUMNS)), _by_table(rows(queries.CONSTRAINTS))
    policies, grants = _by_table(rows(queries.POLICIES)), _by_table(rows(queries.GRANTS))
    roles = rows(queries.ROLES)
    return Catalogue(
        version=next(iter(rows(queries.VERSION)[0].values())),
        tables=tuple(
            _table(row, columns, constraints, policies, grants) for row in rows(queries.TABLES)
        ),
        functions=tuple(Function(**row) for row in rows(queries.FUNCTIONS)),
        roles=tuple(row["name"] for row in roles),
        unbound_roles=tuple(row["name"] for row in roles if row["unbound"]),
    )


def _by_table(rows: list[DictRow]) -> Rows:
    grouped: Rows = defaultdict(list)
    for row in rows:
        grouped[row.pop("table_id")].append(row)
    return grouped


def _table(row: DictRow, columns: Rows, constraints: Rows, policies: Rows, grants: Rows) -> Table:
    identity = row.pop("id")
    rules = constraints[identity]
    domain_checks = [
        Check(name=f"domain of {column['name']}", expression=text.removeprefix("CHECK "))
        for column in columns[identity]
        for text in column["domain_checks"] or ()
    ]
    return Table(
        **row,
        columns=tuple(_column(column) for column in columns[identity]),
        checks=(
            *(Check(name=one["name"], expression=one["expression"]) for one in _of(rules, "c")),
            *domain_checks,
        ),
        keys=tuple(
            Key(name=one["name"], primary=one["kind"] == "p", columns=one["columns"])
            for one in _of(rules, "pu")
        ),
        foreign_keys=tuple(
            ForeignKey(**{name: one[name] for name in ForeignKey.model_fields})
            for one in _of(rules, "f")
        ),
        policies=tuple(Policy(**one) for one in policies[identity]),
        grants=tuple(Grant(**one) for one in grants[identity]),
    )


def _of(rules: list[DictRow], kinds: str) -> list[DictRow]:
    return [rule for rule in rules if rule["kind"] in kinds]


def _column(row: DictRow) -> Column:
    name, modifier = row["type_name"], row["modifier"]
    length = precision = scale = None
    if modifier >= _MODIFIER_OFFSET and name in {"varchar", "bpchar"}:
        length = modifier - _MODIFIER_OFFSET
    if modifier >= _MODIFIER_OFFSET and name == "numeric":
        precision = (modifier - _MODIFIER_OFFSET) >> 16
        scale = (modifier - _MODIFIER_OFFSET) & ((1 << _SCALE_BITS) - 1)
    kept = ("name", "nullable", "default", "identity", "generated", "always", "triggered")
    return Column(
        **{field: row[field] for field in kept},
        type=ColumnType(
            name=name,
            length=length,
            precision=precision,
            scale=scale,
            values=row["values"],
            array=row["array"],
        ),
    )
