"""What views and functions tell: rows of the victim, or anything that depends on them."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import sql

from lockstitch.database.attack import statements
from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.result import Cell, Outcome, Verb
from lockstitch.database.attack.stage import Stage, Watch
from lockstitch.database.attack.tables import worst
from lockstitch.database.attack.values import value_for
from lockstitch.database.catalogue.data import PUBLIC, Column, ColumnType, Function, Table

# Words in a body, or a language, by which a function reaches beyond the database, or waits.
_LEAVES: Final = re.compile(
    r"\b(?:dblink\w*|http_(?:get|post|put|delete)|net\.http_\w+|pg_read_\w+|pg_ls_\w+|"
    r"lo_(?:import|export)|copy\s+.*\bprogram|pg_sleep\w*|pg_terminate_backend|"
    r"pg_advisory_(?:lock|xact_lock)\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_INSIDE: Final = frozenset({"sql", "plpgsql"})
_LEAST_MARKER: Final = 8


def callable_functions(functions: Sequence[Function], schemas: Sequence[str]) -> list[Function]:
    """Return the functions of exposed schemas that a role of the API may call."""
    return [
        one
        for one in functions
        if one.namespace in schemas
        and not one.in_trigger
        and {PUBLIC, "anon", "authenticated"} & set(one.callers)
    ]


def leaves_the_database(function: Function) -> bool:
    """Whether a call could have an effect that no rollback takes back."""
    return function.language not in _INSIDE or _LEAVES.search(function.body) is not None


class Readings:
    """What actors were answered before the victim came, to be compared with what comes after."""

    def __init__(self, stage: Stage, views: Sequence[Table], functions: Sequence[Function]) -> None:
        self._stage = stage
        self._queries = {view.qualified: _whole(statements.relation(view)) for view in views}
        for function in functions:
            if not function.arguments and not leaves_the_database(function):
                called = sql.SQL("{}()").format(_identifier(function))
                self._queries[f"{function.namespace}.{function.name}()"] = _whole(called)
        self._before: dict[tuple[str, str], str] = {}

    def remember(self, actors: Sequence[Actor]) -> None:
        """Note what each actor reads now; what changes by itself is left out."""
        for actor in actors:
            for name, query in self._queries.items():
                first, second = self._read(actor, query), self._read(actor, query)
                if first is not None and first == second:
                    self._before[name, actor.name] = first

    def changed(self, name: str, actor: Actor) -> bool:
        """Whether the actor reads something else than before."""
        before = self._before.get((name, actor.name))
        return before is not None and self._read(actor, self._queries[name]) != before

    def _read(self, actor: Actor, query: sql.Composed) -> str | None:
        outcome, rows = self._stage.reads(actor, query)
        if outcome != "reached" or rows[0]["told"] is None:
            return None if outcome == "undecided" else ""
        return hashlib.sha256(str(rows[0]["told"]).encode()).hexdigest()


class ReadingAttack:
    """Attacks views and functions, in which there are no rows of their own to watch."""

    def __init__(self, stage: Stage, victim: Side, readings: Readings) -> None:
        self._stage, self._victim, self._readings = stage, victim, readings
        self._watch = Watch(stage, victim, stage.tenancy.catalogue.tables)
        self._markers = _markers(victim)

    def view_cells(self, view: Table, owner: Actor, actors: Sequence[Actor]) -> Iterator[Cell]:
        """Yield what is seen and changed through a view."""
        yield self._cell(view.qualified, "select", owner, self._select(view, owner))
        for actor in actors:
            yield self._cell(view.qualified, "select", actor, self._select(view, actor))
            yield self._influence(view.qualified, actor)
            for column in view.columns[:3]:
                values = {"value": value_for(view, column, self._victim.mark)}
                statement = statements.update(view, column.name)
                outcome = self._stage.writes(actor, statement, values, self._watch)
                yield self._cell(view.qualified, "update", actor, outcome)
            outcome = self._stage.writes(actor, statements.delete(view), {}, self._watch)
            yield self._cell(view.qualified, "delete", actor, outcome)

    def function_cells(self, function: Function, actors: Sequence[Actor]) -> Iterator[Cell]:
        """Yield what a function tells or does when it is called with what is the victim's."""
        name = f"{function.namespace}.{function.name}({', '.join(function.arguments)})"
        for actor in actors:
            outcomes = [self._call(function, actor, given) for given in self._arguments(function)]
            yield self._cell(name, "call", actor, worst(outcomes))
            if not function.arguments:
                yield self._influence(name, actor)

    def _cell(self, relation: str, verb: Verb, actor: Actor, outcome: Outcome) -> Cell:
        return Cell(relation=relation, verb=verb, actor=actor.name, outcome=outcome)

    def _influence(self, name: str, actor: Actor) -> Cell:
        changed = self._readings.changed(name, actor)
        return self._cell(name, "influence", actor, "reached" if changed else "nothing")

    def _select(self, view: Table, actor: Actor) -> Outcome:
        query = sql.SQL(
            "select 1 from {} as row where to_jsonb(row)::text like any (%(markers)s) limit 1"
        ).format(statements.relation(view))
        return self._stage.reads(actor, query, {"markers": self._markers})[0]

    # Functions

    def _call(self, function: Function, actor: Actor, given: list[Any]) -> Outcome:
        query, values = _calling(function, given)
        if self._stage.writes(actor, query, values, self._watch) == "reached":
            return "reached"
        outcome, rows = self._stage.reads(actor, query, values)
        if outcome != "reached":
            return outcome
        told = str(rows[0]["told"])
        if any(marker.strip("%") in told for marker in self._unsaid(given)):
            return "reached"
        return "reached" if self._differs(function, actor, given, told) else "nothing"

    def _unsaid(self, given: list[Any]) -> list[str]:
        """Return the markers that the call itself does not hold."""
        said = " ".join(map(str, given))
        return [marker for marker in self._markers if marker.strip("%") not in said]

    def _differs(self, function: Function, actor: Actor, given: list[Any], told: str) -> bool:
        """Whether the answer for what is the victim's is another one than for what is nobody's."""
        if not any(isinstance(value, UUID) for value in given):
            return False
        strange = [uuid4() if isinstance(value, UUID) else value for value in given]
        query, values = _calling(function, strange)
        outcome, rows = self._stage.reads(actor, query, values)
        if outcome == "undecided":
            return False
        blank = {str(value): "" for value in [*given, *strange] if isinstance(value, UUID)}
        other = str(rows[0]["told"]) if rows else ""
        return _without(told, blank) != _without(other, blank)

    def _arguments(self, function: Function) -> list[list[Any]]:
        """Return what to call a function with: what belongs to the victim, one thing after another.

        Every argument of a call is of the same row where the types allow it.
        """
        drafts = self._drafts(function.arguments)
        if function.optional:
            drafts += self._drafts((*function.arguments, *function.optional))
        distinct = {tuple(map(repr, draft)): draft for draft in drafts}
        return list(distinct.values())

    def _drafts(self, kinds: tuple[str, ...]) -> list[list[Any]]:
        if not kinds:
            return [[]]
        people = {"people": self._victim.people["owner"]}
        rows = [self._victim.tenant or people, people, *self._victim.rows.values()]
        return [[self._argument(kind, row) for kind in kinds] for row in rows]

    def _argument(self, kind: str, row: dict[str, Any]) -> Any:
        ids = {name: value for name, value in row.items() if isinstance(value, UUID | int)}
        if kind in {"uuid", "uuid[]"}:
            found = next((value for value in ids.values() if isinstance(value, UUID)), uuid4())
            return [found] if kind.endswith("[]") else found
        if kind in {"bigint", "integer"}:
            return next((value for value in ids.values() if type(value) is int), 1)
        if kind in {"json", "jsonb"}:
            return json.dumps(ids, default=str)
        if "." in kind:
            return None  # A type of the project's own; nothing is known of what is in it.
        if kind in {"text", "character varying"}:
            marked = (str(value) for value in row.values() if self._victim.mark in str(value))
            return next(marked, self._victim.mark)
        column = Column(name="argument", type=_argument_type(kind))
        return value_for(Table(namespace="", name="", columns=(column,)), column, self._victim.mark)


def _argument_type(kind: str) -> ColumnType:
    names = {
        "integer": "int4",
        "bigint": "int8",
        "smallint": "int2",
        "boolean": "bool",
        "double precision": "float8",
        "real": "float4",
        "timestamp with time zone": "timestamptz",
        "timestamp without time zone": "timestamp",
    }
    base = kind.removesuffix("[]")
    return ColumnType(name=names.get(base, base), array=kind.endswith("[]"))


def _calling(function: Function, given: list[Any]) -> tuple[sql.Composed, dict[str, Any]]:
    # The type stands beside the value, so that of two functions of a name the right one is called.
    arguments = [
        sql.SQL("{}::{}").format(sql.Placeholder(f"a{place}"), sql.SQL(kind))
        for place, kind in enumerate((*function.arguments, *function.optional)[: len(given)])
    ]
    called = sql.SQL("{}({})").format(_identifier(function), sql.SQL(", ").join(arguments))
    return _whole(called), {f"a{place}": value for place, value in enumerate(given)}


def _whole(relation: sql.Composable) -> sql.Composed:
    """Return a query for all that a relation or a call tells, in an order of its own."""
    return sql.SQL(
        "select string_agg(told, E'\\n' order by told) as told "
        "from (select to_jsonb(answer)::text as told from {} as answer) as answers"
    ).format(relation)


def _identifier(function: Function) -> sql.Identifier:
    return sql.Identifier(function.namespace, function.name)


def _without(text: str, blank: dict[str, str]) -> str:
    for value, replacement in blank.items():
        text = text.replace(value, replacement)
    return text


def _markers(side: Side) -> list[str]:
    """Return patterns of what stands in the rows of a side and nowhere else."""
    found = {side.mark, *map(str, side.people.values())}
    for row in side.rows.values():
        found |= {str(value) for value in row.values() if isinstance(value, UUID)}
        found |= {value for value in row.values() if isinstance(value, str) and side.mark in value}
    return sorted(f"%{marker}%" for marker in found if len(marker) >= _LEAST_MARKER)
