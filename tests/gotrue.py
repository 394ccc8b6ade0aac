"""The other side of sign-in on Supabase: an HTTP server that speaks Supabase Auth's wire format.

It writes `auth.users` as Supabase Auth does, in the role of Supabase Auth, and rotates refresh
tokens as https://github.com/supabase/auth does: each is good once, and the one before the last
gets its successor once more.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from psycopg.rows import dict_row

from lockstitch.api.listener import free_port

PUBLISHABLE_KEY = "sb_publishable_for_tests"
_FIND = "select id, email, raw_user_meta_data, email_confirmed_at, encrypted_password, banned_until"


@dataclass
class Refresh:
    """A refresh token: whose it is, of which session, and what came after it."""

    person_id: UUID
    session: str
    successor: str | None = None


@dataclass
class GoTrue:
    """What the server knows, and how it behaves.

    Attributes:
        confirms: Whether a new address must be confirmed by a letter.
        expires_in: How long access tokens live, in seconds.
        failure: A name of `failed`, or nothing.
        fail_times: How many of the next requests fail so.
        calls: The paths that were asked, in order.
        letters: To whom letters were sent, and which.
    """

    dsn: str
    confirms: bool = False
    expires_in: int = 3600
    failure: str = ""
    fail_times: int = 1_000_000
    calls: list[str] = field(default_factory=list)
    letters: list[tuple[str, str]] = field(default_factory=list)
    tokens: dict[str, Refresh] = field(default_factory=dict)
    sessions: dict[str, UUID] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    url: str = ""

    def person(self, email: str) -> dict[str, Any] | None:
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            found = connection.execute(f"{_FIND} from auth.users where email = %s", [email])
            return found.fetchone()

    def confirm(self, email: str) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "update auth.users set email_confirmed_at = now() where email = %s", [email]
            )

    def create(self, email: str, password: str, data: dict[str, Any]) -> UUID:
        person_id = uuid4()
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "insert into auth.users (id, aud, role, email, encrypted_password, "
                "raw_user_meta_data, email_confirmed_at, created_at, updated_at) values "
                "(%s, 'authenticated', 'authenticated', %s, %s, %s, "
                "case when %s then null else now() end, now(), now())",
                [person_id, email, f"hash of {password}", json.dumps(data), self.confirms],
            )
        return person_id

    def link(self, kind: str, email: str) -> str:
        """Send a letter and return the token hash of its link."""
        self.letters.append((email, kind))
        token_hash = f"pkce_{uuid4().hex}"
        self.links[token_hash] = (kind, email)
        return token_hash

    def holder(self, access: str) -> dict[str, Any] | None:
        person_id = self.sessions.get(self.access.get(access, ""))
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            found = connection.execute(f"{_FIND} from auth.users where id = %s", [person_id])
            return found.fetchone()

    def write(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(statement.encode(), values)

    def grant(self, person: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        session = session or str(uuid4())
        self.sessions[session] = person["id"]
        access, refresh = f"access-{uuid4()}", uuid4().hex[:12]
        self.access[access] = session
        self.tokens[refresh] = Refresh(person["id"], session)
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": self.expires_in,
            "expires_at": 4_000_000_000,
            "refresh_token": refresh,
            "user": user(person),
        }


def user(person: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(person["id"]),
        "aud": "authenticated",
        "role": "authenticated",
        "email": person["email"],
        "user_metadata": person["raw_user_meta_data"] or {},
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "identities": [],
    }


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """The format since API version 2024-01-01."""
    return JSONResponse({"code": code, "message": message}, status_code=status)


def oauth_refusal(description: str) -> JSONResponse:
    return JSONResponse(
        {"error": "invalid_grant", "error_description": description}, status_code=400
    )


def application(state: GoTrue) -> FastAPI:  # noqa: C901 - one function for each path.
    app = FastAPI()

    @app.middleware("http")
    async def misbehave(request: Request, call_next: Any) -> Response:
        state.calls.append(request.url.path.removeprefix("/auth/v1/"))
        if request.headers.get("apikey") != PUBLISHABLE_KEY:
            return JSONResponse({"message": "Invalid API key"}, status_code=401)
        if state.failure and state.fail_times > 0:
            state.fail_times -= 1
            return await failed(state.failure)
        answer: Response = await call_next(request)
        return answer

    @app.post("/auth/v1/signup")
    async def sign_up(body: dict[str, Any]) -> Any:
        email, password = body["email"], body["password"]
        if len(set(password)) < 5:
            return refusal(422, "weak_password", "Password should contain more characters.")
        if state.person(email) is None:
            state.create(email, password, body.get("data") or {})
        elif not state.confirms:
            return refusal(422, "user_already_exists", "User already registered")
        person = state.person(email)
        assert person is not None
        if state.confirms:
            state.link("email", email)
            return user(person) | {"confirmation_sent_at": "2026-01-01T00:00:00Z"}
        return state.grant(person)

    @app.post("/auth/v1/token")
    async def token(grant_type: str, body: dict[str, Any]) -> Any:
        if grant_type == "refresh_token":
            return refreshed(state, body["refresh_token"])
        person = state.person(body["email"])
        if person is None or person["encrypted_password"] != f"hash of {body['password']}":
            return refusal(400, "invalid_credentials", "Invalid login credentials")
        if person["banned_until"] is not None:
            return refusal(400, "user_banned", "User is banned")
        if person["email_confirmed_at"] is None:
            return refusal(400, "email_not_confirmed", "Email not confirmed")
        return state.grant(person)

    @app.post("/auth/v1/logout")
    async def logout(request: Request, scope: str = "global") -> Response:
        access = request.headers.get("authorization", "").removeprefix("Bearer ")
        session = state.access.get(access)
        if session not in state.sessions:
            return refusal(403, "session_not_found", "Session not found")
        assert scope == "local"
        del state.sessions[session]
        return Response(status_code=204)

    add_letters(app, state)
    return app


def add_letters(app: FastAPI, state: GoTrue) -> None:  # noqa: C901 - one function for each path.
    """What goes by letters, and what changes an account."""

    @app.post("/auth/v1/recover")
    async def recover(body: dict[str, Any]) -> dict[str, Any]:
        if state.person(body["email"]) is not None:
            state.link("recovery", body["email"])
        return {}

    @app.post("/auth/v1/resend")
    async def resend(body: dict[str, Any]) -> dict[str, Any]:
        person = state.person(body["email"])
        if person is not None and person["email_confirmed_at"] is None:
            state.link("email", body["email"])
        return {}

    @app.post("/auth/v1/verify")
    async def verify(body: dict[str, Any]) -> Any:
        kind, address = state.links.get(body["token_hash"], ("", ""))
        if kind != body["type"]:
            return refusal(403, "otp_expired", "Email link is invalid or has expired")
        del state.links[body["token_hash"]]
        if kind == "email_change":
            state.write(
                "update auth.users set email = email_change, email_change = '' "
                "where email_change = %s",
                address,
            )
        state.confirm(address)
        person = state.person(address)
        assert person is not None
        return state.grant(person)

    @app.put("/auth/v1/user")
    async def update(request: Request, body: dict[str, Any]) -> Any:
        access = request.headers.get("authorization", "").removeprefix("Bearer ")
        person = state.holder(access)
        if person is None:
            return refusal(403, "session_not_found", "Session not found")
        if "password" in body:
            if person["encrypted_password"] == f"hash of {body['password']}":
                return refusal(422, "same_password", "New password should be different.")
            state.write(
                "update auth.users set encrypted_password = %s where id = %s",
                f"hash of {body['password']}",
                person["id"],
            )
        if "email" in body:
            if state.person(body["email"]) is not None:
                return refusal(422, "email_exists", "A user with this email address exists")
            state.write(
                "update auth.users set email_change = %s where id = %s", body["email"], person["id"]
            )
            state.link("email_change", body["email"])
        return user(person)


def refreshed(state: GoTrue, given: str) -> Any:
    known = state.tokens.get(given)
    if known is None or known.session not in state.sessions:
        return refusal(400, "refresh_token_not_found", "Invalid Refresh Token")
    with psycopg.connect(state.dsn, row_factory=dict_row) as connection:
        found = connection.execute(f"{_FIND} from auth.users where id = %s", [known.person_id])
        person = found.fetchone()
    if person is None or person["banned_until"] is not None:
        return oauth_refusal("Invalid Refresh Token: User Banned")
    if known.successor is not None:
        successor = state.tokens[known.successor]
        if successor.successor is not None:
            return refusal(400, "refresh_token_already_used", "Already Used")
        return state.grant(person, known.session) | {"refresh_token": known.successor}
    answer = state.grant(person, known.session)
    known.successor = answer["refresh_token"]
    return answer


async def failed(failure: str) -> Response:
    if failure == "slow":
        await asyncio.sleep(2)
    answers = {
        "html": Response("<html>Just a moment...</html>", media_type="text/html"),
        "garbage": JSONResponse({"access_token": 7, "refresh_token": None, "user": {"id": "x"}}),
        "large": Response(b"[" + b"1," * 400_000 + b"1]", media_type="application/json"),
        "redirect": Response(status_code=302, headers={"location": "http://127.0.0.1:1/"}),
        "429": JSONResponse(
            {"code": "over_request_rate_limit", "message": "Request rate limit reached"},
            status_code=429,
            headers={"retry-after": "17"},
        ),
        # The format before API version 2024-01-01.
        "old": JSONResponse(
            {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"},
            status_code=400,
        ),
        "503": Response("upstream connect error", status_code=503),
        "500": refusal(500, "unexpected_failure", "Unexpected failure"),
        "signup_disabled": refusal(422, "signup_disabled", "Signups not allowed"),
        "captcha": refusal(400, "captcha_failed", "captcha protection: request disallowed"),
    }
    return answers.get(failure, Response(status_code=500))


@contextmanager
def serving(state: GoTrue) -> Iterator[GoTrue]:
    """Serve on a port of this machine; `url` is set."""
    port = free_port()
    config = uvicorn.Config(application(state), port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    state.url = f"http://127.0.0.1:{port}"
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield state
    finally:
        server.should_exit = True
        thread.join()
