"""Supabase Auth over HTTP: sign-up, sign-in, refresh, sign-out, and the letter for a new password.

Its answers are those of https://github.com/supabase/auth. What it refuses becomes the same error
as with accounts of our own; what is no answer at all becomes `AccountsUnavailable`.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from types import TracebackType
from typing import Any, Final, Literal, Self
from uuid import UUID

import anyio
import httpx2
import structlog
from pydantic import BaseModel, Field, ValidationError

from lockstitch.errors import (
    AccountsUnavailable,
    EmailNotConfirmed,
    EmailTaken,
    IdentityError,
    InvalidRequest,
    LinkInvalid,
    LockstitchError,
    TooManyRequests,
    Violation,
    WrongCredentials,
)
from lockstitch.tracing import trace_headers

# What a letter is for: to confirm an address, to choose a password, to change the address.
LinkKind = Literal["email", "recovery", "email_change"]

_log = structlog.get_logger("lockstitch.identity")

# For one call with its retry: a person waits for it.
TOTAL_SECONDS: Final = 10.0
_CONNECT_SECONDS: Final = 3.0
_ANSWER_SECONDS: Final = 6.0
_LARGEST_ANSWER_BYTES: Final = 262_144
_RETRY_AFTER_SECONDS: Final = 60.0
_LONGEST_RETRY_AFTER_SECONDS: Final = 3600.0
_WORTH_A_RETRY: Final = frozenset({502, 503, 504})

# Since this version each refusal has a code by which it is known.
_API_VERSION: Final = "2024-01-01"
_HTTP_TOO_MANY: Final = 429
_HTTP_SERVER_ERROR: Final = 500
_HTTP_OK: Final = range(200, 300)

# A refresh token, or what stands behind it, that will never be taken again.
_ENDED: Final = frozenset(
    {
        "invalid_grant",
        "refresh_token_already_used",
        "refresh_token_not_found",
        "session_expired",
        "session_not_found",
        "user_banned",
        "user_not_found",
    }
)
_UNKNOWN_LINK: Final = frozenset({"otp_expired", "user_not_found", "validation_failed"})
_CLOSED: Final = {
    "captcha_failed": (
        "Supabase Auth asks for a CAPTCHA, which this service does not show. Switch it off under "
        "Authentication, Attack protection."
    ),
    "email_address_not_authorized": (
        "Supabase Auth sends no letter to this address. Set up an SMTP server of your own there."
    ),
    "email_provider_disabled": "Signing in by e-mail is switched off in Supabase Auth.",
    "signup_disabled": "Sign-up is closed. Ask whoever runs the service for an account.",
}


class Account(BaseModel):
    """Who an account of Supabase Auth belongs to."""

    id: UUID
    email: str | None = None
    user_metadata: dict[str, Any] = Field(default_factory=dict)


class Grant(BaseModel):
    """A session of Supabase Auth.

    Attributes:
        access_token: Proves who calls, for `expires_in` seconds.
        refresh_token: Gets the next grant, once.
    """

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, max_length=4096, repr=False)
    expires_in: int = Field(gt=0)
    user: Account


class SessionEnded(Exception):
    """Supabase Auth will never take this refresh token again."""


class _Refused(Exception):
    """An answer that says no.

    Attributes:
        code: Why, such as `invalid_credentials`.
        message: The same for a person.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message


class SupabaseAuth:
    """The API of one project's Supabase Auth.

    Args:
        url: The project's, such as `https://abc.supabase.co`.
        publishable_key: Its publishable key, or its older anon key.
        total_seconds: How long one call may take, with its retry.
    """

    def __init__(
        self, url: str, publishable_key: str, *, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        self._total_seconds = total_seconds
        self._client = httpx2.AsyncClient(
            base_url=f"{url.rstrip('/')}/auth/v1/",
            headers={"apikey": publishable_key, "x-supabase-api-version": _API_VERSION},
            timeout=httpx2.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            event_hooks={"request": [_name_trace]},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def sign_up(self, email: str, password: str, data: Mapping[str, str]) -> Grant:
        """Make an account and return its first session.

        Args:
            email: The address.
            password: At least as strong as the project asks for.
            data: What the account remembers, in `user_metadata`.

        Raises:
            EmailNotConfirmed: A letter was sent; there is a session after its link was opened. The
                project answers so for an address that has an account, too.
            EmailTaken: There is an account, and the project says so.
            InvalidRequest: Supabase Auth does not like the password or the address.
            IdentityError: Sign-up is closed.
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        body = {"email": email, "password": password, "data": dict(data)}
        try:
            answer = await self._post("signup", body)
        except _Refused as refused:
            raise _as_sign_up_error(refused) from None
        if "access_token" not in answer:
            raise EmailNotConfirmed(
                f"We sent a letter to {email}. Open its link, then sign in here."
            )
        return _read(answer)

    async def sign_in(self, email: str, password: str) -> Grant:
        """Return a new session.

        Raises:
            WrongCredentials: No account has this address with this password, or it is banned.
            EmailNotConfirmed: The account's address was never confirmed.
            IdentityError: Signing in by e-mail is switched off.
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        body = {"email": email, "password": password}
        try:
            answer = await self._post("token", body, grant_type="password")
        except _Refused as refused:
            raise _as_sign_in_error(refused) from None
        return _read(answer)

    async def refresh(self, refresh_token: str) -> Grant:
        """Return the next grant of a session.

        May be tried again: Supabase Auth gives the same successor to whoever did not get it.

        Raises:
            SessionEnded: The session is over, or its account is gone or banned.
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        body = {"refresh_token": refresh_token}
        try:
            answer = await self._post("token", body, again=True, grant_type="refresh_token")
        except _Refused as refused:
            if refused.code in _ENDED:
                raise SessionEnded(refused.code) from None
            raise _unexpected(refused) from None
        return _read(answer)

    async def sign_out(self, access_token: str) -> None:
        """End the session of an access token; one that is over already is no error.

        Raises:
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        try:
            await self._post("logout", {}, again=True, bearer=access_token, scope="local")
        except _Refused as refused:
            if refused.status not in {401, 403, 404}:
                raise _unexpected(refused) from None

    async def request_reset(self, email: str) -> None:
        """Send the letter with which a password is chosen, if the address has an account.

        Raises:
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        try:
            await self._post("recover", {"email": email})
        except _Refused as refused:
            raise _unexpected(refused) from None

    async def send_confirmation(self, email: str) -> None:
        """Send the letter that confirms an address again, if it waits for that.

        Raises:
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        try:
            await self._post("resend", {"type": "signup", "email": email})
        except _Refused as refused:
            raise _unexpected(refused) from None

    async def use_link(self, token_hash: str, *kinds: LinkKind) -> Grant | None:
        """Use the link of a letter once and return a session of its person.

        None where the link is one of two, and the other address has to confirm, too.

        Args:
            token_hash: `{{ .TokenHash }}` of the letter.
            kinds: What the letter may be, tried in this order.

        Raises:
            LinkInvalid: The link is unknown, used or expired.
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        for kind in kinds:
            try:
                answer = await self._post("verify", {"type": kind, "token_hash": token_hash})
            except _Refused as refused:
                if refused.code not in _UNKNOWN_LINK:
                    raise _unexpected(refused) from None
            else:
                return _read(answer) if "access_token" in answer else None
        raise LinkInvalid("The link is unknown, used or expired. Ask for a new one.")

    async def change(
        self, access_token: str, *, email: str | None = None, password: str | None = None
    ) -> None:
        """Change the address, which both addresses may have to confirm, or the password.

        Raises:
            EmailTaken: Another account has the address.
            InvalidRequest: Supabase Auth does not like the password or the address.
            TooManyRequests: Supabase Auth says so.
            AccountsUnavailable: There was no answer that makes sense.
        """
        wanted = {"email": email, "password": password}
        body = {name: value for name, value in wanted.items() if value is not None}
        try:
            await self._post("user", body, method="PUT", bearer=access_token)
        except _Refused as refused:
            raise _as_sign_up_error(refused) from None

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        method: Literal["POST", "PUT"] = "POST",
        again: bool = False,
        bearer: str | None = None,
        **query: str,
    ) -> Mapping[str, Any]:
        """Return the members of an answer that says yes.

        Args:
            method: How it is sent.
            path: Below `/auth/v1/`.
            body: Sent as JSON.
            again: Whether a second try does no harm.
            bearer: The access token of the caller.
            query: The query.
        """
        headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
        request = self._client.build_request(
            method, path, json=dict(body), headers=headers, params=query
        )
        try:
            with anyio.fail_after(self._total_seconds):
                return await self._answer(request, again=again)
        except (httpx2.HTTPError, TimeoutError) as error:
            _log.warning("supabase auth does not answer", path=path, reason=type(error).__name__)
            raise AccountsUnavailable(
                "The service that keeps accounts does not answer. Try again in a moment."
            ) from None

    async def _answer(self, request: httpx2.Request, *, again: bool) -> Mapping[str, Any]:
        try:
            status, headers, content = await self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            # Nothing was sent yet.
            status, headers, content = await self._exchange(request)
        except httpx2.TransportError:
            if not again:
                raise
            status, headers, content = await self._exchange(request)
        else:
            if again and status in _WORTH_A_RETRY:
                status, headers, content = await self._exchange(request)
        return _judged(request, status, headers, content)

    async def _exchange(self, request: httpx2.Request) -> tuple[int, httpx2.Headers, bytes]:
        response = await self._client.send(request, stream=True)
        try:
            content = b""
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _LARGEST_ANSWER_BYTES:
                    raise httpx2.DecodingError("the answer is too large", request=request)
        finally:
            await response.aclose()
        return response.status_code, response.headers, content


def _judged(
    request: httpx2.Request, status: int, headers: httpx2.Headers, content: bytes
) -> Mapping[str, Any]:
    """Return what the answer says, or raise what it means."""
    members: Any = None
    with suppress(ValueError):
        members = json.loads(content) if content else {}
    if status == _HTTP_TOO_MANY:
        raise TooManyRequests(
            "The service that keeps accounts was asked too often. Try again later.",
            retry_after_seconds=_retry_after(headers),
        )
    if status in _HTTP_OK and isinstance(members, dict):
        return members
    if status < _HTTP_SERVER_ERROR and status not in _HTTP_OK and isinstance(members, dict):
        refused = _Refused(status, _code(members), str(members.get("message") or ""))
        _log.info("supabase auth refuses", path=request.url.path, reason=str(refused))
        raise refused
    _log.warning("supabase auth answers nonsense", path=request.url.path, status=status)
    raise AccountsUnavailable("The service that keeps accounts failed. Try again in a moment.")


def _code(members: Mapping[str, Any]) -> str:
    """Return why, whichever version of the API answers."""
    found = (members.get(name) for name in ("code", "error_code", "error"))
    return next((code for code in found if isinstance(code, str)), "")


def _retry_after(headers: httpx2.Headers) -> float:
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        seconds = _RETRY_AFTER_SECONDS
    return float(ceil(min(max(seconds, 1.0), _LONGEST_RETRY_AFTER_SECONDS)))


def _read(members: Mapping[str, Any]) -> Grant:
    try:
        return Grant.model_validate(members)
    except ValidationError as error:
        where = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False)]
        _log.warning("supabase auth answers nonsense", members=where)
        raise AccountsUnavailable(
            "The service that keeps accounts failed. Try again in a moment."
        ) from None


def _as_sign_up_error(refused: _Refused) -> LockstitchError:
    if refused.code in {"user_already_exists", "email_exists"}:
        return EmailTaken("An account with this e-mail address exists already. Sign in instead.")
    places = {
        "weak_password": "/password",
        "same_password": "/password",
        "email_address_invalid": "/email",
    }
    if refused.code in places:
        message = refused.message or "Supabase Auth refuses this."
        return InvalidRequest([Violation("body", places[refused.code], refused.code, message)])
    return _unexpected(refused)


def _as_sign_in_error(refused: _Refused) -> LockstitchError:
    if refused.code in {"invalid_credentials", "invalid_grant", "user_banned", "user_not_found"}:
        return WrongCredentials("The e-mail address or the password is wrong. Try again.")
    if refused.code == "email_not_confirmed":
        return EmailNotConfirmed(
            "The e-mail address is not confirmed yet. Open the link in the letter, then sign in."
        )
    return _unexpected(refused)


def _unexpected(refused: _Refused) -> LockstitchError:
    if refused.code in _CLOSED:
        return IdentityError(_CLOSED[refused.code])
    _log.error("supabase auth refuses the service itself", reason=str(refused))
    return AccountsUnavailable(
        "The service that keeps accounts refuses this service. Whoever runs it must check "
        "SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY."
    )


async def _name_trace(request: httpx2.Request) -> None:
    request.headers.update(trace_headers())
