"""Sessions: a random token in a cookie, its keyed hash in the database."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from lockstitch.database.session import SERVER, Database
from lockstitch.identity.changes import Change
from lockstitch.identity.kept import Kept
from lockstitch.identity.principal import Principal, SignedIn
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.identity")

_TOKEN_BYTES = 32
_LONGEST_USER_AGENT = 300

# So long a page may still send what it began before the token was replaced.
_OVERLAP = timedelta(seconds=60)

_INSERT = """
insert into private.sessions (token_hash, person_id, organisation_id, expires_at, user_agent)
select
    %(token_hash)s,
    %(person_id)s,
    (
        select organisation_id from public.organisation_members
        where person_id = %(person_id)s
        order by created_at, organisation_id
        limit 1
    ),
    now() + %(lifetime)s,
    %(user_agent)s
"""

# A session may act for an organisation that its person has left: then it acts for none. Who is
# banned or deleted has none, just as no token of theirs is taken.
_SELECT = """
select
    sessions.id as session_id,
    sessions.person_id,
    private.person_email(sessions.person_id) as email,
    private.person_confirmed_at(sessions.person_id) as email_confirmed_at,
    organisations.id as organisation_id,
    organisations.name as organisation_name,
    members.role,
    sessions.created_at as signed_in_at,
    sessions.expires_at,
    sessions.rotated_at as token_made_at,
    sessions.rotated_at <= now() - %(rotation)s as renewal_due
from private.sessions as sessions
left join public.organisation_members as members
    on members.organisation_id = sessions.organisation_id
    and members.person_id = sessions.person_id
left join public.organisations as organisations on organisations.id = members.organisation_id
where sessions.expires_at > now() and sessions.last_seen_at > now() - %(idle)s
and private.person_may_sign_in(sessions.person_id)
"""
_BY_TOKEN = _SELECT + "and sessions.token_hash = %(token_hash)s"
_BY_ID = _SELECT + "and sessions.id = %(session_id)s"
# A token that was replaced: is it still good, or was the answer lost that brought its successor?
_RETIRED = """
select
    retired.session_id,
    retired.retired_at > now() - %(overlap)s as recent,
    sessions.token_seen_at is null and not exists (
        select from private.retired_session_tokens as newer
        where newer.session_id = retired.session_id
        and newer.retired_at > retired.retired_at and newer.was_seen
    ) as successor_lost
from private.retired_session_tokens as retired
join private.sessions as sessions on sessions.id = retired.session_id
where retired.token_hash = %(token_hash)s
"""
# Of two answers that would replace the token, one finds it replaced already.
_RENEW = """
with held as (
    select id, token_hash, token_seen_at is not null as was_seen from private.sessions
    where id = %(session_id)s and rotated_at = %(token_made_at)s
    for update
), renewed as (
    update private.sessions as sessions
    set token_hash = %(token_hash)s, rotated_at = now(), token_seen_at = null
    from held where sessions.id = held.id
    returning held.id, held.token_hash, held.was_seen
)
insert into private.retired_session_tokens (session_id, token_hash, was_seen)
select id, token_hash, was_seen from renewed
"""
_RENEW_SOON = """
update private.sessions set rotated_at = to_timestamp(0) where person_id = %s
"""
# Once a minute is enough to tell an idle session.
_SEEN = """
update private.sessions
set last_seen_at = now(), token_seen_at = coalesce(token_seen_at, now())
where id = %s and (last_seen_at < now() - interval '1 minute' or token_seen_at is null)
"""
_LIST = """
select id, user_agent, created_at, last_seen_at, expires_at from private.sessions
where person_id = %(person_id)s and expires_at > now() and last_seen_at > now() - %(idle)s
order by last_seen_at desc, id desc
limit 100
"""
_MEMBER = """
select from public.organisation_members where organisation_id = %s and person_id = %s
"""
_REVOKE = "delete from private.sessions where person_id = %s and id = %s"

_END_OTHERS = """
delete from private.sessions where person_id = %s and id is distinct from %s
"""

_ACT_FOR = """
update private.sessions set organisation_id = %s, rotated_at = to_timestamp(0) where id = %s
"""
_DELETE = """
delete from private.sessions where token_hash = %(token_hash)s or id in (
    select session_id from private.retired_session_tokens where token_hash = %(token_hash)s
)
"""
_DELETE_STOLEN = "delete from private.sessions where id = %s returning person_id"
_DELETE_CLOSED = """
delete from private.sessions
where token_hash = %s and not private.person_may_sign_in(person_id)
"""
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
        self._rotation = timedelta(hours=settings.session_rotation_hours)
        self._kept: Kept[bytes, SignedIn] = Kept()

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
        """Return who holds the token, or None when the session is unknown, over, or of nobody.

        Whoever belongs to no organisation is found by `find_signed_in` alone.
        """
        signed_in = await self.find_signed_in(token)
        return None if signed_in is None else signed_in.principal

    async def find_signed_in(self, token: str) -> SignedIn | None:
        """Return who holds the token, in an organisation or in none.

        A token that was replaced is good for another minute, or until the browser has shown its
        successor. Whoever shows it later has stolen it or was robbed: the session ends.
        """
        digest = self._hash(token)
        signed_in = self._kept.get(digest) or await self._look_up(digest)
        return None if signed_in is None or _is_over(signed_in) else signed_in

    async def read(self, session_id: UUID | None) -> SignedIn | None:
        """Return whose session it is, as the database knows it now."""
        async with self._database.transaction(SERVER) as connection:
            row = await self._read(connection, _BY_ID, session_id=session_id)
        return None if row is None else SignedIn(**row)

    async def renew(self, signed_in: SignedIn) -> str | None:
        """Replace the session's token and return the new one; None when another request has."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        values = {
            "session_id": signed_in.session_id,
            "token_made_at": signed_in.token_made_at,
            "token_hash": self._hash(token),
        }
        async with self._database.transaction(SERVER) as connection:
            renewed = await connection.execute(_RENEW, values)
        self.forget_person(signed_in.person_id)
        return token if renewed.rowcount else None

    async def renew_soon(
        self, connection: AsyncConnection[dict[str, Any]], person_id: UUID
    ) -> None:
        """Let each session of a person have a new token with its next answer.

        For what changes their rights. The connection must act as the server.
        """
        await connection.execute(_RENEW_SOON, (person_id,))
        self.forget_person(person_id)

    async def act_for(
        self,
        connection: AsyncConnection[dict[str, Any]],
        caller: Principal | SignedIn,
        organisation: UUID | None,
    ) -> bool:
        """Let a session act for another organisation, or for none; false when it may not.

        The person must be a member. The connection must act as the server.
        """
        if organisation is not None:
            member = await connection.execute(_MEMBER, (organisation, caller.person_id))
            if await member.fetchone() is None:
                return False
        await connection.execute(_ACT_FOR, (organisation, caller.session_id))
        self.forget_person(caller.person_id)
        return True

    async def end_others(
        self, connection: AsyncConnection[dict[str, Any]], person_id: UUID, *, but: UUID | None
    ) -> None:
        """End every session of a person but this one. The connection must act as the server."""
        await connection.execute(_END_OTHERS, (person_id, but))
        self.forget_person(person_id)

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
            await connection.execute(_DELETE, {"token_hash": digest})
        self._kept.forget(digest)

    def forget_person(self, person_id: UUID) -> None:
        """Ask the database about a person's sessions again, since something of them changed."""
        self._kept.drop(lambda signed_in: signed_in.person_id == person_id)

    def hear(self, change: Change) -> None:
        """Forget the sessions that a change touches."""
        if change.kind == "session":
            self._kept.drop(lambda signed_in: signed_in.session_id == change.id)
        elif change.kind == "person":
            self.forget_person(change.id)
        elif change.kind == "organisation":
            self._kept.drop(lambda signed_in: signed_in.organisation_id == change.id)

    def forget_all(self) -> None:
        """Ask the database about every session again."""
        self._kept.clear()

    async def _look_up(self, digest: bytes) -> SignedIn | None:
        generation = self._kept.generation
        async with self._database.transaction(SERVER) as connection:
            row = await self._read(connection, _BY_TOKEN, token_hash=digest)
            if row is None:
                await connection.execute(_DELETE_CLOSED, (digest,))
                return await self._find_retired(connection, digest)
            await connection.execute(_SEEN, (row["session_id"],))
        signed_in = SignedIn(**row)
        self._kept.put(digest, signed_in, generation)
        return signed_in

    async def _find_retired(
        self, connection: AsyncConnection[dict[str, Any]], digest: bytes
    ) -> SignedIn | None:
        values = {"token_hash": digest, "overlap": _OVERLAP}
        retired = await (await connection.execute(_RETIRED, values)).fetchone()
        if retired is None:
            return None
        if not (retired["recent"] or retired["successor_lost"]):
            _log.warning("a replaced token was shown; its session ends")
            answer = await connection.execute(_DELETE_STOLEN, (retired["session_id"],))
            for stolen in await answer.fetchall():
                self.forget_person(stolen["person_id"])
            return None
        row = await self._read(connection, _BY_ID, session_id=retired["session_id"])
        # Whoever made the successor a moment ago is about to bring it to the browser.
        return None if row is None else SignedIn(**row | {"renewal_due": not retired["recent"]})

    async def _read(
        self, connection: AsyncConnection[dict[str, Any]], statement: str, **values: Any
    ) -> dict[str, Any] | None:
        values |= {"idle": self._idle, "rotation": self._rotation}
        return await (await connection.execute(statement.encode(), values)).fetchone()

    def _hash(self, token: str) -> bytes:
        # Keyed, so that whoever can write a row still cannot make a session.
        return hmac.new(self._key, token.encode(), hashlib.sha256).digest()


def _is_over(signed_in: SignedIn) -> bool:
    return signed_in.expires_at <= datetime.now(UTC)
