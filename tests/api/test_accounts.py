"""Sign-up, sign-in, sign-out, over HTTP on a real database."""

from collections.abc import Callable

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from lockstitch import Settings

PASSWORD = "correct horse battery"
ADA = {"email": "Ada@Example.com", "password": PASSWORD}


async def test_sign_up_makes_an_account_with_an_organisation_and_signs_in(
    anonymous: httpx2.AsyncClient,
) -> None:
    answer = await anonymous.post("/v1/accounts", json={**ADA, "organisation_name": "Engines"})

    assert answer.status_code == 201
    session = answer.json()
    assert session["person"]["email"] == "ada@example.com"
    assert session["organisation"]["name"] == "Engines"
    assert session["organisation"]["role"] == "owner"
    assert session["expires_at"].endswith("Z")
    assert (await anonymous.get("/v1/sessions/current")).json() == session


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    anonymous: httpx2.AsyncClient,
) -> None:
    answer = await anonymous.post("/v1/accounts", json=ADA)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("lockstitch-8123=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_behind_https_the_cookie_is_for_this_host_alone(
    settings: Settings, start: Callable
) -> None:
    from lockstitch import Lockstitch

    strong = {"https": True, "secret_key": "9f86d081884c7d659a2feaa0c55ad015"}
    application = FastAPI()
    Lockstitch(application, settings=Settings(**{**dict(settings), **strong}))
    client = await start(application)

    cookie = (await client.post("/v1/accounts", json=ADA)).headers["set-cookie"]

    assert cookie.startswith("__Host-lockstitch=")
    assert "Secure" in cookie


async def test_an_address_can_be_taken_once(anonymous: httpx2.AsyncClient) -> None:
    await anonymous.post("/v1/accounts", json=ADA)

    again = await anonymous.post("/v1/accounts", json={**ADA, "email": "ADA@example.com "[:-1]})

    assert again.status_code == 409
    assert again.json()["type"] == "urn:lockstitch:problem:email-taken"


async def test_sign_in_needs_the_right_password(anonymous: httpx2.AsyncClient) -> None:
    await anonymous.post("/v1/accounts", json=ADA)
    anonymous.cookies.clear()

    wrong = await anonymous.post("/v1/sessions", json={**ADA, "password": "wrong wrong wrong"})
    unknown = await anonymous.post("/v1/sessions", json={**ADA, "email": "bob@example.com"})
    right = await anonymous.post("/v1/sessions", json=ADA)

    assert wrong.status_code == unknown.status_code == 401
    # The two must not be told apart.
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert right.status_code == 201


async def test_sign_out_ends_the_session_on_the_server(anonymous: httpx2.AsyncClient) -> None:
    await anonymous.post("/v1/accounts", json=ADA)
    kept = dict(anonymous.cookies)

    assert (await anonymous.delete("/v1/sessions/current")).status_code == 204
    assert not anonymous.cookies
    anonymous.cookies.update(kept)
    assert (await anonymous.get("/v1/sessions/current")).status_code == 401


async def test_an_expired_session_is_no_session(settings: Settings, start: Callable) -> None:
    from lockstitch import Lockstitch

    application = FastAPI()
    moment = 0.1 / 86_400
    Lockstitch(application, settings=settings.model_copy(update={"session_days": moment}))
    client = await start(application)
    token = (await client.post("/v1/accounts", json=ADA)).headers.get("set-cookie", "")
    name, _, value = token.partition(";")[0].partition("=")

    async def status() -> int:
        answer = await client.get("/v1/sessions/current", headers={"cookie": f"{name}={value}"})
        return answer.status_code

    # The database's clock decides; ask until it has, for ten seconds at the most.
    import asyncio

    async with asyncio.timeout(10):
        while await status() == 200:
            pass
    assert await status() == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_write_from_another_site_is_refused(
    anonymous: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await anonymous.post("/v1/accounts", json=ADA, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:lockstitch:problem:foreign-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://testserver"},
        {"origin": "http://testserver", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_a_write_from_here_or_from_a_program_is_taken(
    anonymous: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await anonymous.post("/v1/accounts", json=ADA, headers=headers)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody", "password": PASSWORD}, "/email"),
        ({"email": "a@b.example", "password": "tooweak"}, "/password"),
        ({"email": "a@b.example", "password": "x" * 201}, "/password"),
        ({"email": "a@b.example"}, "/password"),
        ({**ADA, "email": "a\u0000b@x.example"}, "/email"),
        ({**ADA, "email": "\x1b[31m@x.example"}, "/email"),
        ({**ADA, "email": "İ" * 100 + "@x.example"}, "/email"),
        ({**ADA, "organisation_name": "a\u0000b"}, "/organisation_name"),
        ({**ADA, "organisation_name": "   "}, "/organisation_name"),
        ({**ADA, "role": "owner"}, "/role"),
    ],
)
async def test_a_bad_sign_up_is_refused_at_its_field_and_never_repeated(
    anonymous: httpx2.AsyncClient, body: dict[str, str], pointer: str
) -> None:
    answer = await anonymous.post("/v1/accounts", json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert body.get("password", PASSWORD) not in answer.text


async def test_a_long_address_gives_a_name_that_fits(anonymous: httpx2.AsyncClient) -> None:
    answer = await anonymous.post("/v1/accounts", json={**ADA, "email": "a" * 240 + "@x.example"})

    assert answer.status_code == 201
    assert answer.json()["organisation"]["name"] == "a" * 200


@pytest.mark.parametrize(("host", "status"), [("192.0.2.1", 503), ("127.0.0.1", 201), ("::1", 201)])
async def test_on_a_placeholder_key_the_service_answers_this_machine_alone(
    app: FastAPI, start: Callable, host: str, status: int
) -> None:
    await start(app)

    async def reached(scope: Scope, receive: Receive, send: Send) -> None:
        # What uvicorn says of the address at which a request came in.
        await app({**scope, "server": (host, 8000)}, receive, send)

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(reached), base_url="http://testserver"
    ) as client:
        answer = await client.post("/v1/accounts", json=ADA)

    assert answer.status_code == status
    if status == 503:
        assert answer.json()["type"] == "urn:lockstitch:problem:placeholder-secret"


async def test_a_blank_text_is_called_blank(anonymous: httpx2.AsyncClient) -> None:
    answer = await anonymous.post("/v1/accounts", json={**ADA, "organisation_name": "  "})

    assert answer.json()["errors"][0]["message"].startswith("Text must not be blank")


async def test_a_token_in_the_database_is_useless_without_the_key(
    anonymous: httpx2.AsyncClient, settings: Settings, start: Callable
) -> None:
    from lockstitch import Lockstitch

    await anonymous.post("/v1/accounts", json=ADA)
    application = FastAPI()
    other = Settings(**{**dict(settings), "secret_key": "another-key"})
    Lockstitch(application, settings=other)
    elsewhere = await start(application)
    elsewhere.cookies.update(dict(anonymous.cookies))

    assert (await elsewhere.get("/v1/sessions/current")).status_code == 401


async def test_a_person_sees_where_they_are_signed_in_and_ends_it(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    email = (await client.get("/v1/sessions/current")).json()["person"]["email"]
    elsewhere = await start(app)
    headers = {"user-agent": "Elsewhere/1.0"}
    await elsewhere.post(
        "/v1/sessions", json={"email": email, "password": PASSWORD}, headers=headers
    )

    listed = (await client.get("/v1/sessions")).json()["items"]
    there = next(one for one in listed if not one["current"])

    assert [one["current"] for one in listed].count(True) == 1
    assert there["user_agent"] == "Elsewhere/1.0"
    assert (await stranger.delete(f"/v1/sessions/{there['id']}")).status_code == 404
    assert (await elsewhere.get("/v1/sessions/current")).status_code == 200
    assert (await client.delete(f"/v1/sessions/{there['id']}")).status_code == 204
    assert (await elsewhere.get("/v1/sessions/current")).status_code == 401


async def test_a_session_that_nobody_uses_ends(
    client: httpx2.AsyncClient, app: FastAPI, owner_dsn: str
) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("update private.sessions set last_seen_at = now() - interval '8 days'")
    # What is kept in memory is over by then.
    app.state.lockstitch.sessions.forget_all()

    assert (await client.get("/v1/sessions/current")).status_code == 401
