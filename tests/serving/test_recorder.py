"""Predictions are stored before their answers leave, many in one transaction."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from tenants import Tenant

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import DatabaseError, DatabaseUnavailable
from lockstitch.serving.recorder import PredictionRow, Recorder

Tenants = tuple[Tenant, Tenant]


@pytest.fixture
async def version_id(database: Database) -> UUID:
    async with database.transaction(SERVER) as connection:
        cursor = await connection.execute(
            "insert into public.model_versions (model, version, digest) "
            "values ('shout', 1, 'abc') returning id"
        )
        row = await cursor.fetchone()
    assert row is not None
    return UUID(str(row["id"]))


def row_of(tenant: Tenant, version_id: UUID, **changes: Any) -> PredictionRow:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": tenant.organisation_id,
        "person_id": tenant.person_id,
        "model_version_id": version_id,
        "input": b'{"text": "\xc3\xa9 \\u00e9"}',
        "output": b'{"score": 0.25}',
        "duration_seconds": 0.002,
        "created_at": datetime(2026, 11, 22, 10, 0, 0, 123000, UTC),
    }
    return PredictionRow(**(values | changes))


async def stored(database: Database, tenant: Tenant) -> list[dict[str, Any]]:
    async with database.transaction(tenant.actor) as connection:
        cursor = await connection.execute("select * from public.inference_results order by id")
        return await cursor.fetchall()


async def test_a_row_is_committed_when_record_returns(
    database: Database, tenants: Tenants, version_id: UUID
) -> None:
    recorder = Recorder(database)
    row = row_of(tenants[0], version_id)
    await recorder.record(row)

    assert await stored(database, tenants[0]) == [
        {
            "id": row.id,
            "organisation_id": tenants[0].organisation_id,
            "person_id": tenants[0].person_id,
            "model_version_id": version_id,
            "input": {"text": "é é"},
            "output": {"score": 0.25},
            "duration_seconds": 0.002,
            "created_at": row.created_at,
        }
    ]
    assert await stored(database, tenants[1]) == []
    await recorder.stop()


async def test_a_row_of_nobody_is_kept(
    database: Database, tenants: Tenants, version_id: UUID
) -> None:
    recorder = Recorder(database)
    await recorder.record(row_of(tenants[0], version_id, person_id=None))
    await recorder.stop()

    assert [row["person_id"] for row in await stored(database, tenants[0])] == [None]


async def test_rows_that_wait_together_share_a_transaction(
    database: Database, tenants: Tenants, version_id: UUID, owner_dsn: str
) -> None:
    recorder = Recorder(database)
    rows = [row_of(tenants[n % 2], version_id) for n in range(200)]
    await asyncio.gather(*(recorder.record(row) for row in rows))
    await recorder.stop()

    async with await psycopg.AsyncConnection.connect(owner_dsn, row_factory=dict_row) as connection:
        cursor = await connection.execute(
            "select count(*) as rows, count(distinct xmin::text) as transactions "
            "from public.inference_results"
        )
        assert await cursor.fetchone() == {"rows": 200, "transactions": 1}


async def test_a_row_that_is_refused_costs_no_other_its_answer(
    database: Database, tenants: Tenants, version_id: UUID
) -> None:
    recorder = Recorder(database)
    answers = await asyncio.gather(
        recorder.record(row_of(tenants[0], version_id)),
        recorder.record(row_of(tenants[1], version_id, organisation_id=uuid4())),
        recorder.record(row_of(tenants[1], version_id, input=b'{"text": "hidden\\u0000"}')),
        recorder.record(row_of(tenants[0], version_id)),
        return_exceptions=True,
    )
    await recorder.stop()

    assert (answers[0], answers[3]) == (None, None)
    for refused, code in ((answers[1], "23503"), (answers[2], "22P05")):
        assert isinstance(refused, DatabaseError)
        assert str(refused) == f"The prediction could not be stored (SQLSTATE {code})."
    assert len(await stored(database, tenants[0])) == 2
    assert await stored(database, tenants[1]) == []


async def test_every_caller_learns_that_the_database_is_gone(
    database_dsn: str, database: Database, tenants: Tenants, version_id: UUID
) -> None:
    gone = Database(database_dsn, max_connections=1)
    await gone.open()
    await gone.close()
    recorder = Recorder(gone)
    rows = [row_of(tenants[0], version_id) for _ in range(3)]
    answers = await asyncio.gather(*map(recorder.record, rows), return_exceptions=True)

    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 3
    assert await stored(database, tenants[0]) == []


async def test_a_stopped_recorder_has_stored_what_it_accepted(
    database: Database, tenants: Tenants, version_id: UUID
) -> None:
    recorder = Recorder(database, max_batch=1)
    calls = [asyncio.create_task(recorder.record(row_of(tenants[0], version_id))) for _ in range(3)]
    await asyncio.sleep(0)
    await recorder.stop()
    with pytest.raises(DatabaseUnavailable, match="The store of predictions is stopping"):
        await recorder.record(row_of(tenants[0], version_id))
    await asyncio.gather(*calls)

    assert len(await stored(database, tenants[0])) == 3
