"""Confirming an address, forgotten passwords, changes of both: over HTTP, by real letters."""

import asyncio
import hashlib
import socket
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from letters import PASSWORD, email_of, letter_to, letters_to, sign_up, token_in
from pydantic import SecretStr
from structlog.testing import capture_logs

from lockstitch import Lockstitch, Settings
from lockstitch.identity.mail.carrier import mail_folder

CONFIRM = "Confirm your e-mail address"
CHOOSE = "Choose a new password"
CHANGED = "Your password was changed"
NEW = "another long password"


async def person(client: httpx2.AsyncClient) -> dict[str, Any]:
    session: dict[str, Any] = (await client.get("/v1/sessions/current")).json()
    return dict(session["person"])


async def sign_in(client: httpx2.AsyncClient, email: str, password: str) -> int:
    answer = await client.post("/v1/sessions", json={"email": email, "password": password})
    return answer.status_code


async def use(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.post("/v1/email-confirmations:use", json={"token": token})


async def reset(client: httpx2.AsyncClient, token: str, password: str = NEW) -> httpx2.Response:
    body = {"token": token, "password": password}
    return await client.post("/v1/password-resets:use", json=body)


async def ask_reset(client: httpx2.AsyncClient, email: str) -> httpx2.Response:
    return await client.post("/v1/password-resets", json={"email": email})


async def test_a_new_account_confirms_its_address_by_the_link_and_may_press_twice(
    client: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, settings: Settings, owner_dsn: str
) -> None:
    email = await email_of(client)
    letter = await letter_to(settings, email, CONFIRM)

    assert (await person(client))["email_confirmed_at"] is None
    assert f"http://127.0.0.1:8123/confirm-email/#token={token_in(letter)}" in letter.text
    # Whoever holds the letter has the address: they need not be signed in.
    assert (await use(anonymous, token_in(letter))).status_code == 204
    assert (await use(anonymous, token_in(letter))).status_code == 204
    assert (await person(client))["email_confirmed_at"].endswith("Z")
    assert (await client.post("/v1/email-confirmations")).status_code == 204
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute("select token_hash from private.email_tokens").fetchone()
        told = connection.execute("select count(*) from private.mails").fetchone()
    assert row == (hashlib.sha256(token_in(letter).encode()).digest(),)
    assert len(token_in(letter)) >= 43, "256 bit"
    assert told == (1,), "a confirmed address is not asked about again"


async def test_a_link_is_refused_when_it_is_unknown_expired_or_for_something_else(
    client: httpx2.AsyncClient, settings: Settings, owner_dsn: str
) -> None:
    email = await email_of(client)
    confirm = token_in(await letter_to(settings, email, CONFIRM))
    await ask_reset(client, email)
    choose = token_in(await letter_to(settings, email, CHOOSE))

    refused = [await use(client, "A" * 43), await use(client, choose), await reset(client, confirm)]
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("update private.email_tokens set created_at = now() - interval '2 days'")
        connection.execute("update private.email_tokens set expires_at = now()")
    refused += [await use(client, confirm), await reset(client, choose)]

    assert {answer.status_code for answer in refused} == {409}
    assert {answer.json()["type"] for answer in refused} == {"urn:lockstitch:problem:link-invalid"}


async def test_a_forgotten_password_is_chosen_anew_once_and_every_session_ends(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient, settings: Settings
) -> None:
    email = await email_of(client)
    elsewhere, fresh = await start(app), await start(app)
    assert await sign_in(elsewhere, email, PASSWORD) == 201

    assert (await ask_reset(fresh, email)).status_code == 204
    token = token_in(await letter_to(settings, email, CHOOSE))
    too_short = await reset(fresh, token, "tooweak")
    done = await reset(fresh, token)
    again = await reset(fresh, token, PASSWORD)

    assert (too_short.status_code, done.status_code, again.status_code) == (422, 204, 409)
    assert (await client.get("/v1/sessions/current")).status_code == 401
    assert (await elsewhere.get("/v1/sessions/current")).status_code == 401
    assert await sign_in(fresh, email, PASSWORD) == 401
    assert await sign_in(fresh, email, NEW) == 201
    # Whoever had the letter has the address.
    assert (await person(fresh))["email_confirmed_at"] is not None
    await letter_to(settings, email, CHANGED)


@pytest.mark.parametrize(("confirmed", "links_left"), [(False, 0), (True, 1)])
async def test_who_first_proves_an_address_shuts_out_whoever_made_the_account(
    client: httpx2.AsyncClient,
    settings: Settings,
    owner_dsn: str,
    confirmed: bool,
    links_left: int,
) -> None:
    email = await email_of(client)
    if confirmed:
        assert (await use(client, token_in(await letter_to(settings, email, CONFIRM)))).is_success
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "insert into private.linked_identities (person_id, provider, issuer, subject) "
            "select id, 'acme', 'https://acme.example', 'mallory' from auth.users where email = %s",
            [email],
        )

    await ask_reset(client, email)
    done = await reset(client, token_in(await letter_to(settings, email, CHOOSE)))

    assert done.status_code == 204
    assert _one(owner_dsn, "select count(*) from private.linked_identities") == links_left


async def test_of_parallel_uses_of_one_link_one_counts(
    client: httpx2.AsyncClient, settings: Settings
) -> None:
    email = await email_of(client)
    await ask_reset(client, email)
    token = token_in(await letter_to(settings, email, CHOOSE))

    answers = await asyncio.gather(*[reset(client, token, f"{NEW} {n}") for n in range(4)])

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204, 409, 409, 409]
    assert await sign_in(client, email, f"{NEW} {statuses.index(204)}") == 201


async def test_nobody_learns_from_a_reset_whether_an_account_exists(
    client: httpx2.AsyncClient, settings: Settings, owner_dsn: str
) -> None:
    email = await email_of(client)

    known = await ask_reset(client, email)
    unknown = await ask_reset(client, "nobody@example.com")
    await letter_to(settings, email, CHOOSE)
    await _all_sent(owner_dsn)

    told = ("ratelimit", "x-request-id", "date")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [name for name in known.headers if name not in told] == [
        name for name in unknown.headers if name not in told
    ]
    recipients = {one.recipient for one in await mail_folder(settings).latest(100)}
    assert recipients == {email}


async def _all_sent(owner_dsn: str) -> None:
    """Wait until the outbox has taken note that nothing is left to send."""
    left = 1
    async with asyncio.timeout(10):
        while left:
            await asyncio.sleep(0.02)
            left = _one(owner_dsn, "select count(*) from private.mails where sent_at is null")


def _one(owner_dsn: str, query: str) -> int:
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_reset_stores_the_same_with_and_without_an_account(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    """The time cannot differ where the work does not: accounts are looked at after the answer."""
    inserted = "select n_tup_ins from pg_stat_user_tables where relname = 'mails'"

    async def wait_for(count: int) -> None:
        found = 0
        async with asyncio.timeout(20):
            while found < count:
                await asyncio.sleep(0.1)
                found = _one(owner_dsn, inserted)

    email = await email_of(client)
    # The letter of the sign-up; the server tells what was inserted a moment late.
    await wait_for(1)
    await ask_reset(client, email)
    await ask_reset(client, "nobody@example.com")
    await wait_for(3)
    assert _one(owner_dsn, inserted) == 3


async def test_letters_to_one_address_are_limited_whoever_asks_and_whatever_exists(
    settings: Settings, start: Callable
) -> None:
    application = FastAPI()
    Lockstitch(application, settings=settings.model_copy(update={"mails_per_email": 2}))
    client = await sign_up(await start(application))
    email = await email_of(client)

    for address in (email, "nobody@example.com"):
        statuses = [(await ask_reset(client, address)).status_code for _ in range(3)]
        assert statuses == [204, 204, 429]
    assert (await client.post("/v1/email-confirmations")).status_code == 429


async def test_a_reset_lets_in_whom_others_have_locked_out(
    client: httpx2.AsyncClient, settings: Settings
) -> None:
    email = await email_of(client)
    statuses = [await sign_in(client, email, "wrong wrong wrong") for _ in range(11)]
    assert statuses[-1] == 429
    assert await sign_in(client, email, PASSWORD) == 429

    await ask_reset(client, email)
    await reset(client, token_in(await letter_to(settings, email, CHOOSE)))

    assert await sign_in(client, email, NEW) == 201


async def test_a_password_is_changed_with_the_old_one_and_other_sessions_end(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient, settings: Settings
) -> None:
    email = await email_of(client)
    elsewhere = await start(app)
    await sign_in(elsewhere, email, PASSWORD)
    await ask_reset(client, email)
    old_link = token_in(await letter_to(settings, email, CHOOSE))
    path = "/v1/accounts/current/password"

    wrong = await client.put(path, json={"current_password": NEW, "password": NEW})
    right = await client.put(path, json={"current_password": PASSWORD, "password": NEW})

    assert wrong.json()["type"] == "urn:lockstitch:problem:wrong-credentials"
    assert right.status_code == 204
    assert (await client.get("/v1/sessions/current")).status_code == 200
    assert (await elsewhere.get("/v1/sessions/current")).status_code == 401
    assert await sign_in(elsewhere, email, NEW) == 201
    assert (await reset(client, old_link)).status_code == 409
    await letter_to(settings, email, CHANGED)


async def test_guesses_of_the_current_password_are_counted_as_sign_ins(
    settings: Settings, start: Callable
) -> None:
    application = FastAPI()
    changes = {"sign_in_failures_per_email": 2}
    Lockstitch(application, settings=settings.model_copy(update=changes))
    client = await sign_up(await start(application))
    guess = {"current_password": NEW, "password": NEW}

    path = "/v1/accounts/current/password"
    statuses = [(await client.put(path, json=guess)).status_code for _ in range(3)]

    assert statuses == [401, 401, 429]


async def test_a_new_address_counts_when_it_is_confirmed_and_the_old_one_is_told(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, settings: Settings
) -> None:
    old, taken = await email_of(client), await email_of(stranger)
    path = "/v1/accounts/current/email"

    refused = await client.put(path, json={"email": taken, "password": PASSWORD})
    wrong = await client.put(path, json={"email": "new@example.com", "password": NEW})
    asked = await client.put(path, json={"email": "New@Example.com", "password": PASSWORD})
    token = token_in(await letter_to(settings, "new@example.com", CONFIRM))

    assert (refused.status_code, wrong.status_code, asked.status_code) == (409, 401, 204)
    assert await email_of(client) == old
    assert (await use(client, token)).status_code == 204
    assert await email_of(client) == "new@example.com"
    assert (await person(client))["email_confirmed_at"] is not None
    told = await letter_to(settings, old, "Your e-mail address was changed")
    assert "new@example.com" in told.text
    # The link that was sent to the old address is worth nothing any more.
    first = token_in((await letters_to(settings, old, CONFIRM))[0])
    assert (await use(client, first)).status_code == 409


async def test_an_address_that_somebody_took_meanwhile_stays_theirs(
    client: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, settings: Settings
) -> None:
    change = {"email": "both@example.com", "password": PASSWORD}
    await client.put("/v1/accounts/current/email", json=change)
    token = token_in(await letter_to(settings, "both@example.com", CONFIRM))
    assert (await anonymous.post("/v1/accounts", json=change)).status_code == 201

    answer = await use(client, token)

    assert answer.json()["type"] == "urn:lockstitch:problem:email-taken"


@pytest.fixture
async def strict(settings: Settings, start: Callable) -> httpx2.AsyncClient:
    """A new account where addresses must be confirmed."""
    application = FastAPI()
    changes = {"require_verified_email": True}
    Lockstitch(application, settings=settings.model_copy(update=changes))
    return await sign_up(await start(application))


async def test_where_addresses_must_be_confirmed_nothing_else_works_before(
    strict: httpx2.AsyncClient, settings: Settings
) -> None:
    email = await email_of(strict)
    assert (await person(strict))["must_confirm_email"] is True

    refused = [
        await strict.get("/v1/members"),
        await strict.get("/v1/models"),
        await strict.put(f"/v1/organisations/{uuid4()}", json={"name": "Mine"}),
        await strict.post("/v1/invitations:accept", json={"token": "x"}),
    ]

    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["type"] for answer in refused} == {
        "urn:lockstitch:problem:email-not-confirmed"
    }
    assert (await strict.get("/v1/sessions")).status_code == 200
    assert (await strict.post("/v1/email-confirmations")).status_code == 204
    letters = await letters_to(settings, email, CONFIRM, count=2)
    # The letter that was asked for first works as well.
    assert (await use(strict, token_in(letters[-1]))).status_code == 204
    assert (await strict.get("/v1/members")).status_code == 200
    assert (await person(strict))["must_confirm_email"] is False


async def test_no_log_line_holds_a_token_or_an_address(
    app: FastAPI, client: httpx2.AsyncClient, settings: Settings
) -> None:
    app.state.lockstitch_settings = settings.model_copy(update={"access_log": "all"})
    email = await email_of(client)
    with capture_logs() as lines:
        await ask_reset(client, email)
        token = token_in(await letter_to(settings, email, CHOOSE))
        await reset(client, token)
        await reset(client, token)

    assert any(line["event"] == "request" for line in lines)
    assert token not in str(lines)
    assert email not in str(lines)


async def test_an_invitation_goes_by_mail_with_the_link_that_the_inviter_sees(
    client: httpx2.AsyncClient, settings: Settings, owner_dsn: str
) -> None:
    invited = await client.post("/v1/invitations", json={"email": "guest@example.com"})
    organisation = (await client.get("/v1/sessions/current")).json()["organisation"]["name"]

    letter = await letter_to(settings, "guest@example.com", f"Join {organisation}")

    assert token_in(letter) == invited.json()["token"]
    assert await email_of(client) in letter.text
    await _all_sent(owner_dsn)
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("select sealed, recipient from private.mails").fetchall()
    assert all(sealed is None for sealed, _ in rows), "what was sent is not kept"


async def test_a_mail_server_that_never_answers_delays_nothing_but_its_mail(
    settings: Settings, owner_dsn: str
) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    url = SecretStr(f"smtp+plain://127.0.0.1:{silent.getsockname()[1]}")
    changes = {"smtp_url": url, "mail_from": "us@example.com"}
    application = FastAPI()
    Lockstitch(application, settings=settings.model_copy(update=changes))

    async with application.router.lifespan_context(application):
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            await sign_up(client)
            assert (await ask_reset(client, "nobody@example.com")).status_code == 204
            attempts = "select coalesce(max(attempts), 0) from private.mails"
            async with asyncio.timeout(20):
                while not _one(owner_dsn, attempts):
                    await client.get("/livez")
            assert (await client.get("/v1/sessions/current")).status_code == 200
        stopping = time.monotonic()
    # Not the 20 seconds that a mail server may take.
    assert time.monotonic() - stopping < 10
    silent.close()
    assert _one(owner_dsn, "select count(*) from private.mails where sealed is not null") == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8123"}, 200),
        ({"host": "localhost:8123"}, 200),
        ({"host": "[::1]:8123"}, 200),
        ({"host": "evil.example:8123"}, 404),
        ({"host": "127.0.0.1.evil.example"}, 404),
        ({"host": "localhost", "x-forwarded-for": "192.0.2.1"}, 404),
        ({"host": "localhost", "forwarded": "for=192.0.2.1"}, 404),
    ],
)
async def test_the_outbox_is_shown_to_this_machine_alone(
    client: httpx2.AsyncClient, settings: Settings, headers: dict[str, str], status: int
) -> None:
    await letter_to(settings, await email_of(client), CONFIRM)

    answer = await client.get("/v1/outbox", headers=headers)

    assert answer.status_code == status, answer.text
    if status == 200:
        shown = answer.json()
        assert shown["folder"] == str(settings.data.resolve() / "outbox")
        assert [one["subject"] for one in shown["items"]] == [CONFIRM]


@pytest.mark.parametrize(
    "changes",
    [
        {"secret_key": "9f86d081884c7d659a2feaa0c55ad015"},
        {"secret_key": "9f86d081884c7d659a2feaa0c55ad015", "host": "192.0.2.1"},
        {"smtp_url": "smtp+plain://127.0.0.1:9", "mail_from": "us@example.com"},
    ],
)
async def test_a_service_that_is_in_earnest_has_no_outbox_to_look_at(
    settings: Settings, start: Callable, changes: dict[str, str]
) -> None:
    application = FastAPI()
    Lockstitch(application, settings=Settings(**{**dict(settings), **changes}))
    client = await start(application)

    answer = await client.get("/v1/outbox", headers={"host": "127.0.0.1"})

    assert answer.status_code == 404
