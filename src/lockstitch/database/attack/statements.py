"""The statements of an attack: names quoted, values bound."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import sql

from lockstitch.database.catalogue.data import Table

Values = Mapping[str, Any]


def relation(table: Table) -> sql.Identifier:
    """Return the name of a table or view."""
    return sql.Identifier(table.namespace, table.name)


def insert(table: Table, values: Values, ending: sql.Composable | None = None) -> sql.Composed:
    """Return an insert of one row; the values are bound by their column's name."""
    if not values:
        begin = sql.SQL("insert into {} default values").format(relation(table))
    else:
        begin = sql.SQL("insert into {} ({}) overriding system value values ({})").format(
            relation(table), _names(values), sql.SQL(", ").join(map(sql.Placeholder, values))
        )
    return begin + (ending or sql.SQL(""))


def update(table: Table, column: str, where: Iterable[str] = ()) -> sql.Composed:
    """Return an update of one column to `value`, of all rows or of those `where` columns match."""
    begin = sql.SQL("update {} set {} = {}").format(
        relation(table), sql.Identifier(column), sql.Placeholder("value")
    )
    return begin + _where(where)


def delete(table: Table, where: Iterable[str] = ()) -> sql.Composed:
    """Return a delete of all rows, or of those `where` columns match."""
    return sql.SQL("delete from {}").format(relation(table)) + _where(where)


def select(table: Table, columns: Iterable[str], where: Iterable[str] = ()) -> sql.Composed:
    """Return a select of columns."""
    return sql.SQL("select {} from {}").format(_names(columns), relation(table)) + _where(where)


def on_conflict(keys: Iterable[str], column: str) -> sql.Composed:
    """Return the ending of an insert that takes over the row which has the key already."""
    return sql.SQL(" on conflict ({}) do update set {} = excluded.{}").format(
        _names(keys), sql.Identifier(column), sql.Identifier(column)
    )


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _where(columns: Iterable[str]) -> sql.Composed:
    conditions = [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column))
        for column in columns
    ]
    if not conditions:
        return sql.Composed([])
    return sql.SQL(" where ") + sql.SQL(" and ").join(conditions)
