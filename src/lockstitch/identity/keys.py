"""API keys: shown once, stored as a hash, checked before the database is asked."""

import hashlib
import re
import secrets
import string
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from lockstitch.database.session import SERVER, Database
from lockstitch.identity.principal import Machine

PREFIX: Final = "lsk_"
SHOWN_CHARACTERS: Final = len(PREFIX) + 6

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_CHARACTERS: Final = 30
# A CRC32 is at most six digits to base 62.
_CHECK_CHARACTERS: Final = 6
_KEY: Final = re.compile(
    rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_CHARACTERS}}}[0-9A-Za-z]{{{_CHECK_CHARACTERS}}}"
)
_KEPT_SECONDS: Final = 10.0
_MOST_KEPT: Final = 10_000

_SELECT: Final = """
select id as key_id, organisation_id, scopes, expires_at, requests_per_minute
from public.api_keys
where key_hash = %s and revoked_at is null and (expires_at is null or expires_at > now())
"""
# Once a minute is enough to see which keys are in use.
_USED: Final = """
update public.api_keys set last_used_at = now()
where id = %s and (last_used_at is null or last_used_at < now() - interval '1 minute')
"""


def new_key() -> str:
    """Return a fresh key: prefix, 30 random characters to base 62, and their CRC32."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
    return f"{PREFIX}{secret}{_check(secret)}"


def key_hash(key: str) -> bytes:
    """Return what is stored of a key. It is random enough to need no salt."""
    return hashlib.sha256(key.encode()).digest()


def is_well_formed(key: str) -> bool:
    """Whether a text is a key by its form and checksum, known or not."""
    if _KEY.fullmatch(key) is None:
        return False
    secret = key[len(PREFIX) : -_CHECK_CHARACTERS]
    return _check(secret) == key[-_CHECK_CHARACTERS:]


def _check(secret: str) -> str:
    number, digits = crc32(secret.encode()), ""
    for _ in range(_CHECK_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


@dataclass(frozen=True, slots=True)
class _Kept:
    machine: Machine
    until: float


class Keys:
    """The API keys of one application.

    What a key may do is kept for 10 seconds in each process; revoking it here is seen at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[bytes, _Kept] = {}

    async def find(self, key: str) -> Machine | None:
        """Return which machine shows this key, or None when it is unknown, revoked or expired."""
        if not is_well_formed(key):
            return None
        digest = key_hash(key)
        kept = self._kept.get(digest)
        if kept is None or kept.until < time.monotonic():
            kept = await self._read(digest)
        if kept is None or _is_over(kept.machine):
            return None
        return kept.machine

    def forget(self, key_id: UUID) -> None:
        """Ask the database about a key again, since it was changed."""
        self._kept = {
            digest: kept for digest, kept in self._kept.items() if kept.machine.key_id != key_id
        }

    async def _read(self, digest: bytes) -> _Kept | None:
        async with self._database.transaction(SERVER) as connection:
            row: dict[str, Any] | None = await (
                await connection.execute(_SELECT, [digest])
            ).fetchone()
            if row is not None:
                await connection.execute(_USED, [row["key_id"]])
        self._kept.pop(digest, None)
        if row is None:
            return None
        machine = Machine(**{**row, "scopes": frozenset(row["scopes"])})
        kept = _Kept(machine, time.monotonic() + _KEPT_SECONDS)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[digest] = kept
        return kept


def _is_over(machine: Machine) -> bool:
    return machine.expires_at is not None and machine.expires_at <= datetime.now(UTC)
