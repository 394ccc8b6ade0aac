"""Every verb against one table: what its grants and policies really let through."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from psycopg import sql

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Cell, Outcome, Verb
from lockstitch.database.attack.stage import Stage, Watch, WatchWithRoom, belonging, primary_key
from lockstitch.database.attack.values import value_for
from lockstitch.database.attack.world import NotFilled, World
from lockstitch.database.catalogue.data import Column, Table

_LOOKERS = frozenset({"other organisation", "former member", "without organisation", "anonymous"})


class TableAttack:
    """Attacks the rows that the victim has in one table.

    Args:
        stage: Where it is played.
        world: Makes the rows that are to be smuggled in.
        attacker: The organisation of those who attack.
        victim: The organisation whose rows they must not reach.
        people: The actors by name, and `fellow`, an ordinary member of the attacker's side.
        table: The table, in which both sides have a row.
    """

    def __init__(
        self,
        stage: Stage,
        world: World,
        attacker: Side,
        victim: Side,
        people: Mapping[str, Actor],
        table: Table,
    ) -> None:
        self._stage, self._world, self._table = stage, world, table
        self._attacker, self._victim, self._people = attacker, victim, people
        self._tenancy = stage.tenancy
        self._key = primary_key(table)
        self._is_tenants = table == self._tenancy.tenants
        # The rows of an organisation hang on it; without them it would be another attack.
        self._cleared = [] if self._is_tenants else [(victim, table), (attacker, table)]
        self._watch = Watch(stage, victim, [table], self._cleared)

    def cells(self) -> Iterator[Cell]:
        """Yield what each actor achieved, the owner's look first."""
        yield self._cell("select", self._people["owner"], self._select(self._people["owner"]))
        for name, actor in self._people.items():
            if name in _LOOKERS:
                yield self._cell("select", actor, self._select(actor))
            if name in _LOOKERS or name == "lower role":
                yield from self._writes(actor)
        rival = self._people["other organisation"]
        yield self._cell("move", rival, self._move(rival))
        yield self._cell("upsert", rival, self._upsert(rival))
        yield self._cell("link", rival, self._link(rival))
        yield from self._within()

    def _writes(self, actor: Actor) -> Iterator[Cell]:
        yield self._cell("insert", actor, self._insert(actor))
        yield self._cell("update", actor, self._update(actor))
        yield self._cell("delete", actor, self._delete(actor))

    def _within(self) -> Iterator[Cell]:
        """Yield what a member achieves against others of the same organisation."""
        membership = self._tenancy.membership
        if membership is not None and membership.table == self._table:
            fellow = self._people.get("lower role", self._people["fellow"])
            yield self._cell("escalate", fellow, self._escalate(fellow))
        elif self._tenancy.person_columns(self._table) and self._tenancy.has_tenants:
            fellow = self._people["fellow"]
            yield self._cell("assign", fellow, self._assign(fellow))

    def _cell(self, verb: Verb, actor: Actor, outcome: Outcome) -> Cell:
        return Cell(relation=self._table.qualified, verb=verb, actor=actor.name, outcome=outcome)

    # Reading

    def _select(self, actor: Actor) -> Outcome:
        """Look for the victim's rows by every column that tells whose they are, one by one."""
        conditions, values = belonging(self._tenancy, self._victim, self._table)
        outcomes = []
        for condition in conditions:
            where = {name: values[key] for name, key in condition.items()}
            query = statements.select(self._table, where, where)
            outcomes.append(self._stage.reads(actor, query, where)[0])
        outcomes += [self._select_marked(actor, column) for column in self._marked()]
        return worst(outcomes)

    def _marked(self) -> list[Column]:
        """Return the columns in which the victim's mark stands, for roles that see no others."""
        row = self._victim.rows[self._table.qualified]
        return [
            column
            for column in self._table.columns
            if isinstance(row.get(column.name), str) and self._victim.mark in row[column.name]
        ]

    def _select_marked(self, actor: Actor, column: Column) -> Outcome:
        where = {column.name: self._victim.rows[self._table.qualified][column.name]}
        query = statements.select(self._table, where, where)
        return self._stage.reads(actor, query, where)[0]

    # Writing into the other tenant

    def _insert(self, actor: Actor) -> Outcome:
        if self._is_tenants:
            return "nothing"  # A new organisation is nobody else's.
        watch = WatchWithRoom(self._stage, self._victim, self._table)
        return worst(
            [
                self._stage.writes(actor, statements.insert(self._table, row), row, watch)
                for row in self._forged(self._victim, actor)
            ]
        )

    def _forged(self, side: Side, actor: Actor) -> Iterator[dict[str, Any]]:
        """Yield rows of a side: in its owner's name, in the actor's, and in nobody's."""
        try:
            row = self._fresh(side)
        except NotFilled:
            return
        yield row
        people = self._tenancy.person_columns(self._table)
        if people and actor.person_id is not None:
            yield {**row, **dict.fromkeys(people, actor.person_id)}
        if people:
            yield {name: value for name, value in row.items() if name not in people}

    def _fresh(self, side: Side) -> dict[str, Any]:
        """Return a row that no other one of the side is in the way of, as far as keys allow."""
        other = Side(f"{side.mark}-{uuid4().hex[:6]}", side.people, side.tenant, side.rows)
        return self._world.draft(other, self._table)

    # Changing and removing

    def _update(self, actor: Actor) -> Outcome:
        outcomes = []
        row = self._victim.rows[self._table.qualified]
        where = {name: row[name] for name in self._key}
        for column in self._changeable(actor):
            value = {"value": self._new_value(column, row)}
            outcomes.append(self._try_update(actor, column, {**value, **where}, self._key))
            outcomes.append(self._try_update(actor, column, value, ()))
            if "reached" in outcomes:
                break
        return worst(outcomes)

    def _try_update(
        self, actor: Actor, column: Column, values: dict[str, Any], where: tuple[str, ...]
    ) -> Outcome:
        statement = statements.update(self._table, column.name, where)
        return self._stage.writes(actor, statement, values, self._besides(actor))

    def _delete(self, actor: Actor) -> Outcome:
        row = self._victim.rows[self._table.qualified]
        where = {name: row[name] for name in self._key}
        watch = self._besides(actor)
        outcomes = [
            self._stage.writes(actor, statements.delete(self._table, columns), values, watch)
            for columns, values in ((self._key, where), ((), {}))
        ]
        return worst(outcomes)

    def _besides(self, actor: Actor) -> Watch:
        """Watch the victim's rows, but for those that are the actor's own."""
        return Watch(self._stage, self._victim, [self._table], self._cleared, actor.person_id)

    def _changeable(self, actor: Actor) -> list[Column]:
        """Return the columns that the actor's role may change, the most harmless first."""
        allowed = self._privileged(actor, "update")
        keys = {*self._key, *(one for key in self._table.foreign_keys for one in key.columns)}
        columns = [column for column in self._table.columns if column.name in allowed]
        return sorted(columns, key=lambda column: column.name in keys)[:3]

    def _privileged(self, actor: Actor, verb: str) -> set[str]:
        query = sql.SQL(
            "select attname::text as name from pg_attribute "
            "where attrelid = {}::regclass and attnum > 0 and not attisdropped "
            "and attgenerated = '' and attidentity <> 'a' "
            "and has_column_privilege({}, attrelid, attnum, {})"
        ).format(
            sql.Literal(statements.relation(self._table).as_string()),
            sql.Literal(actor.role),
            sql.Literal(verb),
        )
        return {row["name"] for row in self._stage.connection.execute(query).fetchall()}

    def _new_value(self, column: Column, row: Mapping[str, Any]) -> Any:
        referring = {one for key in self._table.foreign_keys for one in key.columns}
        kept = column.name in {*referring, *self._key} or column.type.array
        return row[column.name] if kept else value_for(self._table, column, self._victim.mark)

    # Moving, taking over, referring

    def _move(self, actor: Actor) -> Outcome:
        """Give a row of one's own to the victim, and the victim's to oneself."""
        mine, theirs = self._owners()
        own_row = self._attacker.rows[self._table.qualified]
        row = self._victim.rows[self._table.qualified]
        outcomes = []
        for column in mine:
            for source, target in ((own_row, theirs[column]), (row, mine[column])):
                where = {name: source[name] for name in self._key}
                statement = statements.update(self._table, column, where)
                values = {"value": target, **where}
                outcomes.append(self._stage.writes(actor, statement, values, self._watch))
            # Without a condition no policy for select is asked.
            blind = statements.update(self._table, column)
            for target in (theirs[column], mine[column]):
                values = {"value": target}
                outcomes.append(self._stage.writes(actor, blind, values, self._watch))
        return worst(outcomes)

    def _owners(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the columns that tell the tenant hold on each side."""
        if self._is_tenants:
            return {}, {}
        sides = self._attacker, self._victim
        if self._tenancy.has_tenants:
            columns = self._tenancy.tenant_columns(self._table)
            tenants = [next(iter((side.tenant or {}).values()), None) for side in sides]
            return dict.fromkeys(columns, tenants[0]), dict.fromkeys(columns, tenants[1])
        columns = self._tenancy.person_columns(self._table)
        people = [side.people["owner"] for side in sides]
        return dict.fromkeys(columns, people[0]), dict.fromkeys(columns, people[1])

    def _upsert(self, actor: Actor) -> Outcome:
        if self._is_tenants or not self._key:
            return "nothing"
        row = self._victim.rows[self._table.qualified]
        outcomes = []
        for own in self._forged(self._attacker, actor):
            for key in self._table.keys:
                values = {**own, **{name: row[name] for name in key.columns}}
                changed = next((name for name in own if name not in key.columns), key.columns[0])
                statement = statements.insert(
                    self._table, values, statements.on_conflict(key.columns, changed)
                )
                outcomes.append(self._stage.writes(actor, statement, values, self._watch))
        return worst(outcomes)

    def _link(self, actor: Actor) -> Outcome:
        """Let a row of one's own refer to one of the victim's."""
        own_row = self._attacker.rows[self._table.qualified]
        where = {name: own_row[name] for name in self._key}
        outcomes = []
        for reference in self._references():
            for own in self._forged(self._attacker, actor):
                values = {**own, **reference}
                statement = statements.insert(self._table, values)
                outcomes.append(self._stage.writes(actor, statement, values, self._watch))
            for column, value in reference.items():
                statement = statements.update(self._table, column, where)
                values = {"value": value, **where}
                outcomes.append(self._stage.writes(actor, statement, values, self._watch))
        return worst(outcomes)

    def _references(self) -> Iterator[dict[str, Any]]:
        """Yield, for each foreign key to what belongs to a tenant, the victim's row there."""
        own = {
            *self._tenancy.tenant_columns(self._table),
            *self._tenancy.person_columns(self._table),
        }
        for key in self._table.foreign_keys:
            parent = self._victim.rows.get(key.table)
            if parent is None or self._tenancy.kinds.get(key.table) == "shared":
                continue
            values = {
                name: parent[to]
                for name, to in zip(key.columns, key.referenced, strict=True)
                if name not in own
            }
            if values:
                yield values

    # Within one organisation

    def _assign(self, actor: Actor) -> Outcome:
        """Write a row in the name of the owner of one's own organisation."""
        columns = self._tenancy.person_columns(self._table)
        watch = _InTheNameOf(self._stage, self._attacker, self._table, columns)
        try:
            row = self._fresh(self._attacker)
        except NotFilled:
            return "nothing"
        return self._stage.writes(actor, statements.insert(self._table, row), row, watch)

    def _escalate(self, actor: Actor) -> Outcome:
        membership = self._tenancy.membership
        if membership is None or membership.role_column is None:
            return "nothing"
        side = self._victim if actor.name == "lower role" else self._attacker
        where = {
            membership.tenant_column: next(iter((side.tenant or {}).values()), None),
            membership.person_column: actor.person_id,
        }
        statement = statements.update(self._table, membership.role_column, where)
        values = {"value": membership.strongest, **where}
        return self._stage.writes(actor, statement, values, Watch(self._stage, side, [self._table]))


class _InTheNameOf(WatchWithRoom):
    """Watches the rows that stand in the name of a side's owner."""

    def __init__(self, stage: Stage, side: Side, table: Table, columns: tuple[str, ...]) -> None:
        super().__init__(stage, side, table)
        self._columns = columns

    def look(self) -> dict[str, frozenset[str]]:
        """Return the rows of each column that holds the owner."""
        owner = self._side.people["owner"]
        return {
            column: frozenset(
                str(row["place"])
                for row in self._stage.connection.execute(
                    sql.SQL("select ctid::text as place from {} where {} = {}").format(
                        statements.relation(self._table),
                        sql.Identifier(column),
                        sql.Placeholder("owner"),
                    ),
                    {"owner": owner},
                ).fetchall()
            )
            for column in self._columns
        }


def worst(outcomes: list[Outcome]) -> Outcome:
    """Return the outcome that matters most."""
    order: tuple[Outcome, ...] = ("reached", "undecided", "nothing", "refused")
    return next((one for one in order if one in outcomes), "refused")
