"""The attack as a whole: two organisations, every relation, every actor; then all is undone."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import psycopg
from psycopg.rows import dict_row

from lockstitch.database.attack.actors import Actor, Side
from lockstitch.database.attack.buckets import bucket_cells, buckets
from lockstitch.database.attack.readings import (
    ReadingAttack,
    Readings,
    callable_functions,
    leaves_the_database,
)
from lockstitch.database.attack.result import Attack, Cell, finding, leak
from lockstitch.database.attack.shared import shared_cells
from lockstitch.database.attack.stage import Stage
from lockstitch.database.attack.supabase import (
    MESSAGES,
    OBJECTS,
    StorageAttack,
    TopicAttack,
)
from lockstitch.database.attack.tables import TableAttack
from lockstitch.database.attack.tenancy import find_tenancy
from lockstitch.database.attack.world import NotFilled, World
from lockstitch.database.catalogue.claims import claims_of_policy
from lockstitch.database.catalogue.data import Table
from lockstitch.database.catalogue.reading import read_connection
from lockstitch.database.connection_string import read_dsn
from lockstitch.errors import ConfigurationError, DatabaseUnavailable
from lockstitch.findings import Finding, Report

EXPOSED: Final = ("public",)
_API_ROLES: Final = ("anon", "authenticated")


def attack(
    dsn: str,
    *,
    schemas: Sequence[str] = EXPOSED,
    tenants: str | None = None,
) -> Attack:
    """Attack the isolation of tenants in a database; nothing of it remains.

    Args:
        dsn: The database, as a role that no policy binds and that may act as `anon` and
            `authenticated`; on Supabase that is `postgres`.
        schemas: The schemas that an API exposes.
        tenants: The table of the tenants, where it is not to be found by itself.

    Raises:
        ConfigurationError: The role is bound by policies, or the tenants cannot be found.
        DatabaseUnavailable: The database cannot be reached.
    """
    read_dsn(dsn)
    started = time.monotonic()
    try:
        with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10) as connection:
            connection.prepare_threshold = None
            try:
                campaign = _Campaign(connection, schemas, tenants)
                return campaign.result(campaign.cells(), started)
            finally:
                connection.rollback()
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached: {str(error).strip()}. "
            "Check that it runs and that its connection string is right."
        ) from error


class _Campaign:
    """Everything that is tried on one connection."""

    def __init__(
        self,
        connection: psycopg.Connection[psycopg.rows.DictRow],
        schemas: Sequence[str],
        named: str | None,
    ) -> None:
        catalogue = read_connection(connection)
        self._tenancy = find_tenancy(catalogue, schemas, named)
        self._stage = Stage(connection, self._tenancy)
        if not self._stage.is_unbound:
            raise ConfigurationError(
                "Policies bind the role of the connection, so it cannot make the rows to attack. "
                "Log in as a role with BYPASSRLS; on Supabase that is postgres."
            )
        self._world = World(connection, self._tenancy)
        self._findings: list[Finding] = []

    def cells(self) -> Iterator[Cell]:
        """Yield every cell; what could not be attacked is noted on the way."""
        attacker = self._found("lockstitch-alder")
        people = self._people(attacker)
        rivals = [actor for name, actor in people.items() if name != "fellow"]
        views = [one for one in self._tenancy.relations if one.kind == "view"]
        functions = callable_functions(self._tenancy.catalogue.functions, self._tenancy.schemas)
        readings = Readings(self._stage, views, functions)
        readings.remember(rivals)
        victim = self._found("lockstitch-birch")
        self._add_victims(people, victim)
        yield from self._tables(attacker, victim, people)
        reading_attack = ReadingAttack(self._stage, victim, readings)
        for view in views:
            self._stage.refresh(view)
            yield from self._controlled(
                view, reading_attack.view_cells(view, people["owner"], rivals)
            )
        for function in functions:
            if leaves_the_database(function):
                self._note_not_called(f"{function.namespace}.{function.name}")
            else:
                yield from reading_attack.function_cells(function, rivals)
        yield from self._supabase(attacker, victim, people)

    def result(self, cells: Iterable[Cell], started: float) -> Attack:
        """Return everything that was found since a moment of the monotonic clock."""
        kept = tuple(dict.fromkeys(cells))
        leaks = [
            leak(cell)
            for cell in kept
            if cell.outcome in {"reached", "undecided"} and cell.actor != "owner"
        ]
        tenants, membership = self._tenancy.tenants, self._tenancy.membership
        return Attack(
            tenants=tenants.qualified if tenants else None,
            members=membership.table.qualified if membership else None,
            relations=len({cell.relation for cell in kept}),
            statements=self._stage.statements,
            duration_seconds=time.monotonic() - started,
            cells=kept,
            report=Report.of([*leaks, *self._findings]),
        )

    # People

    def _found(self, mark: str) -> Side:
        try:
            side = self._world.found(mark)
        except NotFilled as error:
            raise ConfigurationError(
                f"No organisation could be made to attack: {error} "
                "Name the table of the tenants with --tenants."
            ) from None
        for table in self._tenancy.catalogue.tables:
            if table.kind == "table" and table.namespace in self._tenancy.schemas:
                try:
                    self._world.row(side, table)
                except NotFilled as error:
                    self._note_unfilled(table, str(error))
        return side

    def _people(self, attacker: Side) -> dict[str, Actor]:
        membership = self._tenancy.membership
        strongest = membership.strongest if membership else None
        ordinary = membership.ordinary if membership else None
        people = {
            "other organisation": Actor(
                "other organisation", attacker.people["owner"], attacker.tenant, strongest
            ),
            "fellow": Actor(
                "other organisation", attacker.people["member"], attacker.tenant, ordinary
            ),
            "anonymous": Actor("anonymous", None, None),
        }
        if self._tenancy.has_tenants:
            outsider = self._world.person()
            people["without organisation"] = Actor("without organisation", outsider, None)
        return people

    def _add_victims(self, people: dict[str, Actor], victim: Side) -> None:
        """Add those who are, or were, members of the organisation that is attacked."""
        membership = self._tenancy.membership
        strongest = membership.strongest if membership else None
        people["owner"] = Actor("owner", victim.people["owner"], victim.tenant, strongest)
        if membership is None:
            return
        people["former member"] = Actor("former member", victim.people["former"], None, None)
        if membership.weakest is not None:
            people["lower role"] = Actor(
                "lower role", victim.people["viewer"], victim.tenant, membership.weakest
            )

    # Relations

    def _tables(self, attacker: Side, victim: Side, people: dict[str, Actor]) -> Iterator[Cell]:
        for table in self._tenancy.relations:
            if table.kind != "table":
                continue
            if self._tenancy.kinds[table.qualified] == "shared":
                if self._asks_who_reads(table):
                    self._note_unowned(table)
                yield from shared_cells(self._stage, table, victim, people)
            elif table.qualified in victim.rows and table.qualified in attacker.rows:
                cells = TableAttack(
                    self._stage, self._world, attacker, victim, people, table
                ).cells()
                yield from self._controlled(table, cells)

    def _supabase(self, attacker: Side, victim: Side, people: dict[str, Actor]) -> Iterator[Cell]:
        owner, rival = people["owner"], people["other organisation"]
        others = [
            one for name, one in people.items() if name not in {"owner", "fellow", "lower role"}
        ]
        objects = self._tenancy.catalogue.table(OBJECTS)
        for bucket in buckets(self._stage) if objects else []:
            storage = StorageAttack(self._stage, attacker, victim, bucket, objects, owner)
            yield from self._controlled(objects, storage.cells(owner, others, rival))
        if self._tenancy.catalogue.table("storage.buckets"):
            yield from bucket_cells(self._stage, victim, others)
        messages = self._tenancy.catalogue.table(MESSAGES)
        if messages is not None and messages.policies:
            topics = TopicAttack(self._stage, victim, messages)
            yield from self._controlled(messages, topics.cells(owner, others))

    def _controlled(self, table: Table | None, cells: Iterable[Cell]) -> Iterator[Cell]:
        """Pass cells on, and note a relation of which even the owner sees nothing."""
        for cell in cells:
            yield cell
            control = cell.actor == "owner" and cell.verb == "select"
            if control and cell.outcome != "reached" and table is not None and _is_open(table):
                self._note_vacuous(cell.relation, table)

    # What could not be attacked

    def _note_unfilled(self, table: Table, reason: str) -> None:
        noted = finding(
            "isolation-unfilled",
            "error",
            table.qualified,
            f"No row could be made: {reason}",
            "Relax what refuses it, or report the check, so that such a row can be made.",
        )
        if noted not in self._findings:
            self._findings.append(noted)

    def _asks_who_reads(self, table: Table) -> bool:
        """Whether every policy that lets somebody see rows depends on who it is."""
        policies = [one for one in table.policies if one.permissive and one.covers("select")]
        read = [claims_of_policy(self._tenancy.catalogue, one).of_token for one in policies]
        return table.rls and bool(read) and all(claims - {"role"} for claims in read)

    def _note_unowned(self, table: Table) -> None:
        self._findings.append(
            finding(
                "isolation-unowned",
                "warning",
                table.qualified,
                "Its policies ask who reads, but no column tells whose a row is: reading it was "
                "not attacked.",
                "Refer to the tenant or the person by a foreign key, or name the tenants' table "
                "with --tenants.",
            )
        )

    def _note_vacuous(self, relation: str, table: Table) -> None:
        self._findings.append(
            finding(
                "isolation-vacuous",
                "warning" if table.kind == "view" else "error",
                relation,
                "The owner of the rows sees none of them, though a role of the API may look.",
                "Add the policy that shows them to their tenant, or revoke the grant.",
            )
        )

    def _note_not_called(self, name: str) -> None:
        self._findings.append(
            finding(
                "isolation-not-called",
                "information",
                name,
                "The function reaches beyond the database, so it was not called.",
                "Read it: a rollback would not undo what it does.",
            )
        )


def _is_open(table: Table) -> bool:
    """Whether a role of the API may look at the relation, and something could let it see rows.

    A table with row-level security and without any policy is closed on purpose; so are the
    partitions of a table that has the policies.
    """
    granted = any("select" in table.verbs_of(role) for role in _API_ROLES)
    return granted and (bool(table.policies) or not table.rls)
