"""One tenant against the other, in SQL, under each one's own claims."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow
from tenants import Tenant

from lockstitch.database.session import ANONYMOUS, AUTH_ADMIN, SERVER, Actor, Database

INSERT_VERSION = """
    insert into public.model_versions (organisation_id, model, version, digest)
    values (%s, 'sentiment', %s, %s) returning id
"""
INSERT_RESULT = """
    insert into public.inference_results
        (id, organisation_id, person_id, model_version_id, input, output, duration_seconds)
    values (%s, %s, %s, %s, '{"text": "fine"}', '{"label": "positive"}', 0.01)
"""


async def run(database: Database, actor: Actor, query: str, *values: Any) -> list[DictRow]:
    async with database.transaction(actor) as connection:
        answer = await connection.execute(query.encode(), values)
        return await answer.fetchall() if answer.description else []


async def store_version(
    database: Database, organisation_id: UUID | None, version: int = 1, digest: str = "d"
) -> UUID:
    rows = await run(database, SERVER, INSERT_VERSION, organisation_id, version, digest)
    version_id: UUID = rows[0]["id"]
    return version_id


@pytest.fixture
async def result_id(database: Database, tenants: tuple[Tenant, Tenant]) -> UUID:
    """A prediction of the first tenant, stored by the server."""
    alder, _ = tenants
    version_id = await store_version(database, None)
    made = UUID("01939f3e-5a00-7000-8000-000000000001")
    await run(
        database, SERVER, INSERT_RESULT, made, alder.organisation_id, alder.person_id, version_id
    )
    return made


BY_ID = "select id from public.inference_results where id = %s"


async def test_result_is_seen_by_its_organisation_alone(
    database: Database, tenants: tuple[Tenant, Tenant], result_id: UUID
) -> None:
    alder, birch = tenants
    assert await run(database, alder.actor, BY_ID, result_id) == [{"id": result_id}]
    assert await run(database, birch.actor, BY_ID, result_id) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(database, ANONYMOUS, BY_ID, result_id)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into public.inference_results select * from public.inference_results",
        "update public.inference_results set output = '{}'",
        "delete from public.inference_results",
        "truncate public.inference_results",
        "insert into public.model_versions (model, version, digest) values ('m', 1, 'd')",
        "update public.model_versions set metrics = '{}'",
        "insert into public.organisations (name) values ('Mallow')",
        "delete from public.organisations",
        "insert into public.audit_log (action, subject) values ('a', 'b')",
        "update public.organisation_members set person_id = gen_random_uuid()",
        "select token_hash from public.invitations",
        "select key_hash from public.api_keys",
        "select * from public.idempotency_keys",
        "select * from private.sessions",
        "select private.person_email(gen_random_uuid())",
        "select email from auth.users",
    ],
)
async def test_person_cannot_write_or_look_behind(
    database: Database, tenants: tuple[Tenant, Tenant], result_id: UUID, statement: str
) -> None:
    for tenant in tenants:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await run(database, tenant.actor, statement)


async def test_person_cannot_join_another_organisation(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    alder, birch = tenants
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(
            database,
            birch.actor,
            "insert into public.organisation_members values (%s, %s, 'owner')",
            alder.organisation_id,
            birch.person_id,
        )


async def test_organisations_and_members_are_seen_from_inside_alone(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    for tenant in tenants:
        organisations = await run(database, tenant.actor, "select id from public.organisations")
        assert organisations == [{"id": tenant.organisation_id}]
        members = await run(
            database, tenant.actor, "select person_id, role from public.organisation_members"
        )
        assert members == [{"person_id": tenant.person_id, "role": "owner"}]


async def test_role_is_known_in_ones_own_organisation_alone(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    alder, birch = tenants
    ask = "select private.my_role(%s) as role"
    assert await run(database, alder.actor, ask, alder.organisation_id) == [{"role": "owner"}]
    assert await run(database, birch.actor, ask, alder.organisation_id) == [{"role": None}]


async def test_stranger_with_a_session_sees_nothing(
    database: Database, tenants: tuple[Tenant, Tenant], result_id: UUID
) -> None:
    stranger = Actor.person(UUID(int=1))
    for table in ("organisations", "organisation_members", "inference_results"):
        assert await run(database, stranger, f"select * from public.{table}") == []


async def test_version_of_the_application_is_seen_by_all_and_an_own_one_from_inside(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    alder, birch = tenants
    shared = await store_version(database, None)
    own = await store_version(database, alder.organisation_id)
    query = "select id from public.model_versions order by created_at, id"
    assert [row["id"] for row in await run(database, alder.actor, query)] == [shared, own]
    assert [row["id"] for row in await run(database, birch.actor, query)] == [shared]


@pytest.mark.parametrize("owner", ["application", "organisation"])
async def test_version_and_digest_of_a_model_are_unique(
    database: Database, tenants: tuple[Tenant, Tenant], owner: str
) -> None:
    organisation_id = tenants[0].organisation_id if owner == "organisation" else None
    await store_version(database, organisation_id, 1, "first")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await store_version(database, organisation_id, 1, "second")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await store_version(database, organisation_id, 2, "first")
    await store_version(database, organisation_id, 2, "second")
    await store_version(database, tenants[1].organisation_id, 1, "first")


async def test_server_stores_results_and_cannot_read_them(
    database: Database, tenants: tuple[Tenant, Tenant], result_id: UUID
) -> None:
    for statement in (BY_ID, "delete from public.inference_results where id = %s"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await run(database, SERVER, statement, result_id)


async def test_server_keeps_sessions(database: Database, tenants: tuple[Tenant, Tenant]) -> None:
    alder, _ = tenants
    expires_at = datetime.now(UTC) + timedelta(days=1)
    await run(
        database,
        SERVER,
        "insert into private.sessions (token_hash, person_id, organisation_id, expires_at) "
        "values (%s, %s, %s, %s)",
        b"hash",
        alder.person_id,
        alder.organisation_id,
        expires_at,
    )
    rows = await run(
        database,
        SERVER,
        "select private.person_email(person_id) as email from private.sessions "
        "where token_hash = %s",
        b"hash",
    )
    assert rows == [{"email": alder.email}]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(database, SERVER, "update private.sessions set person_id = gen_random_uuid()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(database, SERVER, "select email from auth.users")


async def test_results_outlive_their_person_and_end_with_their_organisation(
    database: Database, owner_dsn: str, tenants: tuple[Tenant, Tenant], result_id: UUID
) -> None:
    alder, _ = tenants
    await run(database, AUTH_ADMIN, "delete from auth.users where id = %s", alder.person_id)
    with psycopg.connect(owner_dsn) as owner:
        query = "select person_id from public.inference_results where id = %s"
        assert owner.execute(query, [result_id]).fetchone() == (None,)
        delete = "delete from public.organisations where id = %s"
        owner.execute(delete, [alder.organisation_id])
        assert owner.execute(query, [result_id]).fetchone() is None


async def test_updated_at_follows_an_update(owner_dsn: str, tenants: tuple[Tenant, Tenant]) -> None:
    with psycopg.connect(owner_dsn) as owner:
        row = owner.execute(
            "update public.organisations set name = 'Elder' where id = %s "
            "returning updated_at = now()::timestamptz(3), created_at < now()",
            [tenants[0].organisation_id],
        ).fetchone()
    assert row == (True, True)
