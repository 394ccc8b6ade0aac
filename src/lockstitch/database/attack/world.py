"""Two organisations with people, and a row in every table, made through its foreign keys."""

from contextlib import suppress
from os import urandom
from secrets import randbelow
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Side
from lockstitch.database.attack.repair import repair
from lockstitch.database.attack.tenancy import PEOPLE, Membership, Tenancy
from lockstitch.database.attack.values import value_for
from lockstitch.database.catalogue.data import Column, ForeignKey, Table

Connection = psycopg.Connection[DictRow]

_EXPIRY_WORDS: Final = ("expires", "valid_until", "ends_at", "ended_at", "revoked_at")
_LONG_AGO: Final = "2001-01-01T00:00:00Z"


class NotFilled(Exception):
    """No row could be made in a table; the message is Postgres' reason."""


class World:
    """Makes rows on a connection that no policy binds, inside its transaction."""

    def __init__(self, connection: Connection, tenancy: Tenancy) -> None:
        self._connection = connection
        self._tenancy = tenancy
        # What checks have taught, by table and column: the next rows are drafted with it.
        self._repairs: dict[str, dict[str, Any]] = {}

    def found(self, mark: str) -> Side:
        """Make an organisation and its people: an owner, a member, a viewer and a former member.

        Raises:
            NotFilled: The database takes no people, or no organisation.
        """
        side = Side(
            mark, {name: self._person() for name in ("owner", "member", "viewer", "former")}
        )
        side.tenant = self._tenant(side)
        membership = self._tenancy.membership
        if membership is None:
            return side
        for name, role in {
            "owner": membership.strongest,
            "member": membership.ordinary,
            "viewer": membership.weakest or membership.ordinary,
        }.items():
            self._join(side, membership, side.people[name], role)
        self._let_expire(side, membership)
        return side

    def _tenant(self, side: Side) -> dict[str, Any] | None:
        """Return the key of a new tenant; of one that has no row, where tokens alone tell it."""
        tenants, column = self._tenancy.tenants, self._tenancy.claimed
        if tenants is not None:
            row = self.row(side, tenants)
            refers = (
                key.referenced
                for table in self._tenancy.catalogue.tables
                for key in table.foreign_keys
                if key.table == tenants.qualified and len(key.columns) == 1
            )
            (name,) = next(refers)
            return {name: row[name]}
        for table in self._tenancy.relations if column else ():
            found = table.column(column or "")
            if table.kind == "table" and found is not None:
                number = found.type.name in {"int2", "int4", "int8"}
                value = randbelow(30_000) + 1 if number else uuid4()
                return {found.name: str(value) if found.type.name == "text" else value}
        return None

    def person(self) -> UUID:
        """Make a person who belongs to no organisation."""
        return self._person()

    def row(self, side: Side, table: Table, stack: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the row that a side has in a table, made now if there is none yet.

        Raises:
            NotFilled: Postgres refuses every row that the columns and checks suggest.
        """
        known = side.rows.get(table.qualified)
        if known is not None:
            return known
        stack = (*stack, table.qualified)
        reason = ""
        for everything in (True, False):
            values = self.draft(side, table, stack, everything=everything)
            try:
                made = self._insert(table, values)
            except psycopg.errors.UniqueViolation as error:
                # A trigger may have made the row, as many do for each new person.
                found = self._find(side, table)
                if found is None:
                    reason = _reason(error)
                    continue
                made = found
            except psycopg.Error as error:
                reason = _reason(error)
                continue
            side.rows[table.qualified] = made
            return made
        raise NotFilled(reason)

    def draft(
        self, side: Side, table: Table, stack: tuple[str, ...] = (), *, everything: bool = True
    ) -> dict[str, Any]:
        """Return what a new row of a side would hold, without keys that fill themselves.

        Args:
            side: Whose row it is.
            table: Where it goes.
            stack: The tables whose rows are being made, which this one waits for.
            everything: Whether columns that may stay empty are filled, too.
        """
        values = self._own_columns(side, table)
        for key in table.foreign_keys:
            if not values.keys() >= set(key.columns):
                values |= self._referring(side, table, key, stack)
        for column in table.columns:
            if column.name not in values and self._is_filled(column, everything=everything):
                values[column.name] = value_for(table, column, side.mark)
        return self._with_repairs(table, values)

    def _with_repairs(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """Return a draft in which each value that a check refused once has its better kind.

        A text keeps what tells one row from another, so it is repaired anew for each of them.
        """
        known = self._repairs.get(table.qualified)
        if known is None:
            return values
        values = {**values, **{name: _anew(value) for name, value in known.items()}}
        for check in table.checks:
            repaired = self._repaired(table, values, check.name)
            values = repaired if repaired is not None else values
        return values

    # People and members

    def _person(self) -> UUID:
        person = uuid4()
        table = self._tenancy.catalogue.table(PEOPLE)
        if table is None:
            raise NotFilled(f"The database has no table {PEOPLE}.")
        known = {
            "id": person,
            "email": f"{person}@example.com",
            "aud": "authenticated",
            "role": "authenticated",
        }
        values = {name: value for name, value in known.items() if table.column(name) is not None}
        try:
            self._insert(table, values)
        except psycopg.Error as error:
            raise NotFilled(f"{PEOPLE} takes nobody: {_reason(error)}") from None
        self._introduce(person)
        return person

    def _introduce(self, person: UUID) -> None:
        """Make the rows that each person has one of, to which other tables refer."""
        membership = self._tenancy.membership
        for profile in self._tenancy.profiles:
            if membership is None or membership.table != profile:
                with suppress(NotFilled):
                    self.row(Side(f"lockstitch-{person.hex[:6]}", {"owner": person}), profile)

    def _join(self, side: Side, membership: Membership, person: UUID, role: str | None) -> None:
        table = membership.table
        key = {membership.tenant_column: _only(side.tenant), membership.person_column: person}
        values = {**self.draft(side, table), **key}
        if membership.role_column is not None:
            values[membership.role_column] = role
        # A trigger may have made the founder a member already.
        self._connection.execute(statements.delete(table, key), key)
        try:
            made = self._insert(table, values)
        except psycopg.Error as error:
            raise NotFilled(f"{table.qualified}: {_reason(error)}") from None
        side.rows.setdefault(table.qualified, made)

    def _let_expire(self, side: Side, membership: Membership) -> None:
        """Make the former member one whose membership has expired, where there is such a thing."""
        for column in membership.table.columns:
            if any(word in column.name for word in _EXPIRY_WORDS):
                kept = dict(side.rows)
                self._join(side, membership, side.people["former"], membership.strongest)
                side.rows = kept
                where = (membership.tenant_column, membership.person_column)
                values = {
                    "value": _LONG_AGO,
                    where[0]: _only(side.tenant),
                    where[1]: side.people["former"],
                }
                self._connection.execute(
                    statements.update(membership.table, column.name, where), values
                )
                return

    # Rows

    def _own_columns(self, side: Side, table: Table) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if side.tenant is not None:
            values |= dict.fromkeys(self._tenancy.tenant_columns(table), _only(side.tenant))
        values |= dict.fromkeys(self._tenancy.person_columns(table), side.people["owner"])
        membership = self._tenancy.membership
        if membership and membership.table.qualified == table.qualified and membership.role_column:
            values[membership.role_column] = membership.strongest
        return values

    def _referring(
        self, side: Side, table: Table, key: ForeignKey, stack: tuple[str, ...]
    ) -> dict[str, Any]:
        columns = [table.column(name) for name in key.columns]
        target = self._tenancy.catalogue.table(key.table)
        if target is None or key.table in stack:
            nullable = all(column is not None and column.nullable for column in columns)
            return dict.fromkeys(key.columns) if nullable else {}
        try:
            parent = self.row(side, target, stack)
        except NotFilled:
            return {}
        return dict(zip(key.columns, [parent[name] for name in key.referenced], strict=True))

    def _find(self, side: Side, table: Table) -> dict[str, Any] | None:
        own = self._own_columns(side, table)
        if not own:
            return None
        return self._connection.execute(
            statements.select(table, [column.name for column in table.columns], own), own
        ).fetchone()

    @staticmethod
    def _is_filled(column: Column, *, everything: bool) -> bool:
        if column.generated or column.identity or column.default is not None:
            return False
        return everything or not column.nullable

    def _insert(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """Insert a row, with other values where a check refuses what was thought of.

        Raises:
            psycopg.Error: No values that were tried make a row.
        """
        for _ in range(len(table.checks) + 1):
            try:
                return self._insert_once(table, values)
            except psycopg.errors.CheckViolation as error:
                refused_by = error.diag.constraint_name
                repaired = self._repaired(table, values, refused_by)
                if repaired is None or repaired == values:
                    raise
                values = repaired
        return self._insert_once(table, values)

    def _insert_once(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        with self._connection.transaction():
            ending = sql.SQL(" returning *")
            answer = self._connection.execute(statements.insert(table, values, ending), values)
            made = answer.fetchone()
        if made is None:
            raise psycopg.DataError("a trigger or a rule took the row away")
        return made

    def _repaired(
        self, table: Table, values: dict[str, Any], refused_by: str | None
    ) -> dict[str, Any] | None:
        referring = {column for key in table.foreign_keys for column in key.columns}
        tenancy = self._tenancy
        own = {*tenancy.tenant_columns(table), *tenancy.person_columns(table)}
        fixed = frozenset(referring | own)
        found = repair(self._connection, table, values, refused_by, fixed)
        if found is not None:
            self._repairs.setdefault(table.qualified, {}).update(
                {name: value for name, value in found.items() if values.get(name) != value}
            )
        return found


def _anew(value: Any) -> Any:
    return urandom(len(value)) if isinstance(value, bytes) else value


def _reason(error: psycopg.Error) -> str:
    return str(error).splitlines()[0]


def _only(key: dict[str, Any] | None) -> Any:
    return None if key is None else next(iter(key.values()))
