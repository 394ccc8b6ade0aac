import asyncio
import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from tenants import Tenant

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.session import ANONYMOUS, AUTH_ADMIN, SERVER, Actor, Database, become
from lockstitch.errors import DatabaseUnavailable, DiskFull


async def test_person_acts_as_authenticated_with_its_own_claims(database: Database) -> None:
    person_id = uuid4()
    async with database.transaction(Actor.person(person_id)) as connection:
        answer = await connection.execute(
            "select current_user::text as role, auth.uid() as id, auth.role() as claim"
        )
        assert await answer.fetchone() == {
            "role": "authenticated",
            "id": person_id,
            "claim": "authenticated",
        }


async def test_actor_ends_with_its_transaction(database_dsn: str) -> None:
    database = Database(database_dsn, max_connections=1)
    await database.open()
    async with database.transaction(Actor.person(uuid4())):
        pass
    async with database._pool.connection() as connection:
        answer = await connection.execute(
            "select current_user::text as role, current_setting('request.jwt.claims', true) as jwt"
        )
        assert await answer.fetchone() == {"role": "authenticator", "jwt": ""}
    await database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from public.organisations",
        "select * from public.inference_results",
        "select * from public.model_versions",
        "select * from private.sessions",
        "select * from auth.users",
        "insert into public.organisations (name) values ('Mallow')",
        "select private.my_organisation_ids()",
        "select private.uuid_v7()",
    ],
)
async def test_forgotten_actor_fails_closed(database_dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_dsn) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.encode())


async def test_actor_is_a_value_and_never_sql(database: Database) -> None:
    spiteful = "anon'; drop schema private cascade; --"
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        async with database.transaction(Actor(spiteful, "{}")):
            pass
    async with database.transaction(Actor("anon", json.dumps({"sub": spiteful}))) as connection:
        answer = await connection.execute("select auth.jwt() ->> 'sub' as sub")
        assert await answer.fetchone() == {"sub": spiteful}


async def test_authenticator_cannot_become_postgres(database: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(Actor.of_role("postgres")):
            pass


async def test_actor_changes_inside_a_transaction(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    alder, _ = tenants
    async with database.transaction(AUTH_ADMIN) as connection:
        answer = await connection.execute("select email from auth.users order by email")
        assert len(await answer.fetchall()) == 2
        await become(connection, alder.actor)
        answer = await connection.execute("select name from public.organisations")
        assert await answer.fetchall() == [{"name": "Alder"}]


async def test_block_that_raises_leaves_nothing(database: Database) -> None:
    async def found_and_fail() -> None:
        async with database.transaction(SERVER) as connection:
            await connection.execute("insert into public.organisations (name) values ('Mallow')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await found_and_fail()
    async with database.transaction(SERVER) as connection:
        answer = await connection.execute("select count(*) as count from public.organisations")
        assert await answer.fetchone() == {"count": 0}


async def test_callers_error_keeps_its_kind(database: Database) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        async with database.transaction(SERVER) as connection:
            await connection.execute("insert into public.organisations (name) values ('')")


async def test_exhausted_pool_says_so(database_dsn: str) -> None:
    database = Database(database_dsn, max_connections=1, wait_seconds=0.1)
    await database.open()
    async with database.transaction(ANONYMOUS):
        with pytest.raises(DatabaseUnavailable, match="became free in time"):
            await database.ping()
    await database.ping()
    await database.close()


async def test_statement_beyond_its_time_says_so(database: Database) -> None:
    async def sleep() -> None:
        async with database.transaction(ANONYMOUS) as connection:
            await connection.execute("set local statement_timeout = '20ms'")
            await connection.execute("select pg_sleep(5)")

    with pytest.raises(DatabaseUnavailable, match="did not answer in time"):
        await sleep()


async def test_lost_connections_are_replaced_before_anything_happens(
    database: Database, database_name: str, postgres: EmbeddedPostgres
) -> None:
    async with database.transaction(ANONYMOUS), database.transaction(ANONYMOUS):
        pass
    with psycopg.connect(postgres.dsn("supabase_admin", "postgres")) as admin:
        sessions = admin.execute(
            "select pid from pg_stat_activity where datname = %s", [database_name]
        ).fetchall()
    for (pid,) in sessions:
        end_session(postgres, pid)
    assert len(sessions) >= 2
    await database.ping()


async def test_connection_lost_in_the_middle_says_so(
    database: Database, postgres: EmbeddedPostgres
) -> None:
    async def lose() -> None:
        async with database.transaction(ANONYMOUS) as connection:
            end_session(postgres, connection.info.backend_pid)
            await connection.execute("select 1")

    with pytest.raises(DatabaseUnavailable, match="was lost"):
        await lose()
    await database.ping()


async def test_full_disk_says_so(database: Database, owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("""
            create function public.fill() returns void language plpgsql as
            $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$
        """)
    with pytest.raises(DiskFull, match="no space left"):
        async with database.transaction(ANONYMOUS) as connection:
            await connection.execute("select public.fill()")


async def test_cancelled_transaction_returns_its_connection(database_dsn: str) -> None:
    database = Database(database_dsn, max_connections=1)
    await database.open()

    async def wait_long() -> None:
        async with database.transaction(ANONYMOUS) as connection:
            await connection.execute("select pg_sleep(5)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait_long(), 0.1)
    await database.ping()
    await database.close()


async def test_nobody_at_the_address_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await Database(f"host={tmp_path} user=authenticator dbname=lockstitch").open()


@pytest.mark.parametrize("role", ["postgres", "supabase_admin"])
async def test_role_above_the_policies_is_refused(
    postgres: EmbeddedPostgres, database_name: str, role: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match="not bound by row-level security"):
        await Database(postgres.dsn(role, database_name)).open()


async def test_many_transactions_share_few_connections(database: Database) -> None:
    async def identity() -> None:
        person_id = uuid4()
        async with database.transaction(Actor.person(person_id)) as connection:
            answer = await connection.execute("select auth.uid() as id")
            assert await answer.fetchone() == {"id": person_id}

    await asyncio.gather(*(identity() for _ in range(40)))


def end_session(postgres: EmbeddedPostgres, pid: int) -> None:
    with psycopg.connect(postgres.dsn("supabase_admin"), autocommit=True) as admin:
        assert admin.execute("select pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)
