"""The connection on which an attack is played: acting as somebody, watching what happens."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Outcome
from lockstitch.database.attack.tenancy import Tenancy
from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.data import Catalogue, Table

Connection = psycopg.Connection[DictRow]
Rows = frozenset[str]

_LIMITS: Final = "set local lock_timeout = '1s'; set local statement_timeout = '5s'"
_BECOME: Final = (
    "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true), "
    "set_config('realtime.topic', %s, true)"
)
_KIND: Final = "select relkind::text as kind from pg_class where oid = %s::regclass"
_UNBOUND: Final = (
    "select rolsuper or rolbypassrls as unbound from pg_roles where rolname = current_user"
)


class Stage:
    """Runs statements as an actor, and tells what became of the victim's rows.

    Everything happens inside savepoints of one transaction that is never committed.
    """

    def __init__(self, connection: Connection, tenancy: Tenancy) -> None:
        self.connection = connection
        self.tenancy = tenancy
        self.statements = 0
        self._claims = sorted(_claims(tenancy.catalogue))
        connection.execute(_LIMITS)

    @property
    def is_unbound(self) -> bool:
        """Whether no policy binds the role that the connection logs in as."""
        row = self.connection.execute(_UNBOUND).fetchone()
        return bool(row and row["unbound"])

    @contextmanager
    def scene(self) -> Iterator[None]:
        """Take back whatever happens in the block."""
        with self.connection.transaction(force_rollback=True):
            yield

    def become(self, actor: Actor, topic: str = "") -> None:
        """Act as somebody until the end of the scene."""
        self.connection.execute(_BECOME, [actor.role, actor.claims(self._claims), topic])

    def be_oneself(self) -> None:
        """Act as the role that the connection logs in as."""
        self.connection.execute("select set_config('role', 'none', true)")

    def reads(
        self,
        actor: Actor,
        query: sql.SQL | sql.Composed,
        values: Mapping[str, Any] | None = None,
        **at: str,
    ) -> tuple[Outcome, list[DictRow]]:
        """Return what an actor is answered."""
        self.statements += 1
        with self.scene():
            try:
                self.become(actor, **at)
                rows = self.connection.execute(query, _bound(values or {})).fetchall()
            except psycopg.Error as error:
                return _outcome(error), []
        return ("reached" if rows else "nothing"), rows

    def writes(
        self,
        actor: Actor,
        statement: sql.SQL | sql.Composed,
        values: Mapping[str, Any],
        watched: "Watch",
        **at: str,
    ) -> Outcome:
        """Return whether a statement of an actor changed what is watched."""
        self.statements += 1
        with self.scene():
            watched.prepare()
            before = watched.look()
            try:
                self.become(actor, **at)
                self.connection.execute(statement, _bound(values))
                self.be_oneself()
                # What is refused at the end of a transaction is refused.
                self.connection.execute("set constraints all immediate")
            except psycopg.Error as error:
                return _outcome(error)
            return "nothing" if watched.look() == before else "reached"

    def refresh(self, view: Table) -> None:
        """Let a materialized view hold what its tables hold now."""
        kind = self.connection.execute(_KIND, [statements.relation(view).as_string()]).fetchone()
        if kind and kind["kind"] == "m":
            refresh = sql.SQL("refresh materialized view {}").format(statements.relation(view))
            with suppress(psycopg.Error), self.connection.transaction():
                self.connection.execute(refresh)

    def remove_dependents(self, side: Side, table: Table) -> None:
        """Remove a side's rows that refer to its row in a table; members stay members."""
        self._remove_dependents(side, table, {table.qualified})

    def _remove_dependents(self, side: Side, table: Table, seen: set[str]) -> None:
        membership = self.tenancy.membership
        for child in self.tenancy.catalogue.tables:
            refers = any(key.table == table.qualified for key in child.foreign_keys)
            kept = membership is not None and child == membership.table
            if refers and not kept and child.qualified not in seen:
                self._remove_dependents(side, child, seen | {child.qualified})
                self.remove_row(side, child)

    def remove_row(self, side: Side, table: Table) -> None:
        """Remove the row of a side in a table, unless something still refers to it."""
        row, key = side.rows.get(table.qualified), primary_key(table)
        if row is None or not key:
            return
        values = {name: row[name] for name in key}
        with suppress(psycopg.Error), self.connection.transaction():
            self.connection.execute(statements.delete(table, key), values)


class Watch:
    """Looks at rows: those of a victim in some tables.

    Args:
        stage: Where the statements are tried.
        side: Whose rows are watched.
        tables: The tables to look at.
        cleared: Rows, by side and table, to which nothing else may refer: a foreign key would
            refuse what the policies let through.
        besides: A person whose own rows are not looked at: one may leave, or take back a word.
    """

    def __init__(
        self,
        stage: Stage,
        side: Side,
        tables: Iterable[Table],
        cleared: Iterable[tuple[Side, Table]] = (),
        besides: UUID | None = None,
    ) -> None:
        self._stage = stage
        self._side = side
        self._tables = [table for table in tables if table.kind == "table"]
        self._cleared = list(cleared)
        self._besides = besides

    def prepare(self) -> None:
        """Remove what refers to the rows that are to be changed."""
        for side, table in self._cleared:
            self._stage.remove_dependents(side, table)

    def look(self) -> dict[str, Rows]:
        """Return the key and the place on the page of each row; a change moves the row."""
        return {table.qualified: self._rows(table) for table in self._tables}

    def _rows(self, table: Table) -> Rows:
        conditions, values = belonging(self._stage.tenancy, self._side, table)
        if not conditions:
            return frozenset()
        query = sql.SQL("select tableoid::text || ctid::text as place from {} where ({}){}").format(
            statements.relation(table),
            sql.SQL(" or ").join(
                sql.SQL("({})").format(
                    sql.SQL(" and ").join(
                        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(key))
                        for name, key in condition.items()
                    )
                )
                for condition in conditions
            ),
            self._not_own(table),
        )
        found = self._stage.connection.execute(query, values).fetchall()
        return frozenset(row["place"] for row in found)

    def _not_own(self, table: Table) -> sql.Composed:
        if self._besides is None:
            return sql.Composed([])
        return sql.Composed(
            [
                sql.SQL(" and {} is distinct from {}").format(
                    sql.Identifier(column), sql.Literal(self._besides)
                )
                for column in self._stage.tenancy.person_columns(table)
            ]
        )


class WatchWithRoom(Watch):
    """Watches one table whose own row of the victim is first taken away, to make room for keys."""

    def __init__(self, stage: Stage, side: Side, table: Table) -> None:
        super().__init__(stage, side, [table], [(side, table)])
        self._table = table

    def prepare(self) -> None:
        """Remove the victim's row and what refers to it."""
        super().prepare()
        self._stage.remove_row(self._side, self._table)


def belonging(
    tenancy: Tenancy, side: Side, table: Table
) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Return what tells the rows of a side in a table, and the values for it.

    Each condition maps columns to the names of values; a row belongs when one of them holds: it
    says so in its column, it refers to a row that does, or it is the row that was made.
    """
    conditions: list[dict[str, str]] = []
    values: dict[str, Any] = {}

    def add(pairs: Mapping[str, Any]) -> None:
        number = len(conditions)
        named = {name: f"{name}_{number}" for name in pairs}
        conditions.append(named)
        values.update({key: pairs[name] for name, key in named.items()})

    tenant_columns = tenancy.tenant_columns(table)
    if side.tenant is not None:
        for column in tenant_columns:
            add({column: next(iter(side.tenant.values()))})
    if not tenant_columns:
        for column in tenancy.person_columns(table):
            add({column: side.people["owner"]})
    for key in table.foreign_keys:
        parent = side.rows.get(key.table)
        if parent is not None and tenancy.kinds.get(key.table) != "shared":
            add(dict(zip(key.columns, [parent[name] for name in key.referenced], strict=True)))
    row, primary = side.rows.get(table.qualified), primary_key(table)
    if row is not None and primary:
        add({name: row[name] for name in primary})
    return conditions, values


def primary_key(table: Table) -> tuple[str, ...]:
    """Return the columns of a table's primary key."""
    return next((key.columns for key in table.keys if key.primary), ())


def _claims(catalogue: Catalogue) -> set[str]:
    return {
        claim
        for table in catalogue.tables
        for policy in table.policies
        for claim in claims_of_policy(catalogue, policy).of_token
    }


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()
    }


def _outcome(error: psycopg.Error) -> Outcome:
    late = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)
    return "undecided" if isinstance(error, late) else "refused"
