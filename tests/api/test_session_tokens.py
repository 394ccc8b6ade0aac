"""A session's token changes, and whoever shows an old one long afterwards ends the session."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from letters import PASSWORD

from lockstitch import Settings

HERE = "/v1/sessions/current"


Change = Callable[[str], None]


@pytest.fixture
def change(app: FastAPI, owner_dsn: str) -> Change:
    """Let time pass, in the database and in what is kept in memory of it."""

    def apply(statement: str) -> None:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute(statement.encode())
        app.state.lockstitch.sessions.forget_all()

    return apply


@pytest.fixture
def name(settings: Settings) -> str:
    return f"lockstitch-{settings.port}"


@pytest.fixture
async def aged(client: httpx2.AsyncClient, change: Change) -> httpx2.AsyncClient:
    """Somebody whose token is a day old."""
    change("update private.sessions set rotated_at = now() - interval '25 hours'")
    return client


async def status(client: httpx2.AsyncClient, name: str, token: str) -> int:
    """Show a token as a browser would that has no other."""
    client.cookies.clear()
    answer = await client.get(HERE, headers={"cookie": f"{name}={token}"})
    client.cookies.clear()
    return answer.status_code


async def test_a_token_stays_for_a_day_and_is_then_replaced_by_the_next_answer(
    client: httpx2.AsyncClient, change: Change, name: str
) -> None:
    first = client.cookies[name]
    assert "set-cookie" not in (await client.get(HERE)).headers
    change("update private.sessions set rotated_at = now() - interval '25 hours'")

    renewed = await client.get("/v1/members")

    cookie = renewed.headers["set-cookie"]
    assert client.cookies[name] != first
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "set-cookie" not in (await client.get(HERE)).headers
    assert len((await client.get("/v1/sessions")).json()["items"]) == 1


async def test_even_a_refusal_brings_the_new_token(aged: httpx2.AsyncClient) -> None:
    answer = await aged.get("/v1/predictions/00000000-0000-7000-8000-000000000000")

    assert answer.status_code == 404
    assert "set-cookie" in answer.headers
    assert (await aged.get(HERE)).status_code == 200


async def test_parallel_requests_of_one_page_all_pass_and_one_replaces_the_token(
    aged: httpx2.AsyncClient, name: str
) -> None:
    first = aged.cookies[name]

    answers = await asyncio.gather(
        *[aged.get(HERE, headers={"cookie": f"{name}={first}"}) for _ in range(8)]
    )

    assert {answer.status_code for answer in answers} == {200}
    assert sum("set-cookie" in answer.headers for answer in answers) == 1
    assert (await aged.get(HERE)).status_code == 200


async def test_an_old_token_that_is_shown_long_afterwards_ends_the_session(
    aged: httpx2.AsyncClient, app: FastAPI, start: Callable, change: Change, name: str
) -> None:
    thief = await start(app)
    stolen = aged.cookies[name]
    await aged.get(HERE)
    assert (await aged.get(HERE)).status_code == 200, "the browser has shown the new one"
    assert await status(thief, name, stolen) == 200, "within the overlap"
    change(
        "update private.retired_session_tokens set retired_at = now() - interval '2 minutes'",
    )

    assert await status(thief, name, stolen) == 401
    assert (await aged.get(HERE)).status_code == 401, "nobody knows who the thief is"


async def test_a_thief_who_renews_first_is_found_out_by_the_robbed(
    aged: httpx2.AsyncClient, app: FastAPI, start: Callable, change: Change, name: str
) -> None:
    thief = await start(app)
    thief.cookies.set(name, aged.cookies[name], domain="testserver.local")
    assert "set-cookie" in (await thief.get(HERE)).headers
    assert (await thief.get(HERE)).status_code == 200
    change(
        "update private.retired_session_tokens set retired_at = now() - interval '2 minutes'",
    )

    assert (await aged.get(HERE)).status_code == 401
    assert (await thief.get(HERE)).status_code == 401


async def test_a_browser_that_never_got_the_new_token_gets_another(
    aged: httpx2.AsyncClient, change: Change, name: str
) -> None:
    first = aged.cookies[name]
    past = (
        "update private.retired_session_tokens set retired_at = retired_at - interval '2 minutes'"
    )
    for _ in range(3):
        # The answer is lost on the way.
        answer = await aged.get(HERE, headers={"cookie": f"{name}={first}"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, True)
        change(past)

    aged.cookies.clear()
    answer = await aged.get(HERE, headers={"cookie": f"{name}={first}"})
    assert answer.status_code == 200
    assert (await aged.get(HERE)).status_code == 200
    change(past)
    assert await status(aged, name, first) == 401


async def test_signing_out_with_a_token_that_was_just_replaced_ends_the_session(
    aged: httpx2.AsyncClient, name: str
) -> None:
    first = aged.cookies[name]
    await aged.get(HERE)
    newest = aged.cookies[name]
    aged.cookies.clear()
    await aged.delete(HERE, headers={"cookie": f"{name}={first}"})

    assert await status(aged, name, newest) == 401


async def test_another_role_brings_another_token(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, name: str
) -> None:
    guest = (await stranger.get(HERE)).json()["person"]
    invited = await client.post("/v1/invitations", json={"email": guest["email"]})
    await stranger.post("/v1/invitations:accept", json={"token": invited.json()["token"]})
    await stranger.get(HERE)
    before = stranger.cookies[name]
    await stranger.get(HERE)
    assert stranger.cookies[name] == before

    await client.patch(f"/v1/members/{guest['id']}", json={"role": "admin"})
    await stranger.get(HERE)

    assert stranger.cookies[name] != before


async def test_a_session_has_an_end_however_much_it_is_used(
    client: httpx2.AsyncClient, change: Change
) -> None:
    change(
        "update private.sessions set created_at = now() - interval '31 days', "
        "expires_at = now() - interval '1 second', rotated_at = now()",
    )

    assert (await client.get(HERE)).status_code == 401
    assert (await client.get("/v1/members")).status_code == 401


async def test_every_session_but_this_one_is_listed_and_can_be_ended(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient
) -> None:
    email = (await client.get(HERE)).json()["person"]["email"]
    others = [await start(app) for _ in range(2)]
    for other in others:
        await other.post("/v1/sessions", json={"email": email, "password": PASSWORD})

    listed = (await client.get("/v1/sessions")).json()["items"]
    for place in listed:
        if not place["current"]:
            assert (await client.delete(f"/v1/sessions/{place['id']}")).status_code == 204

    assert [place["current"] for place in listed].count(True) == 1
    assert len(listed) == 3
    assert [(await other.get(HERE)).status_code for other in others] == [401, 401]
    assert len((await client.get("/v1/sessions")).json()["items"]) == 1


@pytest.mark.parametrize(
    "closing", ["deleted_at = now()", "banned_until = now() + interval '1 hour'"]
)
async def test_who_is_banned_or_gone_has_no_session(
    app: FastAPI, client: httpx2.AsyncClient, postgres: Any, database_name: str, closing: str
) -> None:
    person = (await client.get(HERE)).json()["person"]["id"]
    with psycopg.connect(postgres.dsn("supabase_admin", database_name)) as connection:
        connection.execute(f"update auth.users set {closing} where id = %s", [person])
    app.state.lockstitch.sessions.forget_all()

    assert (await client.get(HERE)).status_code == 401
    assert (await client.get("/v1/members")).status_code == 401
