"""Attacking tenants: careful schemas hold, and every planted fault is found."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from attack.faults import FAULTS, Fault, change
from psycopg import sql

from lockstitch.database.attack.attack import attack
from lockstitch.database.attack.result import Attack
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import library_migrations
from lockstitch.database.prelude import prepare_database
from lockstitch.errors import ConfigurationError

# Organisations, sessions, models.
NEEDED_MIGRATIONS = 3
WORKSHOP = Path(__file__).parent / "attack" / "workshop.sql"


@contextmanager
def copy_of(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A database that is a copy of another one, for as long as it is needed."""
    name = f"attack_{uuid4().hex}"
    with psycopg.connect(server.dsn("supabase_admin", "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy wal_log owner postgres").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            yield name
        finally:
            drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            connection.execute(drop)


def apply(server: EmbeddedPostgres, database: str, text: str) -> None:
    change(server.dsn("supabase_admin", database), text)


@pytest.fixture(scope="module")
def workshop(postgres: EmbeddedPostgres) -> str:
    """A database with the careful schema, on the tables that it needs of Lockstitch."""
    name = f"workshop_{uuid4().hex}"
    prepare_database(postgres.dsn, name)
    for migration in library_migrations()[:NEEDED_MIGRATIONS]:
        apply(postgres, name, migration.text)
    apply(postgres, name, WORKSHOP.read_text())
    return name


@pytest.fixture
def attacked(postgres: EmbeddedPostgres, workshop: str) -> Callable[[str], Attack]:
    """Attack the careful schema after a change."""

    def after(change: str) -> Attack:
        with copy_of(postgres, workshop) as name:
            apply(postgres, name, change)
            return attack(postgres.dsn("postgres", name))

    return after


def leaks(result: Attack) -> set[str]:
    return {
        f"{cell.relation} {cell.verb} {cell.actor}"
        for cell in result.cells
        if cell.outcome == "reached" and cell.actor != "owner"
    }


def test_the_shipped_schema_holds_and_every_relation_is_seen_by_its_owner(owner_dsn: str) -> None:
    result = attack(owner_dsn)

    assert result.report.findings == ()
    controls = {cell.relation: cell.outcome for cell in result.cells if cell.actor == "owner"}
    # These are the server's own; no role of an API may look.
    closed = {"public.idempotency_keys", "public.job_steps"}
    assert {name for name, seen in controls.items() if seen != "reached"} == closed
    assert {"public.organisations", "public.inference_results"} <= controls.keys()
    assert (result.tenants, result.members) == (
        "public.organisations",
        "public.organisation_members",
    )


def test_a_careful_schema_gives_no_alarm(attacked: Callable[[str], Attack]) -> None:
    result = attacked("select 1")

    assert [str(one.place) + " " + one.message for one in result.report.findings] == []
    assert {"storage.objects in workshop", "realtime.messages", "public.sample_counts"} <= {
        cell.relation for cell in result.cells
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_planted_fault_is_found(attacked: Callable[[str], Attack], fault: Fault) -> None:
    result = attacked(fault.sql)

    assert leaks(result) & set(fault.found), result.as_table()
    assert result.report.exit_code() == 1


def test_nothing_remains_of_an_attack(owner_dsn: str) -> None:
    attack(owner_dsn)

    with psycopg.connect(owner_dsn) as connection:
        for table in ("auth.users", "public.organisations", "public.inference_results"):
            assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (0,)


def test_nothing_remains_of_an_attack_that_is_killed(owner_dsn: str) -> None:
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", "attack", "--dsn", owner_dsn]
    busy = (
        "select pid from pg_stat_activity where datname = current_database() "
        "and backend_xid is not null and pid <> pg_backend_pid()"
    )
    with (
        psycopg.connect(owner_dsn, autocommit=True) as connection,
        subprocess.Popen(command, stdout=subprocess.DEVNULL) as attacking,
    ):
        while connection.execute(busy).fetchone() is None:
            assert attacking.poll() is None
        attacking.kill()
        attacking.wait()
        while connection.execute(busy).fetchone() is not None:
            pass
        for table in ("auth.users", "public.organisations", "storage.objects"):
            assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (0,)


def test_a_relation_that_nobody_sees_proves_nothing(attacked: Callable[[str], Attack]) -> None:
    result = attacked("drop policy seen on trials")

    assert ("isolation-vacuous", "public.trials") in {
        (one.rule, str(one.place)) for one in result.report.findings
    }


def test_a_table_that_takes_no_row_is_told(attacked: Callable[[str], Attack]) -> None:
    result = attacked("alter table samples add check (name ~ '^v[0-9]{9}$')")

    told = {(one.rule, str(one.place)): one.message for one in result.report.findings}
    assert "samples_name_check" in told["isolation-unfilled", "public.samples"]


def test_a_function_that_leaves_the_database_is_not_called(
    attacked: Callable[[str], Attack],
) -> None:
    result = attacked("create function wait() returns void language sql as 'select pg_sleep(60)'")

    assert result.duration_seconds < 60
    assert [one.rule for one in result.report.findings] == ["isolation-not-called"]


def test_without_organisations_every_person_is_a_tenant(postgres: EmbeddedPostgres) -> None:
    notes = (
        "create table notes (id bigint generated always as identity primary key, "
        "user_id uuid not null default auth.uid() references auth.users, text text not null); "
        "alter table notes enable row level security; "
        "create policy own on notes to authenticated using (user_id = (select auth.uid()))"
    )
    name = f"attack_{uuid4().hex}"
    prepare_database(postgres.dsn, name)
    apply(postgres, name, notes)
    careful = attack(postgres.dsn("postgres", name))
    apply(postgres, name, "alter policy own on notes using (true)")
    careless = attack(postgres.dsn("postgres", name))

    assert (careful.tenants, careful.report.findings) == (None, ())
    assert {"public.notes delete other organisation", "public.notes move other organisation"} <= (
        leaks(careless)
    )


def test_a_role_that_policies_bind_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(ConfigurationError, match="BYPASSRLS"):
        attack(postgres.dsn("authenticator"))
