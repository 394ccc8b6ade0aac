"""Confirming an address and changing it and the password, where Supabase Auth keeps both."""

from typing import Any

import httpx2
import pytest
from gotrue import GoTrue
from hosted import ADA, application, problem

from lockstitch import Settings

NEW = "another long password"


@pytest.fixture
async def anonymous_there(hosted_settings: Settings, start: Any) -> httpx2.AsyncClient:
    client: httpx2.AsyncClient = await start(application(hosted_settings))
    return client


@pytest.fixture
async def ada(hosted_settings: Settings, start: Any) -> httpx2.AsyncClient:
    client: httpx2.AsyncClient = await start(application(hosted_settings))
    assert (await client.post("/v1/accounts", json=ADA)).status_code == 201
    return client


def last_link(gotrue: GoTrue) -> str:
    return list(gotrue.links)[-1]


async def sign_in(client: httpx2.AsyncClient, **change: str) -> int:
    return (await client.post("/v1/sessions", json=ADA | change)).status_code


async def test_forgotten_password_is_chosen_anew_once_and_every_session_ends(
    ada: httpx2.AsyncClient, anonymous_there: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    asked = await anonymous_there.post("/v1/password-resets", json={"email": ADA["email"]})
    nobody = await anonymous_there.post("/v1/password-resets", json={"email": "no@example.com"})
    assert asked.is_success
    assert nobody.status_code == asked.status_code
    assert gotrue.letters == [(ADA["email"], "recovery")]
    body = {"token": last_link(gotrue), "password": NEW}
    assert (await anonymous_there.post("/v1/password-resets:use", json=body)).status_code == 204
    assert problem(await ada.get("/v1/sessions/current")) == (401, "sign-in-required")
    assert await sign_in(anonymous_there) == 401
    assert await sign_in(anonymous_there, password=NEW) == 201
    again = await anonymous_there.post("/v1/password-resets:use", json=body)
    assert problem(again) == (409, "link-invalid")


async def test_link_that_nobody_sent_changes_nothing(
    ada: httpx2.AsyncClient, anonymous_there: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    confirmation = gotrue.link("email", ADA["email"])
    for token in ("pkce_0", confirmation):
        body = {"token": token, "password": NEW}
        refused = await anonymous_there.post("/v1/password-resets:use", json=body)
        assert problem(refused) == (409, "link-invalid")
    assert await sign_in(anonymous_there) == 201


async def test_address_is_confirmed_by_the_link_and_then_signs_in(
    anonymous_there: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    gotrue.confirms = True
    await anonymous_there.post("/v1/accounts", json=ADA)
    assert await sign_in(anonymous_there) == 403
    body = {"token": last_link(gotrue)}
    used = await anonymous_there.post("/v1/email-confirmations:use", json=body)
    assert used.status_code == 204
    # The session that the link opened was only a means.
    assert gotrue.sessions == {}
    assert await sign_in(anonymous_there) == 201


async def test_password_is_changed_with_the_old_one_and_other_sessions_end(
    ada: httpx2.AsyncClient, anonymous_there: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    assert await sign_in(anonymous_there) == 201
    path = "/v1/accounts/current/password"
    wrong = {"current_password": "incorrect horse", "password": NEW}
    assert problem(await ada.put(path, json=wrong)) == (401, "wrong-credentials")
    right = {"current_password": ADA["password"], "password": NEW}
    assert (await ada.put(path, json=right)).status_code == 204
    assert (await ada.get("/v1/sessions/current")).status_code == 200
    elsewhere = await anonymous_there.get("/v1/sessions/current")
    assert problem(elsewhere) == (401, "sign-in-required")
    assert await sign_in(anonymous_there, password=NEW) == 201


async def test_same_password_is_named_at_its_place(ada: httpx2.AsyncClient) -> None:
    body = {"current_password": ADA["password"], "password": ADA["password"]}
    refused = await ada.put("/v1/accounts/current/password", json=body)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["rule"] == "same_password"


async def test_new_address_counts_when_its_link_was_used(
    ada: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    path = "/v1/accounts/current/email"
    new = {"email": "countess@example.com", "password": ADA["password"]}
    assert problem(await ada.put(path, json=new | {"password": "incorrect horse"})) == (
        401,
        "wrong-credentials",
    )
    assert (await ada.put(path, json=new)).is_success
    current = await ada.get("/v1/sessions/current")
    assert current.json()["person"]["email"] == ADA["email"]
    body = {"token": last_link(gotrue)}
    # The person of the letter is found by the new address.
    assert (await ada.post("/v1/email-confirmations:use", json=body)).status_code == 204
    current = await ada.get("/v1/sessions/current")
    assert current.json()["person"]["email"] == new["email"]
    # Only the session of the browser is left.
    assert len(gotrue.sessions) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/password-resets", {"email": ADA["email"]}),
        ("POST", "/v1/password-resets:use", {"token": "pkce_0", "password": NEW}),
        ("POST", "/v1/email-confirmations:use", {"token": "pkce_0"}),
        (
            "PUT",
            "/v1/accounts/current/password",
            {"current_password": ADA["password"], "password": NEW},
        ),
        (
            "PUT",
            "/v1/accounts/current/email",
            {"email": "countess@example.com", "password": ADA["password"]},
        ),
    ],
)
async def test_each_says_so_when_supabase_fails(
    ada: httpx2.AsyncClient, gotrue: GoTrue, method: str, path: str, body: dict[str, str]
) -> None:
    gotrue.failure = "500"
    answer = await ada.request(method, path, json=body)
    assert problem(answer) == (503, "accounts-unavailable")
    gotrue.failure = ""
    assert (await ada.get("/v1/sessions/current")).status_code == 200
