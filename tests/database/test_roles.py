"""What each role may do in its own organisation, in SQL, under its own claims."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import DictRow
from tenants import Tenant

from lockstitch.database.session import AUTH_ADMIN, SERVER, Actor, Database, become

ROLES = ("owner", "admin", "member", "viewer")
DATASET = """
    insert into public.user_datasets
        (organisation_id, person_id, name, media_type, size_bytes, digest, storage_path)
    values (%s, %s, %s, 'text/csv', 10, repeat('a', 64), %s) returning id
"""
INVITE = """
    insert into public.invitations
        (organisation_id, email, role, token_hash, invited_by, expires_at)
    values (%s, 'ada@example.com', %s, sha256(%s::bytea), %s, now() + interval '7 days')
"""
TRAINING = """
    insert into public.training_jobs (organisation_id, person_id, dataset_id, recipe)
    values (%s, %s, %s, 'text-classification') returning id
"""


async def run(database: Database, actor: Actor, query: str, *values: Any) -> list[DictRow]:
    async with database.transaction(actor) as connection:
        answer = await connection.execute(query.encode(), values)
        return await answer.fetchall() if answer.description else []


@pytest.fixture
async def people(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> AsyncIterator[dict[str, UUID]]:
    """One person in each role of the first organisation."""
    alder, _ = tenants
    found = {"owner": alder.person_id}
    for role in ROLES[1:]:
        found[role] = uuid4()
        async with database.transaction(AUTH_ADMIN) as connection:
            await connection.execute(
                "insert into auth.users (id, email) values (%s, %s)",
                [found[role], f"{role}@alder.example"],
            )
            await become(connection, SERVER)
            await connection.execute(
                "insert into public.organisation_members (organisation_id, person_id, role) "
                "values (%s, %s, %s)",
                [alder.organisation_id, found[role], role],
            )
    return found


async def may(database: Database, person: UUID, query: str, *values: Any) -> bool:
    """Whether a statement of a person does anything; rows that are not seen are not changed."""
    try:
        async with database.transaction(Actor.person(person)) as connection:
            answer = await connection.execute(query.encode(), values)
            return answer.rowcount > 0
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation):
        return False


@pytest.mark.parametrize(
    ("least", "statement"),
    [
        ("admin", "update public.organisations set name = 'Elsewhere' where id = %(o)s"),
        ("member", DATASET.replace("%s", "{}").format("%(o)s", "%(p)s", "'a'", "%(o)s || '/a'")),
        ("member", TRAINING.replace("%s", "{}").format("%(o)s", "%(p)s", "null")),
        (
            "admin",
            (
                "update public.organisation_members set role = 'admin' "
                "where organisation_id = %(o)s and role = 'viewer'"
            ),
        ),
        (
            "owner",
            (
                "update public.organisation_members set role = 'owner' "
                "where organisation_id = %(o)s and role = 'viewer'"
            ),
        ),
        (
            "admin",
            (
                "delete from public.organisation_members where organisation_id = %(o)s "
                "and role = 'member' and person_id <> %(p)s"
            ),
        ),
        (
            "admin",
            INVITE.replace("%s", "{}").format("%(o)s", "'admin'", "%(p)s::text", "%(p)s"),
        ),
        (
            "owner",
            INVITE.replace("%s", "{}").format("%(o)s", "'owner'", "%(p)s::text", "%(p)s"),
        ),
    ],
)
async def test_a_role_may_what_weaker_ones_may_not(
    database: Database,
    tenants: tuple[Tenant, Tenant],
    people: dict[str, UUID],
    least: str,
    statement: str,
) -> None:
    organisation = tenants[0].organisation_id
    # From the weakest, since what succeeds changes what is there.
    for role in reversed(ROLES):
        values = {"o": str(organisation), "p": str(people[role])}
        text = statement
        for name, value in values.items():
            text = text.replace(f"%({name})s", f"'{value}'")
        allowed = await may(database, people[role], text)
        if role == least:
            assert allowed, f"{role} may not"
            break
        assert not allowed, f"{role} may"


async def test_the_last_owner_stays(
    database: Database, tenants: tuple[Tenant, Tenant], people: dict[str, UUID]
) -> None:
    organisation = tenants[0].organisation_id
    leave = "delete from public.organisation_members where organisation_id = %s and person_id = %s"
    step_down = (
        "update public.organisation_members set role = 'member' "
        "where organisation_id = %s and person_id = %s"
    )

    assert not await may(database, people["owner"], leave, organisation, people["owner"])
    assert not await may(database, people["owner"], step_down, organisation, people["owner"])
    assert await may(database, people["viewer"], leave, organisation, people["viewer"])


async def test_a_job_refers_to_no_dataset_of_another_organisation(
    database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    alder, birch = tenants
    theirs = await run(
        database,
        birch.actor,
        DATASET,
        birch.organisation_id,
        birch.person_id,
        "reviews",
        f"{birch.organisation_id}/reviews",
    )

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await run(
            database,
            alder.actor,
            TRAINING,
            alder.organisation_id,
            alder.person_id,
            theirs[0]["id"],
        )


async def test_changes_of_members_stand_in_the_log_which_nobody_alters(
    database: Database, tenants: tuple[Tenant, Tenant], people: dict[str, UUID], owner_dsn: str
) -> None:
    alder, _ = tenants
    await run(
        database,
        alder.actor,
        "update public.organisation_members set role = 'member' where person_id = %s",
        people["viewer"],
    )

    logged = await run(
        database,
        alder.actor,
        "select action, person_id, subject, detail from public.audit_log "
        "where action = 'organisation_members.update'",
    )
    assert logged == [
        {
            "action": "organisation_members.update",
            "person_id": alder.person_id,
            "subject": str(people["viewer"]),
            "detail": {"role": {"before": "viewer", "after": "member"}},
        }
    ]
    assert await run(database, Actor.person(people["member"]), "select * from audit_log") == []
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        for change in (
            "update public.audit_log set action = 'nothing'",
            "delete from public.audit_log",
            "truncate public.audit_log",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
                owner.execute(change.encode())


async def test_what_is_old_goes_and_a_reader_of_events_is_told_of_the_gap(
    database: Database, tenants: tuple[Tenant, Tenant], owner_dsn: str
) -> None:
    organisation = tenants[0].organisation_id
    with psycopg.connect(owner_dsn) as owner:
        stream = owner.execute(
            "insert into public.streams (organisation_id, name, class, next_offset) "
            "values (%s, 'tokens', 'log', 3) returning id",
            [organisation],
        ).fetchone()
        assert stream is not None
        for offset, age in enumerate(("9 days", "8 days", "1 day")):
            owner.execute(
                "insert into public.stream_events "
                '(organisation_id, stream_id, epoch, "offset", type, data, created_at) '
                "values (%s, %s, 1, %s, 'token', '{}', now() - %s::interval)",
                [organisation, stream[0], offset, age],
            )

    removed = await run(database, SERVER, "select private.apply_retention() as count")

    assert removed == [{"count": 2}]
    kept = await run(database, SERVER, "select first_offset, next_offset from public.streams")
    assert kept == [{"first_offset": 2, "next_offset": 3}]
