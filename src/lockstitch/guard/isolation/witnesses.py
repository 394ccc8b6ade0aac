"""What became of the victim's things: seen in the database, or as the victim reads them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import psycopg
from psycopg import sql

from lockstitch.contract.document import Operation
from lockstitch.guard.conformance import Answer
from lockstitch.guard.isolation.differences import differing, facts_of

Snapshot = Any
Read = Callable[[], Iterator[tuple[Operation, Answer | None]]]

_TABLES: Final = """
select pg_namespace.nspname, pg_class.relname from pg_class
join pg_namespace on pg_namespace.oid = pg_class.relnamespace
where pg_class.relkind = 'r' and pg_namespace.nspname <> 'information_schema'
and pg_namespace.nspname not like 'pg\\_%'
and has_table_privilege(pg_class.oid, 'select')
order by 1, 2
"""
_ROWS: Final = """
select {}, (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t))) from {} t
"""
_SHOWN: Final = 3

# A table, and the columns of one of its rows with their values as text.
Row = tuple[str, tuple[tuple[str, str | None], ...]]


class Witness(Protocol):
    """Tells what happened to the victim between two moments."""

    def settle(self) -> None:
        """Find out what differs from one moment to the next by itself."""

    def look(self) -> Snapshot:
        """Return how things are now."""

    def changes(
        self, before: Snapshot, after: Snapshot, ids: Collection[str], strangers: Collection[str]
    ) -> list[str]:
        """Return what happened to what belongs to the victim, in words.

        Args:
            before: How things were.
            after: How they are.
            ids: What names the victim and their things.
            strangers: What names the strangers: what was theirs already, such as a session, they
                may change.
        """


@dataclass(slots=True)
class Reader:
    """Reads everything that the victim may read, as the victim does."""

    read: Read
    _unstable: dict[str, set[str]] = field(default_factory=dict)

    def look(self) -> Snapshot:
        """Return all that the victim reads."""
        return {operation.id: facts_of(answer) for operation, answer in self.read()}

    def settle(self) -> None:
        """Find out what differs from one reading to the next by itself."""
        first, second = self.look(), self.look()
        for name, facts in second.items():
            self._unstable[name] = set(differing(first.get(name, {}), facts))

    def changes(
        self,
        before: Snapshot,
        after: Snapshot,
        ids: Collection[str],  # noqa: ARG002
        strangers: Collection[str],  # noqa: ARG002
    ) -> list[str]:
        """Return which reads of the victim tell something else now."""
        changed = []
        for name, facts in after.items():
            places = differing(before.get(name, {}), facts, self._unstable.get(name, ()))
            if places:
                changed.append(f"what {name} tells the owner, at {', '.join(places[:_SHOWN])}")
        return changed


@dataclass(slots=True)
class Rows:
    """Reads every row of a database, as somebody whom no policy binds."""

    connection: psycopg.Connection[Any]
    _query: sql.Composed | None = None

    def settle(self) -> None:
        """Rows do not change by themselves."""

    def look(self) -> Snapshot:
        """Return every row of every table that can be read, as (table, row as JSON)."""
        if self._query is None:
            self._query = self._union()
        return self.connection.execute(self._query).fetchall()

    def changes(
        self, before: Snapshot, after: Snapshot, ids: Collection[str], strangers: Collection[str]
    ) -> list[str]:
        """Return which rows came, went or changed that have one of the ids in a column."""
        rows_before, rows_after = Counter(map(_row, before)), Counter(map(_row, after))
        gone, come = rows_before - rows_after, rows_after - rows_before
        own = {_name(one) for one in gone if _is_of(one, strangers)}
        words = [
            f"a row of {one[0]} {what}"
            for rows, what in ((gone, "is gone or another one"), (come, "is new"))
            for one in rows
            if _is_of(one, ids) and _name(one) not in own
        ]
        return list(dict.fromkeys(words))

    def _union(self) -> sql.Composed:
        tables = self.connection.execute(_TABLES).fetchall()
        parts = [
            sql.SQL(_ROWS).format(sql.Literal(f"{schema}.{table}"), sql.Identifier(schema, table))
            for schema, table in tables
        ]
        return sql.SQL(" union all ").join(parts)


@contextmanager
def rows_of(dsn: str) -> Iterator[Rows]:
    """Yield a witness of the rows of a database.

    Args:
        dsn: Where to log in, as a role that row-level security does not bind.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield Rows(connection)


def _row(
    record: tuple[str, dict[str, str | None]],
) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    table, columns = record
    return table, tuple(sorted(columns.items()))


def _name(row: Row) -> tuple[str, str]:
    """Return what a row is called while its columns change: its id, else all that it holds."""
    columns = dict(row[1])
    return row[0], columns.get("id") or str(row[1])


def _is_of(row: Row, ids: Collection[str]) -> bool:
    return any(value in ids for _, value in row[1])
