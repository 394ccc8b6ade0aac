"""The client of Supabase Auth, against a real HTTP server."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from gotrue import PUBLISHABLE_KEY, GoTrue, serving
from structlog.testing import capture_logs

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import AccountsUnavailable, WrongCredentials
from lockstitch.identity.supabase_auth import Grant, SessionEnded, SupabaseAuth

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


@pytest.fixture
def gotrue(postgres: EmbeddedPostgres, database_name: str) -> Iterator[GoTrue]:
    with serving(GoTrue(postgres.dsn("supabase_auth_admin", database_name))) as state:
        yield state


def test_slow_answer_is_not_waited_for(gotrue: GoTrue) -> None:
    async def ask() -> None:
        async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY, total_seconds=0.3) as auth:
            await auth.sign_in(EMAIL, PASSWORD)

    gotrue.failure = "slow"
    with pytest.raises(AccountsUnavailable, match="does not answer"):
        asyncio.run(ask())


async def test_renewal_is_tried_once_more_and_sign_in_is_not(gotrue: GoTrue) -> None:
    async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
        grant = await auth.sign_up(EMAIL, PASSWORD, {})
        gotrue.calls.clear()
        gotrue.failure, gotrue.fail_times = "503", 1
        renewed = await auth.refresh(grant.refresh_token)
        assert renewed.refresh_token != grant.refresh_token
        assert gotrue.calls == ["token", "token"]

        gotrue.fail_times = 2
        with pytest.raises(AccountsUnavailable):
            await auth.refresh(renewed.refresh_token)
        assert gotrue.fail_times == 0

        gotrue.fail_times = 1
        with pytest.raises(AccountsUnavailable):
            await auth.sign_in(EMAIL, PASSWORD)
        assert (await auth.sign_in(EMAIL, PASSWORD)).user.email == EMAIL


async def test_lost_answer_of_a_renewal_costs_no_session(gotrue: GoTrue) -> None:
    async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
        grant = await auth.sign_up(EMAIL, PASSWORD, {})
        first = await auth.refresh(grant.refresh_token)
        again = await auth.refresh(grant.refresh_token)
        assert again.refresh_token == first.refresh_token
        await auth.refresh(again.refresh_token)
        with pytest.raises(SessionEnded):
            await auth.refresh(grant.refresh_token)


async def test_session_that_is_over_is_signed_out_of_without_an_error(gotrue: GoTrue) -> None:
    async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
        grant = await auth.sign_up(EMAIL, PASSWORD, {})
        await auth.sign_out(grant.access_token)
        await auth.sign_out(grant.access_token)
        assert gotrue.sessions == {}


async def test_older_api_version_is_understood(gotrue: GoTrue) -> None:
    gotrue.failure = "old"
    async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
        with pytest.raises(WrongCredentials):
            await auth.sign_in(EMAIL, PASSWORD)


async def test_letter_for_a_new_password_goes_to_accounts_alone(gotrue: GoTrue) -> None:
    async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
        await auth.sign_up(EMAIL, PASSWORD, {})
        await auth.request_reset(EMAIL)
        await auth.request_reset("nobody@example.com")
    assert gotrue.letters == [(EMAIL, "recovery")]


async def test_connection_that_breaks_is_tried_again_where_that_does_no_harm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = []

        def break_off() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                taken.append(connection.recv(65536).split(b" ")[1])
                connection.close()

        thread = threading.Thread(target=break_off)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with SupabaseAuth(url, PUBLISHABLE_KEY) as auth:
            with pytest.raises(AccountsUnavailable):
                await auth.refresh("token")
            with pytest.raises(AccountsUnavailable):
                await auth.sign_up(EMAIL, PASSWORD, {})
        thread.join()
    assert taken == [
        b"/auth/v1/token?grant_type=refresh_token",
        b"/auth/v1/token?grant_type=refresh_token",
        b"/auth/v1/signup",
    ]


@pytest.mark.parametrize("failure", ["", "old", "garbage", "html", "500", "429"])
async def test_no_log_line_and_no_error_holds_a_secret(gotrue: GoTrue, failure: str) -> None:
    secrets: list[str] = [PASSWORD, PUBLISHABLE_KEY]
    errors: list[Any] = []
    with capture_logs() as lines:
        async with SupabaseAuth(gotrue.url, PUBLISHABLE_KEY) as auth:
            grant: Grant = await auth.sign_up(EMAIL, PASSWORD, {})
            secrets += [grant.access_token, grant.refresh_token]
            errors.append(grant)
            gotrue.failure = failure
            for call in (
                auth.sign_in(EMAIL, PASSWORD),
                auth.refresh(grant.refresh_token),
                auth.sign_out(grant.access_token),
            ):
                try:
                    errors.append(await call)
                except Exception as error:  # noqa: BLE001 - whatever it is, it must not tell.
                    errors.append(error)
    said = f"{lines} {errors!r} {[str(one) for one in errors]}"
    assert len(lines) >= (1 if failure not in {"", "429"} else 0)
    assert not [secret for secret in secrets if secret in said]
