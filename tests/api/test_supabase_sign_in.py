"""The same application on a database like Supabase's, with sign-in at a real HTTP server."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from gotrue import PUBLISHABLE_KEY, GoTrue
from hosted import ADA, Hosted, application, hosted_database, migrate, problem
from product import Product
from psycopg.rows import dict_row
from pydantic import SecretStr

from lockstitch import Settings
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import ConfigurationError

UNREACHABLE = "http://127.0.0.1:1"

Start = Callable[..., Any]


@pytest.fixture
async def app(hosted_settings: Settings) -> FastAPI:
    return application(hosted_settings)


@pytest.fixture
async def client(app: FastAPI, start: Start) -> httpx2.AsyncClient:
    opened: httpx2.AsyncClient = await start(app)
    return opened


@pytest.fixture
def auth_admin(project: Hosted) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(
        project.dsn("supabase_auth_admin"), autocommit=True, row_factory=dict_row
    ) as connection:
        yield connection


@pytest.fixture
def rows(project: Hosted) -> Callable[[str], list[dict[str, Any]]]:
    """Read anything, as `postgres`."""

    def read(query: str) -> list[dict[str, Any]]:
        with psycopg.connect(project.dsn("postgres"), row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()

    return read


def due(rows_of: Hosted, *, over: bool) -> None:
    """Let every session be due for renewal, its access token ended or about to end."""
    ends = "now() - interval '1 second'" if over else "now() + interval '1 minute'"
    with psycopg.connect(rows_of.dsn("postgres")) as connection:
        connection.execute(
            f"update private.sessions set upstream_renew_at = now() - interval '2 seconds', "
            f"upstream_expires_at = {ends}".encode()
        )


# The database


def test_migrations_alone_are_run(project: Hosted) -> None:
    assert migrate(project) == "Every migration is applied already.\n"
    with psycopg.connect(project.dsn("postgres")) as connection:
        prelude = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
            [project.name],
        ).fetchone()
        waking = connection.execute("select to_regproc('realtime.wake_listeners')").fetchone()
        superuser = connection.execute(
            "select rolsuper from pg_roles where rolname = current_user"
        ).fetchone()
    assert (prelude, waking, superuser) == ((None,), (None,), (False,))


def test_service_can_neither_read_nor_write_the_users(project: Hosted) -> None:
    for role in ("lockstitch_server", "authenticated", "anon"):
        with psycopg.connect(project.login_dsn) as connection:
            connection.execute(f"set role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select id from auth.users")
    with (
        psycopg.connect(project.login_dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("set role supabase_auth_admin")


# Signing up, in and out


async def test_sign_up_makes_the_account_there_and_the_organisation_here(
    client: httpx2.AsyncClient, gotrue: GoTrue, rows: Callable[[str], list[dict[str, Any]]]
) -> None:
    answer = await client.post("/v1/accounts", json=ADA | {"organisation_name": "Engines"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["organisation"] == answer.json()["organisation"] | {
        "name": "Engines",
        "role": "owner",
    }
    current = await client.get("/v1/sessions/current")
    assert current.json()["person"]["email"] == ADA["email"]
    person = gotrue.person(ADA["email"])
    assert person is not None
    (session,) = rows("select * from private.sessions")
    assert session["person_id"] == person["id"]
    (token,) = gotrue.tokens
    assert token.encode() not in session["upstream_refresh_token"]
    assert "access" not in answer.text + str(answer.headers)
    assert token not in answer.text + str(answer.headers)


async def test_address_that_is_taken_is_the_same_problem_as_ours(
    client: httpx2.AsyncClient,
) -> None:
    await client.post("/v1/accounts", json=ADA)
    assert problem(await client.post("/v1/accounts", json=ADA)) == (409, "email-taken")


async def test_weak_password_is_named_at_its_place(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/accounts", json=ADA | {"password": "aaaaaaaaaaaa"})
    assert problem(answer) == (422, "invalid-request")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["rule"]) == ("/password", "weak_password")


async def test_organisation_waits_for_the_confirmation_of_the_address(
    client: httpx2.AsyncClient, gotrue: GoTrue, rows: Callable[[str], list[dict[str, Any]]]
) -> None:
    gotrue.confirms = True
    wanted = ADA | {"organisation_name": "Engines"}
    assert problem(await client.post("/v1/accounts", json=wanted)) == (403, "email-not-confirmed")
    again = await client.post("/v1/accounts", json=wanted)
    assert problem(again) == (403, "email-not-confirmed")
    assert rows("select * from public.organisations") == []
    assert problem(await client.post("/v1/sessions", json=ADA)) == (403, "email-not-confirmed")

    gotrue.confirm(ADA["email"])
    first, second = await asyncio.gather(
        client.post("/v1/sessions", json=ADA), client.post("/v1/sessions", json=ADA)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert [one["name"] for one in rows("select name from public.organisations")] == ["Engines"]


@pytest.mark.parametrize(
    "wrong", [{"password": "incorrect horse"}, {"email": "nobody@example.com"}]
)
async def test_wrong_password_and_unknown_address_are_the_same_problem_as_ours(
    client: httpx2.AsyncClient, wrong: dict[str, str]
) -> None:
    await client.post("/v1/accounts", json=ADA)
    answer = await client.post("/v1/sessions", json=ADA | wrong)
    assert problem(answer) == (401, "wrong-credentials")
    assert answer.json()["detail"] == "The e-mail address or the password is wrong. Try again."


async def test_sign_out_ends_the_session_there_too(
    client: httpx2.AsyncClient, gotrue: GoTrue, rows: Callable[[str], list[dict[str, Any]]]
) -> None:
    await client.post("/v1/accounts", json=ADA)
    assert len(gotrue.sessions) == 1
    assert (await client.delete("/v1/sessions/current")).status_code == 204
    assert gotrue.sessions == {}
    assert rows("select * from private.sessions") == []
    assert problem(await client.get("/v1/sessions/current")) == (401, "sign-in-required")


async def test_revoked_session_ends_there_and_only_that_one(
    app: FastAPI, client: httpx2.AsyncClient, gotrue: GoTrue, start: Start
) -> None:
    await client.post("/v1/accounts", json=ADA)
    elsewhere = await start(app)
    await elsewhere.post("/v1/sessions", json=ADA)
    assert len(gotrue.sessions) == 2
    places = (await client.get("/v1/sessions")).json()["items"]
    (other,) = [place["id"] for place in places if not place["current"]]
    assert (await client.delete(f"/v1/sessions/{other}")).status_code == 204
    assert len(gotrue.sessions) == 1
    assert problem(await elsewhere.get("/v1/sessions/current")) == (401, "sign-in-required")
    assert (await client.get("/v1/sessions/current")).status_code == 200


async def test_sign_out_works_while_supabase_does_not(
    client: httpx2.AsyncClient, gotrue: GoTrue, rows: Callable[[str], list[dict[str, Any]]]
) -> None:
    await client.post("/v1/accounts", json=ADA)
    gotrue.failure = "500"
    assert (await client.delete("/v1/sessions/current")).status_code == 204
    assert rows("select * from private.sessions") == []


# Renewal


async def test_session_is_renewed_before_its_access_token_ends_and_once_for_all(
    client: httpx2.AsyncClient,
    gotrue: GoTrue,
    project: Hosted,
    app: FastAPI,
    rows: Callable[[str], list[dict[str, Any]]],
    hosted_settings: Settings,
    start: Start,
) -> None:
    await client.post("/v1/accounts", json=ADA)
    (before,) = rows("select * from private.sessions")
    due(project, over=False)
    second_process = await start(application(hosted_settings))
    second_process.cookies = client.cookies
    gotrue.calls.clear()
    answers = await asyncio.gather(*(second_process.get("/v1/sessions/current") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert gotrue.calls == ["token"]
    (after,) = rows("select * from private.sessions")
    assert after["upstream_refresh_token"] != before["upstream_refresh_token"]
    assert (after["upstream_expires_at"] - after["upstream_renew_at"]).total_seconds() == 300
    assert 3500 < (after["upstream_expires_at"] - datetime.now(UTC)).total_seconds() < 3601
    assert (await second_process.get("/v1/sessions/current")).status_code == 200
    assert gotrue.calls == ["token"]


async def test_two_processes_that_renew_at_once_both_go_on(
    client: httpx2.AsyncClient,
    gotrue: GoTrue,
    project: Hosted,
    hosted_settings: Settings,
    start: Start,
) -> None:
    await client.post("/v1/accounts", json=ADA)
    for _ in range(3):
        due(project, over=True)
        fresh = [await start(application(hosted_settings)) for _ in range(2)]
        for process in fresh:
            process.cookies = client.cookies
        answers = await asyncio.gather(*(one.get("/v1/sessions/current") for one in fresh))
        assert [answer.status_code for answer in answers] == [200, 200]
    assert len(gotrue.sessions) == 1


@pytest.mark.parametrize("how", ["banned", "signed out", "removed"])
async def test_session_that_ended_there_ends_here(
    client: httpx2.AsyncClient,
    gotrue: GoTrue,
    project: Hosted,
    hosted_settings: Settings,
    auth_admin: psycopg.Connection[dict[str, Any]],
    rows: Callable[[str], list[dict[str, Any]]],
    start: Start,
    how: str,
) -> None:
    await client.post("/v1/accounts", json=ADA)
    if how == "banned":
        auth_admin.execute("update auth.users set banned_until = now() + interval '1 day'")
    elif how == "signed out":
        gotrue.sessions.clear()
    else:
        gotrue.tokens.clear()
    due(project, over=False)
    another = await start(application(hosted_settings))
    another.cookies = client.cookies
    assert problem(await another.get("/v1/sessions/current")) == (401, "sign-in-required")
    assert rows("select * from private.sessions") == []


async def test_session_goes_on_without_supabase_until_its_access_token_ends(
    client: httpx2.AsyncClient,
    gotrue: GoTrue,
    project: Hosted,
    hosted_settings: Settings,
    start: Start,
) -> None:
    await client.post("/v1/accounts", json=ADA)
    gotrue.failure = "500"
    due(project, over=False)
    another = await start(application(hosted_settings))
    another.cookies = client.cookies
    assert (await another.get("/v1/sessions/current")).status_code == 200
    due(project, over=True)
    third = await start(application(hosted_settings))
    third.cookies = client.cookies
    refused = await third.get("/v1/sessions/current")
    assert problem(refused) == (503, "accounts-unavailable")
    assert refused.headers["retry-after"] == "5"
    gotrue.failure = ""
    assert (await third.get("/v1/sessions/current")).status_code == 200


async def test_what_was_kept_of_one_session_opens_no_other(
    app: FastAPI, client: httpx2.AsyncClient, project: Hosted, start: Start, gotrue: GoTrue
) -> None:
    await client.post("/v1/accounts", json=ADA)
    thief = await start(app)
    await thief.post("/v1/accounts", json=ADA | {"email": "eve@example.com"})
    with psycopg.connect(project.dsn("postgres")) as connection:
        connection.execute(
            "update private.sessions as mine set upstream_refresh_token = "
            "theirs.upstream_refresh_token from private.sessions as theirs "
            "where mine.id > theirs.id"
        )
    gotrue.calls.clear()
    assert (await thief.delete("/v1/sessions/current")).status_code == 204
    assert gotrue.calls == []


# Supabase Auth that fails


@pytest.mark.parametrize("failure", ["html", "garbage", "500", "503", "large", "redirect"])
@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/sessions"])
async def test_answer_without_sense_is_503_and_leaves_nothing(
    client: httpx2.AsyncClient,
    gotrue: GoTrue,
    rows: Callable[[str], list[dict[str, Any]]],
    failure: str,
    path: str,
) -> None:
    gotrue.failure = failure
    answer = await client.post(path, json=ADA)
    assert problem(answer) == (503, "accounts-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "127.0.0.1" not in answer.text
    assert rows("select * from private.sessions") == []
    assert rows("select * from public.organisations") == []
    # Neither makes something twice.
    assert len(gotrue.calls) == 1


async def test_too_many_requests_there_are_too_many_here(
    client: httpx2.AsyncClient, gotrue: GoTrue
) -> None:
    gotrue.failure = "429"
    answer = await client.post("/v1/sessions", json=ADA)
    assert problem(answer) == (429, "too-many-requests")
    assert answer.headers["retry-after"] == "17"


async def test_failure_there_does_not_count_as_a_wrong_password(
    hosted_settings: Settings, gotrue: GoTrue, start: Start
) -> None:
    strict = {"sign_in_failures_per_email": 2}
    client = await start(application(hosted_settings.model_copy(update=strict)))
    await client.post("/v1/accounts", json=ADA)
    gotrue.failure = "500"
    for _ in range(4):
        answer = await client.post("/v1/sessions", json=ADA)
        assert problem(answer) == (503, "accounts-unavailable")
    gotrue.failure = ""
    assert (await client.post("/v1/sessions", json=ADA)).status_code == 201
    for _ in range(2):
        await client.post("/v1/sessions", json=ADA | {"password": "incorrect horse"})
    assert problem(await client.post("/v1/sessions", json=ADA)) == (429, "too-many-requests")


@pytest.mark.parametrize(
    ("failure", "says"), [("signup_disabled", "Sign-up is closed"), ("captcha", "CAPTCHA")]
)
async def test_closed_door_says_what_it_is(
    client: httpx2.AsyncClient, gotrue: GoTrue, failure: str, says: str
) -> None:
    gotrue.failure = failure
    answer = await client.post("/v1/accounts", json=ADA)
    assert problem(answer) == (403, "forbidden")
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "calls"),
    [({"supabase_url": UNREACHABLE}, 0), ({"supabase_publishable_key": SecretStr("other")}, 1)],
)
async def test_wrong_url_or_key_is_503(
    hosted_settings: Settings,
    gotrue: GoTrue,
    start: Start,
    change: dict[str, Any],
    calls: int,
) -> None:
    client = await start(application(hosted_settings.model_copy(update=change)))
    answer = await client.post("/v1/sessions", json=ADA)
    assert problem(answer) == (503, "accounts-unavailable")
    assert len(gotrue.calls) == calls


async def test_project_of_another_database_says_so(
    hosted_cluster: EmbeddedPostgres, hosted_settings: Settings, start: Start
) -> None:
    with hosted_database(hosted_cluster) as other:
        elsewhere = {"database_dsn": SecretStr(other.login_dsn)}
        client = await start(application(hosted_settings.model_copy(update=elsewhere)))
        answer = await client.post("/v1/accounts", json=ADA)
        assert problem(answer) == (503, "accounts-unavailable")
        assert "of the same project" in answer.json()["detail"]


# The start


async def test_start_without_the_project_is_refused(hosted_settings: Settings) -> None:
    app = application(hosted_settings.model_copy(update={"supabase_publishable_key": None}))
    with pytest.raises(ConfigurationError, match="set SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY"):
        async with app.router.lifespan_context(app):
            raise AssertionError


async def test_start_without_the_database_is_refused(hosted_settings: Settings) -> None:
    app = application(hosted_settings.model_copy(update={"database_dsn": None}))
    with pytest.raises(ConfigurationError, match="LOCKSTITCH_DATABASE_DSN"):
        async with app.router.lifespan_context(app):
            raise AssertionError


async def test_database_of_our_own_keeps_its_accounts(
    settings: Settings, gotrue: GoTrue, start: Start
) -> None:
    also = {
        "supabase_url": gotrue.url,
        "supabase_publishable_key": SecretStr(PUBLISHABLE_KEY),
    }
    client = await start(application(settings.model_copy(update=also)))
    assert (await client.post("/v1/accounts", json=ADA)).status_code == 201
    assert gotrue.calls == []


def test_product_starts_on_a_hosted_project_without_a_postgres_of_its_own(
    project: Hosted, gotrue: GoTrue, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(
        "from fastapi import FastAPI\n"
        "from lockstitch import Lockstitch\n"
        "app = FastAPI()\n"
        "Lockstitch(app)\n"
    )
    environment = {
        "LOCKSTITCH_DATABASE_DSN": project.login_dsn,
        "SUPABASE_URL": gotrue.url,
        "SUPABASE_ANON_KEY": PUBLISHABLE_KEY,
    }
    product = Product(tmp_path, ("--data", "data"), environment)
    try:
        product.start()
        assert product.running["demo"] is None
        client = product.client()
        assert client.get("/v1/sessions/current").status_code == 200
        assert client.delete("/v1/sessions/current").status_code == 204
        assert gotrue.calls == ["signup", "token", "logout"]
        assert not (tmp_path / "data" / "postgres").exists()
    finally:
        product.close()
