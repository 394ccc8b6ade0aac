"""Idempotency-Key: a request that is sent again gets the answer of the first, and no new effect."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from psycopg.types.json import Jsonb

from lockstitch.database.session import SERVER, Connection, Database
from lockstitch.errors import DatabaseUnavailable, IdempotencyKeyInUse, IdempotencyKeyReused
from lockstitch.identity.principal import Caller
from lockstitch.settings import Settings

# After this long whoever holds a key may have died, and another may take it. One who is merely
# slow is refused in the end: `keep` asks for the claim that is in force.
LEASE: Final = timedelta(seconds=60)

# A key that outlived its retention is free even before its row is removed.
_CLAIM: Final = """
insert into public.idempotency_keys as held
    (organisation_id, caller, key, operation, request_hash)
values (%(organisation_id)s, %(caller)s, %(key)s, %(operation)s, %(request_hash)s)
on conflict (organisation_id, caller, key) do update set
    operation = excluded.operation, request_hash = excluded.request_hash, status = null,
    headers = null, body = null, finished_at = null, created_at = now()
where held.created_at < now() - (
    select keep from private.retention where relation = 'public.idempotency_keys'
) or (
    held.finished_at is null and held.request_hash = excluded.request_hash
    and held.created_at < now() - %(lease)s
)
returning created_at
"""
_SELECT: Final = """
select request_hash, status, headers, body, finished_at from public.idempotency_keys
where organisation_id = %(organisation_id)s and caller = %(caller)s and key = %(key)s
"""
_KEEP: Final = """
update public.idempotency_keys set
    status = %(status)s, headers = %(headers)s, body = %(body)s, finished_at = now()
where organisation_id = %(organisation_id)s and caller = %(caller)s and key = %(key)s
and created_at = %(claimed_at)s and finished_at is null
"""
_RELEASE: Final = """
delete from public.idempotency_keys
where organisation_id = %(organisation_id)s and caller = %(caller)s and key = %(key)s
and created_at = %(claimed_at)s and finished_at is null
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do what a key stands for, until it is released or its lease is over."""

    organisation_id: UUID
    caller: str
    key: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is stored and given again."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeyedAnswer:
    """An answer that goes into the database together with its effect; the body is sealed."""

    claim: Claim
    answer: Answer


class IdempotencyKeys:
    """The idempotency keys of one application, each of one caller in one organisation.

    Answers are encrypted with a key that needs the application's secret, since some hold what is
    shown once, such as a new API key, of which the database otherwise has the hash alone.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._secret = settings.secret_key.get_secret_value().encode()

    async def claim(
        self, caller: Caller, key: str, operation: str, request_hash: bytes
    ) -> Claim | Answer:
        """Claim a key, or return the answer that was given for it.

        Args:
            caller: Whose key it is.
            key: What the caller sent.
            operation: What is to be done.
            request_hash: sha256 of the request, so that another one is told from it.

        Raises:
            IdempotencyKeyInUse: The same request is being answered.
            IdempotencyKeyReused: The key was sent with another request.
        """
        values = {
            "organisation_id": caller.organisation_id,
            "caller": caller_name(caller),
            "key": key,
            "operation": operation,
            "request_hash": request_hash,
            "lease": LEASE,
        }
        async with self._database.transaction(SERVER) as connection:
            claimed = await (await connection.execute(_CLAIM, values)).fetchone()
            if claimed is not None:
                name = caller_name(caller)
                return Claim(caller.organisation_id, name, key, claimed["created_at"])
            found = await (await connection.execute(_SELECT, values)).fetchone()
        if found is not None and found["request_hash"] != request_hash:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was sent with another request. Make a new key for this one."
            )
        # A row that is gone was released a moment ago.
        if found is None or found["finished_at"] is None:
            raise IdempotencyKeyInUse(
                "The same request is being answered. Send it again in a moment."
            )
        return Answer(found["status"], found["headers"], self._open(key, found["body"]))

    async def release(self, claim: Claim) -> None:
        """Give a key back whose request had no effect."""
        # If this fails, the lease ends it.
        with suppress(DatabaseUnavailable):
            async with self._database.transaction(SERVER) as connection:
                await connection.execute(_RELEASE, _values(claim))

    def seal(self, claim: Claim, answer: Answer) -> KeyedAnswer:
        """Return what `keep` stores."""
        body = self._cipher(claim.key).encrypt(answer.body)
        return KeyedAnswer(claim, Answer(answer.status, answer.headers, body))

    def _open(self, key: str, sealed: bytes) -> bytes:
        try:
            return self._cipher(key).decrypt(sealed)
        except InvalidToken:
            raise IdempotencyKeyReused(
                "What was answered for this key cannot be read since the service's secret was "
                "changed. Look whether the first request had its effect, then use a new key."
            ) from None

    def _cipher(self, key: str) -> Fernet:
        message = b"idempotency-key:" + key.encode()
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        return Fernet(base64.urlsafe_b64encode(digest))


async def keep(connection: Connection, answers: Sequence[KeyedAnswer]) -> None:
    """Store answers in the transaction of their effects. The connection must act as the server.

    Raises:
        IdempotencyKeyInUse: Another took over one of the claims: the effect must not stay.
    """
    if not answers:
        return
    cursor = connection.cursor()
    await cursor.executemany(
        _KEEP,
        [
            _values(keyed.claim)
            | {
                "status": keyed.answer.status,
                "headers": Jsonb(keyed.answer.headers),
                "body": keyed.answer.body,
            }
            for keyed in answers
        ],
    )
    if cursor.rowcount != len(answers):
        raise IdempotencyKeyInUse(
            "This took so long that another request with the same key took over. "
            "Send it again in a moment."
        )


def caller_name(caller: Caller) -> str:
    """Return whose keys these are: a person's in an organisation, or an API key's."""
    if caller.person_id is None:
        return f"key:{caller.key_id}"
    return f"person:{caller.person_id}"


def _values(claim: Claim) -> dict[str, object]:
    return {
        "organisation_id": claim.organisation_id,
        "caller": claim.caller,
        "key": claim.key,
        "claimed_at": claim.claimed_at,
    }
