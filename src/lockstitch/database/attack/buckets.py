"""The buckets of storage: projects make them, and people must neither open nor remove them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import psycopg
from psycopg import sql

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Cell, Verb
from lockstitch.database.attack.stage import Stage, Watch
from lockstitch.database.catalogue.data import Table

BUCKETS: Final = "storage.buckets"
_TABLE: Final = Table(namespace="storage", name="buckets")
_IDS: Final = sql.SQL("select id from storage.buckets order by id")
_NAME: Final = "lockstitch-bucket"


def buckets(stage: Stage) -> list[str]:
    """Return the buckets of the project; none where there is no storage."""
    try:
        with stage.scene():
            return [row["id"] for row in stage.connection.execute(_IDS).fetchall()]
    except psycopg.errors.UndefinedTable:
        return []


def bucket_cells(stage: Stage, side: Side, actors: Sequence[Actor]) -> Iterator[Cell]:
    """Yield who makes, opens or removes a bucket."""
    made = {"id": _NAME, "name": _NAME}
    where = {"id": _NAME}
    attempts: tuple[tuple[Verb, sql.Composed, Mapping[str, object], bool], ...] = (
        ("insert", statements.insert(_TABLE, made), made, False),
        ("update", statements.update(_TABLE, "public"), {"value": True}, True),
        ("delete", statements.delete(_TABLE, where), where, True),
    )
    for actor in actors:
        for verb, statement, values, is_there in attempts:
            watch = _Buckets(stage, side, is_there=is_there)
            outcome = stage.writes(actor, statement, values, watch)
            yield Cell(relation=BUCKETS, verb=verb, actor=actor.name, outcome=outcome)


class _Buckets(Watch):
    """Watches every bucket, and one that holds nothing, so that no object keeps it."""

    def __init__(self, stage: Stage, side: Side, *, is_there: bool) -> None:
        super().__init__(stage, side, [])
        self._stage, self._is_there = stage, is_there

    def prepare(self) -> None:
        """Make the empty bucket, where it is to be attacked."""
        if self._is_there:
            made = {"id": _NAME, "name": _NAME}
            self._stage.connection.execute(statements.insert(_TABLE, made), made)

    def look(self) -> dict[str, frozenset[str]]:
        """Return the places of all buckets."""
        query = sql.SQL("select ctid::text as place from storage.buckets")
        rows = self._stage.connection.execute(query).fetchall()
        return {BUCKETS: frozenset(row["place"] for row in rows)}
