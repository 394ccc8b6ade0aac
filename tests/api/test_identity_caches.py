"""A revoked key or session is refused in every process, although each keeps what it looked up."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch import Lockstitch, Model, Settings
from lockstitch.api.services import Services
from lockstitch.identity.keys import Keys

ME = "/v1/sessions/current"
PREDICT = "/v1/models/repeat/predictions"
HELLO = {"text": "hello"}


class Text(BaseModel):
    text: str


class Repeat(Model[Text, Text]):
    """Says it again."""

    def predict(self, batch: list[Text]) -> list[Text]:
        return batch


@pytest.fixture
def other_app(settings: Settings) -> FastAPI:
    """As another process has it: with caches, a pool and a listener of its own."""
    application = FastAPI()
    Lockstitch(application, models=[Repeat], settings=settings)
    return application


@pytest.fixture
async def other(other_app: FastAPI, start: Callable) -> httpx2.AsyncClient:
    client: httpx2.AsyncClient = await start(other_app)
    return client


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        yield connection


async def made_key(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json={"name": "robot", "scopes": ["predict"]})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def with_key(made: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {made['key']}"}


def same_browser(client: httpx2.AsyncClient, other: httpx2.AsyncClient) -> httpx2.AsyncClient:
    other.cookies.update(client.cookies)
    return other


async def until(ask: Callable[[], Awaitable[int]], status: int, seconds: float) -> float:
    """Return after how many seconds the answer is this one."""
    started = time.monotonic()
    while (last := await ask()) != status:
        assert time.monotonic() - started < seconds, f"still {last} after {seconds} s"
        await asyncio.sleep(0.01)
    return time.monotonic() - started


async def test_a_revoked_key_is_refused_here_at_once_and_elsewhere_within_a_second(
    client: httpx2.AsyncClient, other: httpx2.AsyncClient
) -> None:
    made = await made_key(client)

    async def asked(where: httpx2.AsyncClient) -> int:
        where.cookies.clear()
        return (await where.post(PREDICT, json=HELLO, headers=with_key(made))).status_code

    cookies = httpx2.Cookies(client.cookies)
    assert [await asked(client), await asked(other)] == [200, 200]
    client.cookies.update(cookies)

    assert (await client.delete(f"/v1/api-keys/{made['id']}")).status_code == 204

    assert await asked(client) == 401
    await until(lambda: asked(other), 401, 1.0)


@pytest.mark.parametrize("statement", ["expires_at = now()", "revoked_at = now()"])
async def test_a_key_that_is_changed_by_hand_is_refused_within_a_second(
    client: httpx2.AsyncClient,
    other: httpx2.AsyncClient,
    owner: psycopg.Connection,
    statement: str,
) -> None:
    made = await made_key(client)

    async def asked() -> int:
        return (await other.post(PREDICT, json=HELLO, headers=with_key(made))).status_code

    assert await asked() == 200
    owner.execute(f"update public.api_keys set {statement} where id = %s", [made["id"]])

    await until(asked, 401, 1.0)


async def test_a_key_is_kept_without_a_question_to_the_database(
    client: httpx2.AsyncClient, app: FastAPI, owner: psycopg.Connection
) -> None:
    made = await made_key(client)
    services: Services = app.state.lockstitch
    token = next(iter(client.cookies.jar)).value or ""
    assert await services.keys.find(made["key"]) is not None
    assert await services.sessions.find(token) is not None

    with owner.transaction():
        owner.execute("lock table public.api_keys, private.sessions in access exclusive mode")
        async with asyncio.timeout(1):
            assert await services.keys.find(made["key"]) is not None
            assert await services.sessions.find(token) is not None


async def test_a_session_that_is_ended_is_over_here_at_once_and_elsewhere_within_a_second(
    client: httpx2.AsyncClient, other: httpx2.AsyncClient
) -> None:
    same_browser(client, other)
    elsewhere = httpx2.Cookies(client.cookies)

    async def asked() -> int:
        return (await other.get(ME)).status_code

    assert [(await client.get(ME)).status_code, await asked()] == [200, 200]
    await client.delete(ME)
    client.cookies.update(elsewhere)

    assert (await client.get(ME)).status_code == 401
    await until(asked, 401, 1.0)


async def test_a_session_that_is_revoked_elsewhere_is_over_within_a_second(
    client: httpx2.AsyncClient, other: httpx2.AsyncClient
) -> None:
    same_browser(client, other)
    assert (await other.get(ME)).status_code == 200
    (place,) = (await client.get("/v1/sessions")).json()["items"]

    await client.delete(f"/v1/sessions/{place['id']}")

    async def asked() -> int:
        return (await other.get(ME)).status_code

    await until(asked, 401, 1.0)


async def test_a_role_and_a_membership_change_everywhere_within_a_second(
    client: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    other: httpx2.AsyncClient,
    owner: psycopg.Connection,
) -> None:
    guest = (await stranger.get(ME)).json()["person"]
    invitation = {"email": guest["email"], "role": "viewer"}
    invited = await client.post("/v1/invitations", json=invitation)
    await stranger.post("/v1/invitations:accept", json={"token": invited.json()["token"]})
    same_browser(stranger, other)

    async def asked() -> int:
        return (await other.post(PREDICT, json=HELLO)).status_code

    assert await asked() == 403
    await client.patch(f"/v1/members/{guest['id']}", json={"role": "member"})
    assert (await stranger.post(PREDICT, json=HELLO)).status_code == 200
    await until(asked, 200, 1.0)
    await client.delete(f"/v1/members/{guest['id']}")
    # Whoever has left acts for no organisation; the session itself goes on.
    assert (await stranger.post(PREDICT, json=HELLO)).status_code == 403
    await until(asked, 403, 1.0)


async def test_a_name_of_an_organisation_changes_everywhere_within_a_second(
    client: httpx2.AsyncClient, owner: psycopg.Connection
) -> None:
    before = (await client.get(ME)).json()["organisation"]

    owner.execute("update public.organisations set name = 'Anew' where id = %s", [before["id"]])

    async def asked() -> int:
        return int((await client.get(ME)).json()["organisation"]["name"] == "Anew")

    await until(asked, 1, 1.0)


async def test_a_lost_notice_costs_ten_seconds_at_the_most(
    client: httpx2.AsyncClient, other: httpx2.AsyncClient, owner: psycopg.Connection
) -> None:
    made = await made_key(client)
    owner.execute("drop trigger tell_identity on public.api_keys")
    owner.execute("drop trigger tell_identity_deleted on private.sessions")
    same_browser(client, other)

    async def by_key() -> int:
        answer = await other.post(PREDICT, json=HELLO, headers=with_key(made))
        return answer.status_code

    async def by_session() -> int:
        return (await other.get(ME)).status_code

    assert [await by_key(), await by_session()] == [200, 200]
    owner.execute("update public.api_keys set revoked_at = now() where id = %s", [made["id"]])
    owner.execute("delete from private.sessions")

    # The positive control: without the notice they are still known.
    assert [await by_key(), await by_session()] == [200, 200]
    await until(by_key, 401, 11.0)
    await until(by_session, 401, 1.0)


async def test_a_listener_that_was_cut_off_comes_back_and_starts_from_nothing(
    client: httpx2.AsyncClient,
    other: httpx2.AsyncClient,
    other_app: FastAPI,
    owner: psycopg.Connection,
    postgres: Any,
    database_name: str,
) -> None:
    made = await made_key(client)
    keys: Keys = other_app.state.lockstitch.keys

    async def asked() -> int:
        return 200 if await keys.find(made["key"]) else 401

    assert await asked() == 200
    owner.execute("drop trigger tell_identity on public.api_keys")
    owner.execute("update public.api_keys set revoked_at = now() where id = %s", [made["id"]])
    assert await asked() == 200

    with psycopg.connect(postgres.dsn("supabase_admin", database_name)) as connection:
        cut = connection.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where datname = current_database() and query = 'listen lockstitch_identity'"
        ).fetchone()
    assert cut == (2,)

    assert await until(asked, 401, 5.0) < 5.0


async def test_any_notice_that_cannot_be_read_makes_them_forget_everything(
    client: httpx2.AsyncClient, app: FastAPI, owner: psycopg.Connection
) -> None:
    made = await made_key(client)
    keys: Keys = app.state.lockstitch.keys
    assert await keys.find(made["key"]) is not None
    owner.execute("drop trigger tell_identity on public.api_keys")
    owner.execute("update public.api_keys set revoked_at = now() where id = %s", [made["id"]])

    owner.execute("notify lockstitch_identity, 'what is this'")

    async def asked() -> int:
        return 200 if await keys.find(made["key"]) else 401

    await until(asked, 401, 1.0)


async def test_retention_of_sessions_that_are_over_tells_nothing(
    client: httpx2.AsyncClient, owner: psycopg.Connection, owner_dsn: str
) -> None:
    await client.get(ME)
    owner.execute(
        "update private.sessions set created_at = now() - interval '2 days', "
        "expires_at = now() - interval '1 day'"
    )
    with psycopg.connect(owner_dsn, autocommit=True) as listener:
        listener.execute("listen lockstitch_identity")
        owner.execute("delete from private.sessions")
        owner.execute("notify lockstitch_identity, 'the end'")
        heard = [notice.payload for notice in listener.notifies(timeout=10, stop_after=1)]

    assert heard == ["the end"]


async def test_two_keys_live_side_by_side_until_the_old_one_is_revoked(
    client: httpx2.AsyncClient, other: httpx2.AsyncClient
) -> None:
    old, new = await made_key(client), await made_key(client)

    async def asked(made: dict[str, Any]) -> int:
        return (await other.post(PREDICT, json=HELLO, headers=with_key(made))).status_code

    assert [await asked(old), await asked(new)] == [200, 200]
    listed = {one["id"]: one for one in (await client.get("/v1/api-keys")).json()["items"]}
    assert all(listed[made["id"]]["last_used_at"] for made in (old, new))
    assert not any(
        "key" in one or made["key"] in str(one) for one in listed.values() for made in (old, new)
    )

    await client.delete(f"/v1/api-keys/{old['id']}")
    await until(lambda: asked(old), 401, 1.0)
    assert await asked(new) == 200
