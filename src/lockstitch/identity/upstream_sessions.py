"""Sessions that stand on a session of Supabase Auth, whose refresh token the server keeps."""

import asyncio
import base64
import hashlib
import hmac
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from cryptography.fernet import Fernet, InvalidToken

from lockstitch.database.session import SERVER, Connection, Database
from lockstitch.errors import AccountsUnavailable, LockstitchError, TooManyRequests
from lockstitch.identity.principal import SignedIn
from lockstitch.identity.sessions import Sessions
from lockstitch.identity.supabase_auth import Grant, SessionEnded, SupabaseAuth
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.identity")

# An access token is renewed so long before its end, or in the last fifth of a short life.
_MARGIN: Final = timedelta(minutes=5)
_SHARE: Final = 5
# How long a session goes on after Supabase Auth did not answer, while its access token lasts.
_PATIENCE_SECONDS: Final = 15.0
_MOST_REMEMBERED: Final = 10_000

_ID: Final = "select id from private.sessions where token_hash = %s"
_KEEP: Final = """
update private.sessions set
    upstream_refresh_token = %(sealed)s,
    upstream_expires_at = now() + %(lifetime)s,
    upstream_renew_at = now() + %(lifetime)s - %(margin)s
where id = %(session_id)s and upstream_refresh_token is not distinct from %(before)s
"""
_STATE: Final = """
select
    upstream_refresh_token as sealed,
    extract(epoch from upstream_renew_at - now())::float8 as seconds_left,
    upstream_expires_at <= now() as is_over
from private.sessions where id = %s
"""
_END: Final = "delete from private.sessions where id = %s"


class UpstreamSessions(Sessions):
    """Sessions of an application whose accounts are kept by Supabase Auth.

    The browser has our cookie alone. The refresh token lies in `private.sessions`, sealed with a
    key that needs the application's secret; the access token is not kept at all. A session is
    renewed upstream when it is used shortly before that token's end, and ends when Supabase Auth
    says so: when the account is banned or removed, or was signed out elsewhere.
    """

    def __init__(self, database: Database, settings: Settings, auth: SupabaseAuth) -> None:
        super().__init__(database, settings)
        self._auth = auth
        self._secret = settings.secret_key.get_secret_value().encode()
        self._good_until: dict[UUID, float] = {}
        self._renewals: dict[UUID, asyncio.Task[bool]] = {}

    async def begin_with(
        self, connection: Connection, grant: Grant, user_agent: str | None = None
    ) -> str:
        """Open a session on a grant of Supabase Auth and return its token.

        The connection must act as the server. The session is there when its transaction commits.
        """
        token = await self.begin(connection, grant.user.id, user_agent)
        row = await (await connection.execute(_ID, (self._hash(token),))).fetchone()
        if row is not None:
            await self._keep(connection, row["id"], grant, before=None)
        return token

    async def find_signed_in(self, token: str) -> SignedIn | None:
        """Return who holds the token, or None when the session is over, here or upstream.

        Raises:
            AccountsUnavailable: The access token has ended and Supabase Auth does not answer.
        """
        signed_in = await super().find_signed_in(token)
        if signed_in is None or signed_in.session_id is None:
            return None
        return signed_in if await self._goes_on(signed_in.session_id) else None

    async def close(self) -> None:
        """Give up the renewals that are still under way."""
        renewals = list(self._renewals.values())
        for renewal in renewals:
            renewal.cancel()
        await asyncio.gather(*renewals, return_exceptions=True)

    async def revoke(self, person_id: UUID, session_id: UUID) -> bool:
        """End a session of a person, upstream too; false when it is not theirs, or over."""
        refresh_token = await self._refresh_token(session_id)
        revoked = await super().revoke(person_id, session_id)
        if revoked:
            await self._end_upstream(session_id, refresh_token)
        return revoked

    async def end(self, token: str) -> None:
        """End the session of the token, upstream too, if there is one."""
        signed_in = await super().find_signed_in(token)
        session_id = None if signed_in is None else signed_in.session_id
        refresh_token = None if session_id is None else await self._refresh_token(session_id)
        await super().end(token)
        if session_id is not None:
            await self._end_upstream(session_id, refresh_token)

    async def _goes_on(self, session_id: UUID) -> bool:
        """Return whether a session goes on upstream; renew it first where that is due."""
        if self._good_until.get(session_id, 0.0) > time.monotonic():
            return True
        renewal = self._renewals.get(session_id)
        if renewal is None:
            renewal = asyncio.create_task(self._look(session_id))
            self._renewals[session_id] = renewal
            renewal.add_done_callback(lambda done: self._renewed(session_id, done))
        # A request that is given up must not give up the answer for the others.
        return await asyncio.shield(renewal)

    def _renewed(self, session_id: UUID, done: asyncio.Task[bool]) -> None:
        self._renewals.pop(session_id, None)
        # Perhaps nobody waits for it any more.
        if not done.cancelled():
            done.exception()

    async def _look(self, session_id: UUID) -> bool:
        async with self._database.transaction(SERVER) as connection:
            row = await (await connection.execute(_STATE, (session_id,))).fetchone()
        if row is None:
            return False
        if row["sealed"] is None:
            # It began before accounts were kept upstream.
            return True
        if row["seconds_left"] > 0:
            self._remember(session_id, row["seconds_left"])
            return True
        return await self._renew(session_id, row["sealed"], is_over=row["is_over"])

    async def _renew(self, session_id: UUID, sealed: bytes, *, is_over: bool) -> bool:
        try:
            grant = await self._auth.refresh(self._opened(session_id, sealed))
        except (SessionEnded, InvalidToken) as ended:
            _log.info("a session ended upstream", reason=str(ended) or "it cannot be opened")
            async with self._database.transaction(SERVER) as connection:
                await connection.execute(_END, (session_id,))
            return False
        except (AccountsUnavailable, TooManyRequests) as error:
            if is_over:
                raise AccountsUnavailable(
                    "Your session cannot be renewed, since the service that keeps accounts does "
                    "not answer. Try again in a moment."
                ) from error
            self._remember(session_id, _PATIENCE_SECONDS)
            return True
        async with self._database.transaction(SERVER) as connection:
            await self._keep(connection, session_id, grant, before=sealed)
        return True

    async def _keep(
        self, connection: Connection, session_id: UUID, grant: Grant, *, before: bytes | None
    ) -> None:
        """Keep a grant, unless another process has kept a later one."""
        lifetime = timedelta(seconds=grant.expires_in)
        margin = min(_MARGIN, lifetime / _SHARE)
        values = {
            "session_id": session_id,
            "sealed": self._cipher(session_id).encrypt(grant.refresh_token.encode()),
            "lifetime": lifetime,
            "margin": margin,
            "before": before,
        }
        await connection.execute(_KEEP, values)
        self._remember(session_id, (lifetime - margin).total_seconds())

    async def _refresh_token(self, session_id: UUID) -> str | None:
        async with self._database.transaction(SERVER) as connection:
            row = await (await connection.execute(_STATE, (session_id,))).fetchone()
        if row is None or row["sealed"] is None:
            return None
        try:
            return self._opened(session_id, row["sealed"])
        except InvalidToken:
            return None

    async def _end_upstream(self, session_id: UUID, refresh_token: str | None) -> None:
        """Sign out of Supabase Auth; where that fails, nobody has the refresh token any more."""
        self._good_until.pop(session_id, None)
        if refresh_token is None:
            return
        try:
            grant = await self._auth.refresh(refresh_token)
            await self._auth.sign_out(grant.access_token)
        except SessionEnded:
            return
        except LockstitchError as error:
            _log.warning("a session was not ended upstream", reason=type(error).__name__)

    def _remember(self, session_id: UUID, seconds: float) -> None:
        if len(self._good_until) >= _MOST_REMEMBERED:
            self._good_until.clear()
        self._good_until[session_id] = time.monotonic() + seconds

    def _opened(self, session_id: UUID, sealed: bytes) -> str:
        return self._cipher(session_id).decrypt(sealed).decode()

    def _cipher(self, session_id: UUID) -> Fernet:
        # Of one session alone, so that a row that is moved opens nothing.
        message = b"upstream-session:" + session_id.bytes
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        return Fernet(base64.urlsafe_b64encode(digest))
