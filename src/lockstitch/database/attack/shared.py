"""Tables that belong to no tenant: everybody may read them, nobody but the project writes them."""

from collections.abc import Iterator, Mapping
from uuid import uuid4

from psycopg import sql

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Cell, Verb
from lockstitch.database.attack.stage import Stage, Watch
from lockstitch.database.attack.tables import worst
from lockstitch.database.attack.values import value_for
from lockstitch.database.catalogue.data import Table


class _All(Watch):
    """Watches every row of a table, by their number and places."""

    def look(self) -> dict[str, frozenset[str]]:
        """Return the places of all rows."""
        looked = {}
        for table in self._tables:
            query = sql.SQL("select ctid::text as place from {}").format(statements.relation(table))
            rows = self._stage.connection.execute(query).fetchall()
            looked[table.qualified] = frozenset(row["place"] for row in rows)
        return looked


def shared_cells(
    stage: Stage, table: Table, victim: Side, people: Mapping[str, Actor]
) -> Iterator[Cell]:
    """Yield who changes a shared table: any person with an account, or anybody."""
    watch = _All(stage, victim, [table])
    values = {
        column.name: value_for(table, column, f"{victim.mark}-{uuid4().hex[:6]}")
        for column in table.columns
        if not column.fills_itself
    }
    plain = [one for one in table.columns if not one.always]
    for name in ("other organisation", "anonymous"):
        actor = people[name]

        def cell(verb: Verb, outcomes: list, actor: Actor = actor) -> Cell:  # type: ignore[type-arg]
            return Cell(
                relation=table.qualified, verb=verb, actor=actor.name, outcome=worst(outcomes)
            )

        yield cell("insert", [stage.writes(actor, statements.insert(table, values), values, watch)])
        changes = [
            stage.writes(
                actor,
                statements.update(table, column.name),
                {"value": value_for(table, column, victim.mark)},
                watch,
            )
            for column in plain[:3]
        ]
        yield cell("update", changes)
        yield cell("delete", [stage.writes(actor, statements.delete(table), {}, watch)])
