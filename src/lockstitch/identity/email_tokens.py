"""One-time links: a random token in a letter, its sha256 in the database."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from lockstitch.database.session import Connection
from lockstitch.errors import LinkInvalid

Purpose = Literal["confirm", "reset"]

_TOKEN_BYTES: Final = 32
_LIFETIMES: Final[dict[Purpose, timedelta]] = {
    "confirm": timedelta(hours=24),
    "reset": timedelta(hours=1),
}

_INSERT: Final = """
insert into private.email_tokens (token_hash, purpose, person_id, email, expires_at)
values (%(token_hash)s, %(purpose)s, %(person_id)s, %(email)s, now() + %(lifetime)s)
"""
_FIND: Final = """
select person_id, email, used_at is not null as used from private.email_tokens
where token_hash = %(token_hash)s and purpose = %(purpose)s and expires_at > now()
"""
# Of two requests with one token, the second waits here for the first, and finds it used.
_USE: Final = """
update private.email_tokens set used_at = now()
where token_hash = %(token_hash)s and purpose = %(purpose)s
and used_at is null and expires_at > now()
returning person_id, email, false as used
"""
_FORGET: Final = """
delete from private.email_tokens
where person_id = %s and purpose = any(%s) and used_at is null
"""


@dataclass(frozen=True, slots=True)
class EmailToken:
    """What a token is good for: one person, and the address that it was sent to."""

    person_id: UUID
    email: str
    used: bool


async def issue_token(connection: Connection, purpose: Purpose, person_id: UUID, email: str) -> str:
    """Return a new token of 256 random bits. The connection must act as the server."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    values = {"person_id": person_id, "email": email, "lifetime": _LIFETIMES[purpose]}
    await connection.execute(_INSERT, _values(token, purpose) | values)
    return token


async def find_token(connection: Connection, purpose: Purpose, token: str) -> EmailToken:
    """Return what a token is good for, used or not, and leave it as it is.

    Raises:
        LinkInvalid: It is unknown or expired.
    """
    return await _read(connection, _FIND, purpose, token)


async def use_token(connection: Connection, purpose: Purpose, token: str) -> EmailToken:
    """Use up a token, in the transaction of what it allows.

    Raises:
        LinkInvalid: It is unknown, used or expired.
    """
    return await _read(connection, _USE, purpose, token)


async def forget_tokens(connection: Connection, person_id: UUID, *purposes: Purpose) -> None:
    """Make a person's unused links of these purposes worthless."""
    await connection.execute(_FORGET, (person_id, list(purposes)))


async def _read(connection: Connection, statement: str, purpose: Purpose, token: str) -> EmailToken:
    row = await (await connection.execute(statement.encode(), _values(token, purpose))).fetchone()
    if row is None:
        raise LinkInvalid("The link is unknown, used or expired. Ask for a new one.")
    return EmailToken(**row)


def _values(token: str, purpose: Purpose) -> dict[str, Any]:
    # Random enough to need neither salt nor key.
    return {"token_hash": hashlib.sha256(token.encode()).digest(), "purpose": purpose}
