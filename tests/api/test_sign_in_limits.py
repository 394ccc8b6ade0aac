"""A password cannot be tried without end: counted exactly, over HTTP on a real database."""

import asyncio
from collections.abc import Callable

import httpx2
import psycopg
import pytest
from conftest import ORIGIN, PASSWORD
from fastapi import FastAPI

from lockstitch import Lockstitch, Settings

ADA = {"email": "ada@example.com", "password": PASSWORD}
WRONG = {**ADA, "password": PASSWORD[::-1]}


@pytest.fixture
def limited(settings: Settings) -> FastAPI:
    return application(settings, sign_in_failures_per_email=3, sign_in_failures_per_address=5)


def application(settings: Settings, **changes: object) -> FastAPI:
    made = FastAPI()
    Lockstitch(made, settings=Settings(**{**dict(settings), **changes}))
    return made


async def sign_in(client: httpx2.AsyncClient, **changes: str) -> httpx2.Response:
    return await client.post("/v1/sessions", json={**WRONG, **changes})


async def test_the_right_password_is_refused_after_too_many_wrong_ones(
    limited: FastAPI, start: Callable
) -> None:
    client = await start(limited)
    await client.post("/v1/accounts", json=ADA)

    wrong = [(await sign_in(client)).status_code for _ in range(3)]
    refused = await sign_in(client, password=PASSWORD)

    assert wrong == [401, 401, 401]
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:lockstitch:problem:too-many-requests"
    assert 890 <= int(refused.headers["retry-after"]) <= 900
    assert refused.headers["ratelimit-policy"] == '"email";q=3;w=900, "address";q=5;w=900'
    assert refused.headers["ratelimit"].startswith('"email";r=0;t=')


async def test_an_unknown_email_is_answered_and_counted_like_a_known_one(
    settings: Settings, start: Callable
) -> None:
    client = await start(application(settings, sign_in_failures_per_email=3))
    await client.post("/v1/accounts", json=ADA)

    known = [await sign_in(client) for _ in range(4)]
    unknown = [await sign_in(client, email="bob@example.com") for _ in range(4)]

    assert [answer.status_code for answer in known] == [401, 401, 401, 429]
    for ours, theirs in zip(known, unknown, strict=True):
        assert ours.status_code == theirs.status_code
        assert ours.json()["detail"] == theirs.json()["detail"]
        assert set(ours.headers) == set(theirs.headers)
        left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in (ours, theirs)]
        assert left[0] == left[1]


async def test_a_success_forgets_the_failures_of_its_email_and_not_of_the_address(
    limited: FastAPI, start: Callable
) -> None:
    client = await start(limited)
    await client.post("/v1/accounts", json=ADA)

    for _ in range(2):
        await sign_in(client)
    assert (await sign_in(client, password=PASSWORD)).status_code == 201
    again = await sign_in(client)

    assert again.headers["ratelimit"].startswith('"email";r=2')
    assert '"address";r=2' in again.headers["ratelimit"]


async def test_one_address_cannot_try_one_password_on_many_accounts(
    limited: FastAPI, start: Callable
) -> None:
    client = await start(limited)

    tried = [await sign_in(client, email=f"person{number}@example.com") for number in range(6)]

    assert [answer.status_code for answer in tried] == [401] * 5 + [429]


async def test_parallel_attempts_are_not_more_attempts(limited: FastAPI, start: Callable) -> None:
    client = await start(limited)

    answers = await asyncio.gather(*(sign_in(client) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 9


async def test_a_window_ends(limited: FastAPI, start: Callable, owner_dsn: str) -> None:
    client = await start(limited)
    for _ in range(4):
        refused = await sign_in(client)
    assert refused.status_code == 429

    with psycopg.connect(owner_dsn) as connection:
        connection.execute("update private.rate_limits set expires_at = now() - interval '1 s'")

    assert (await sign_in(client)).status_code == 401


async def test_accounts_are_not_to_be_had_without_end(settings: Settings, start: Callable) -> None:
    client = await start(application(settings, sign_ups_per_address=2))

    answers = [
        await client.post("/v1/accounts", json={**ADA, "email": f"person{number}@example.com"})
        for number in range(3)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0].headers["ratelimit"].startswith('"address";r=1;t=')


async def test_no_email_address_of_a_stranger_is_kept(
    limited: FastAPI, start: Callable, owner_dsn: str
) -> None:
    await sign_in(await start(limited), email="stranger@example.com")

    with psycopg.connect(owner_dsn) as connection:
        keys = str(connection.execute("select key from private.rate_limits").fetchall())
    assert "sign-in/email/" in keys
    assert "stranger" not in keys


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "counted"),
    [
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "198.51.100.1", "198.51.100.1"),
        # The caller wrote the first one.
        ("10.0.0.0/8", "10.1.2.3", "192.0.2.77, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.0/8", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.0.0.0/8", "10.1.2.3", None, "10.1.2.3"),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("", "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
    ],
)
async def test_who_called_is_the_socket_or_what_a_trusted_proxy_says(
    settings: Settings,
    start: Callable,
    owner_dsn: str,
    trusted: str,
    peer: str,
    forwarded: str | None,
    counted: str,
) -> None:
    made = application(settings, trusted_proxies=trusted)
    await start(made)
    transport = httpx2.ASGITransport(made, client=(peer, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        headers = {"x-forwarded-for": forwarded} if forwarded else {}
        await client.post("/v1/sessions", json=WRONG, headers=headers)

    with psycopg.connect(owner_dsn) as connection:
        keys = [key for (key,) in connection.execute("select key from private.rate_limits")]
    assert f"sign-in/address/{counted}" in keys
