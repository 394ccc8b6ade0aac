"""Sessions: a random token in a cookie, its keyed hash in the database."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from lockstitch.database.session import SERVER, Database
from lockstitch.identity.changes import Change
from lockstitch.identity.kept import Kept
from lockstitch.identity.principal import Principal
from lockstitch.settings import Settings

_TOKEN_BYTES = 32
_LONGEST_USER_AGENT = 300

_INSERT = """
insert into private.sessions (token_hash, person_id, organisation_id, expires_at, user_agent)
select
    %(token_hash)s, %(person_id)s, members.organisation_id, now() + %(lifetime)s, %(user_agent)s
from public.organisation_members as members
where members.person_id = %(person_id)s
order by members.created_at, members.organisation_id
limit 1
"""

_SELECT = """
select
    sessions.id as session_id,
    sessions.person_id,
    private.person_email(sessions.person_id) as email,
    sessions.organisation_id,
    organisations.name as organisation_name,
    members.role,
    sessions.created_at as signed_in_at,
    sessions.expires_at
from private.sessions as sessions
join public.organisations as organisations on organisations.id = sessions.organisation_id
join public.organisation_members as members
    on members.organisation_id = sessions.organisation_id
    and members.person_id = sessions.person_id
where sessions.token_hash = %(token_hash)s and sessions.expires_at > now()
and sessions.last_seen_at > now() - %(idle)s
"""
# Once a minute is enough to tell an idle session.
_SEEN = """
update private.sessions set last_seen_at = now()
where id = %s and last_seen_at < now() - interval '1 minute'
"""
_LIST = """
select id, user_agent, created_at, last_seen_at, expires_at from private.sessions
where person_id = %(person_id)s and expires_at > now() and last_seen_at > now() - %(idle)s
order by last_seen_at desc, id desc
limit 100
"""
_REVOKE = "delete from private.sessions where person_id = %s and id = %s"

_ACT_FOR = "update private.sessions set organisation_id = %s where id = %s"
_DELETE = "delete from private.sessions where token_hash = %s"
_DELETE_EXPIRED = "delete from private.sessions where person_id = %s and expires_at <= now()"


class Sessions:
    """The sessions of one application.

    Who a session is of is kept for 10 seconds in each process, and dropped when it changes.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._key = settings.secret_key.get_secret_value().encode()
        self._lifetime = timedelta(days=settings.session_days)
        self._idle = timedelta(days=settings.session_idle_days)
        self._kept: Kept[bytes, Principal] = Kept()

    async def begin(
        self,
        connection: AsyncConnection[dict[str, Any]],
        person_id: UUID,
        user_agent: str | None = None,
    ) -> str:
        """Open a session in the person's first organisation and return its token.

        The connection must act as the server. The session is there when its transaction commits.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await connection.execute(_DELETE_EXPIRED, (person_id,))
        await connection.execute(
            _INSERT,
            {
                "token_hash": self._hash(token),
                "person_id": person_id,
                "lifetime": self._lifetime,
                "user_agent": user_agent[:_LONGEST_USER_AGENT] if user_agent else None,
            },
        )
        return token

    async def find(self, token: str) -> Principal | None:
        """Return who holds the token, or None when the session is unknown or over."""
        digest = self._hash(token)
        principal = self._kept.get(digest) or await self._read(digest)
        return None if principal is None or _is_over(principal) else principal

    async def act_for(
        self, connection: AsyncConnection[dict[str, Any]], principal: Principal, organisation: UUID
    ) -> None:
        """Let a session act for another organisation, of which the person must be a member.

        The connection must act as the server.
        """
        await connection.execute(_ACT_FOR, (organisation, principal.session_id))
        self.forget_person(principal.person_id)

    async def of_person(self, person_id: UUID) -> list[dict[str, Any]]:
        """Return a person's open sessions, the last used first."""
        values = {"person_id": person_id, "idle": self._idle}
        async with self._database.transaction(SERVER) as connection:
            return await (await connection.execute(_LIST, values)).fetchall()

    async def revoke(self, person_id: UUID, session_id: UUID) -> bool:
        """End a session of a person; false when it is not theirs, or over."""
        async with self._database.transaction(SERVER) as connection:
            is_theirs = (await connection.execute(_REVOKE, (person_id, session_id))).rowcount > 0
        self.forget_person(person_id)
        return is_theirs

    async def end(self, token: str) -> None:
        """End the session of the token, if there is one."""
        digest = self._hash(token)
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(_DELETE, (digest,))
        self._kept.forget(digest)

    def forget_person(self, person_id: UUID) -> None:
        """Ask the database about a person's sessions again, since something of them changed."""
        self._kept.drop(lambda principal: principal.person_id == person_id)

    def hear(self, change: Change) -> None:
        """Forget the sessions that a change touches."""
        if change.kind == "session":
            self._kept.drop(lambda principal: principal.session_id == change.id)
        elif change.kind == "person":
            self.forget_person(change.id)
        elif change.kind == "organisation":
            self._kept.drop(lambda principal: principal.organisation_id == change.id)

    def forget_all(self) -> None:
        """Ask the database about every session again."""
        self._kept.clear()

    async def _read(self, digest: bytes) -> Principal | None:
        generation = self._kept.generation
        async with self._database.transaction(SERVER) as connection:
            values = {"token_hash": digest, "idle": self._idle}
            row = await (await connection.execute(_SELECT, values)).fetchone()
            if row is not None:
                await connection.execute(_SEEN, (row["session_id"],))
        if row is None:
            return None
        principal = Principal(**row)
        self._kept.put(digest, principal, generation)
        return principal

    def _hash(self, token: str) -> bytes:
        # Keyed, so that whoever can write a row still cannot make a session.
        return hmac.new(self._key, token.encode(), hashlib.sha256).digest()


def _is_over(principal: Principal) -> bool:
    return principal.expires_at <= datetime.now(UTC)
