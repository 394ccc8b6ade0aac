"""The whole application behind a PgBouncer that gives each transaction another connection."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from pooler import transaction_pooler
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from pydantic import BaseModel, SecretStr
from tenants import Tenant

from lockstitch import Lockstitch, Model
from lockstitch.api.database import direct_dsn, project_database
from lockstitch.database.session import ANONYMOUS, SERVER, Database
from lockstitch.errors import ConfigurationError, DatabaseUnavailable
from lockstitch.settings import Settings

PREDICTIONS = "/v1/models/repeat/predictions"
# More than psycopg executes before it prepares a statement.
MANY = 12


@pytest.fixture
def pooled_dsn(database_dsn: str) -> Iterator[str]:
    with transaction_pooler(database_dsn) as dsn:
        yield dsn


@pytest.fixture
def settings(pooled_dsn: str, database_dsn: str, tmp_path: Path) -> Settings:
    return Settings(
        database_dsn=SecretStr(pooled_dsn),
        database_direct_dsn=SecretStr(database_dsn),
        data=tmp_path,
        port=8123,
    )


@pytest.fixture
async def pooled(pooled_dsn: str) -> AsyncIterator[Database]:
    opened = Database(pooled_dsn, max_connections=6)
    await opened.open()
    yield opened
    await opened.close()


async def test_people_sign_up_predict_and_read_their_own_history_alone(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    async def predict(who: httpx2.AsyncClient, text: str) -> int:
        answer = await who.post(PREDICTIONS, json={"text": text})
        history = await who.get("/v1/predictions", params={"limit": 100})
        own = text.partition(" ")[0]
        assert all(item["input"]["text"].startswith(own) for item in history.json()["items"])
        return answer.status_code

    codes = await asyncio.gather(
        *(predict(who, f"{name} {n}") for n in range(MANY) for who, name in both(client, stranger))
    )

    assert set(codes) == {200}
    for who, name in both(client, stranger):
        items = (await who.get("/v1/predictions", params={"limit": 100})).json()["items"]
        assert {item["input"]["text"] for item in items} == {f"{name} {n}" for n in range(MANY)}


def both(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> list[tuple[httpx2.AsyncClient, str]]:
    return [(client, "mine"), (stranger, "theirs")]


async def test_keys_and_repeated_requests_work(client: httpx2.AsyncClient, app: FastAPI) -> None:
    made = (await client.post("/v1/api-keys", json={"name": "m", "scopes": ["predict"]})).json()
    headers = {"authorization": f"Bearer {made['key']}", "idempotency-key": "one"}
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as machine:
        answers = [
            await machine.post(PREDICTIONS, json={"text": "once"}, headers=headers)
            for _ in range(MANY)
        ]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await client.get("/v1/predictions")).json()["items"]) == 1


async def test_a_revoked_key_is_dropped_everywhere_by_a_notification_around_the_pooler(
    client: httpx2.AsyncClient, settings: Settings, start: Callable
) -> None:
    made = (await client.post("/v1/api-keys", json={"name": "m", "scopes": ["predict"]})).json()
    colleague = FastAPI()
    Lockstitch(colleague, models=[Length], settings=settings)
    machine = await start(colleague)
    path, headers = "/v1/models/length/predictions", {"authorization": f"Bearer {made['key']}"}

    async def status() -> int:
        answer = await machine.post(path, json={"text": "a"}, headers=headers)
        return answer.status_code

    assert await status() == 200
    assert (await client.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    # What a process has seen of a key it believes for 10 seconds, unless it is told.
    deadline = time.monotonic() + 6
    while (code := await status()) != 401 and time.monotonic() < deadline:
        continue
    assert code == 401


class Text(BaseModel):
    text: str


class Characters(BaseModel):
    characters: int


class Length(Model[Text, Characters]):
    """Counts."""

    def predict(self, batch: list[Text]) -> list[Characters]:
        return [Characters(characters=len(item.text)) for item in batch]


async def test_every_client_shares_the_server_connection_and_no_claims_stay_on_it(
    pooled: Database, pooled_dsn: str, tenants: tuple[Tenant, Tenant]
) -> None:
    processes: set[int] = set()

    async def look(tenant: Tenant) -> None:
        async with pooled.transaction(tenant.actor) as connection:
            row = await one(connection, "select pg_backend_pid() as pid, auth.uid() as person")
            # Another transaction would like to begin here.
            await asyncio.sleep(0)
            rows = await (
                await connection.execute("select id from public.organisations")
            ).fetchall()
        processes.add(row["pid"])
        assert row["person"] == tenant.person_id
        assert [one["id"] for one in rows] == [tenant.organisation_id]

    await asyncio.gather(*(look(tenant) for _ in range(MANY) for tenant in tenants))

    async with await AsyncConnection.connect(pooled_dsn, row_factory=dict_row) as connection:
        nobody = await one(connection, NOBODY)
    assert processes == {nobody["pid"]}
    assert (nobody["role"], nobody["claims"] or "") == ("authenticator", "")


NOBODY = """
    select pg_backend_pid() as pid, current_user::text as role,
        current_setting('request.jwt.claims', true) as claims
"""


async def one(connection: AsyncConnection, query: str) -> dict:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row


async def test_what_a_lost_client_began_is_rolled_back_and_its_claims_are_gone(
    pooled: Database, pooled_dsn: str, tenants: tuple[Tenant, Tenant]
) -> None:
    async def end_half_way() -> None:
        async with pooled.transaction(tenants[0].actor) as connection:
            await connection.execute("update public.organisations set name = 'half done'")
            cut(connection)
            await connection.execute("select 1")

    with pytest.raises(DatabaseUnavailable):
        await end_half_way()

    async with await AsyncConnection.connect(pooled_dsn, row_factory=dict_row) as bare:
        nobody = await one(bare, NOBODY)
    assert (nobody["role"], nobody["claims"] or "") == ("authenticator", "")
    async with pooled.transaction(SERVER) as connection:
        names = await (await connection.execute("select name from public.organisations")).fetchall()
    assert {row["name"] for row in names} == {"Alder", "Birch"}


def cut(connection: AsyncConnection) -> None:
    """Break the connection as a network does: without a word."""
    # A duplicate, since psycopg closes its own.
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


async def test_a_server_that_ends_in_a_transaction_is_told_and_the_next_one_works(
    pooled: Database, owner_dsn: str, tenants: tuple[Tenant, Tenant]
) -> None:
    async def be_ended_half_way() -> None:
        async with pooled.transaction(tenants[0].actor) as connection:
            row = await one(connection, "select pg_backend_pid() as pid")
            await connection.execute("update public.organisations set name = 'half done'")
            with psycopg.connect(owner_dsn) as owner:
                owner.execute("select pg_terminate_backend(%s)", [row["pid"]])
            await connection.execute("select 1")

    with pytest.raises(DatabaseUnavailable):
        await be_ended_half_way()

    async with pooled.transaction(tenants[1].actor) as connection:
        rows = await (await connection.execute("select name from public.organisations")).fetchall()
    assert [row["name"] for row in rows] == ["Birch"]


async def test_the_pooler_refuses_what_we_therefore_do_not_do(pooled_dsn: str) -> None:
    """A prepared statement of one client meets another's of the same name."""
    async with (
        await AsyncConnection.connect(pooled_dsn, prepare_threshold=0) as first,
        await AsyncConnection.connect(pooled_dsn, prepare_threshold=0) as second,
    ):
        await first.execute("select 1")
        await first.commit()
        with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
            await second.execute("select 2")


async def test_statements_are_prepared_where_there_is_no_pooler(
    pooled: Database, database: Database
) -> None:
    async with pooled.transaction(ANONYMOUS) as behind, database.transaction(ANONYMOUS) as direct:
        assert behind.prepare_threshold is None
        assert direct.prepare_threshold is not None


def test_what_needs_a_session_goes_around_the_pooler(
    settings: Settings, pooled_dsn: str, database_dsn: str
) -> None:
    with project_database(settings) as dsn:
        assert dsn == pooled_dsn
        assert direct_dsn(settings, dsn) == database_dsn
    without = settings.model_copy(update={"database_direct_dsn": None})
    assert direct_dsn(without, pooled_dsn) == pooled_dsn


def test_a_way_around_no_pooler_is_refused(settings: Settings) -> None:
    alone = settings.model_copy(update={"database_dsn": None})
    with (
        pytest.raises(ConfigurationError, match="Set LOCKSTITCH_DATABASE_DSN too"),
        project_database(alone),
    ):
        pass
