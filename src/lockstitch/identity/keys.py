"""API keys: shown once, stored as a hash, checked before the database is asked."""

import hashlib
import re
import secrets
import string
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from lockstitch.database.session import SERVER, Database
from lockstitch.identity.changes import Change
from lockstitch.identity.kept import Kept
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


class Keys:
    """The API keys of one application.

    What a key may do is kept for 10 seconds in each process, and dropped when it changes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Kept[bytes, Machine] = Kept()

    async def find(self, key: str) -> Machine | None:
        """Return which machine shows this key, or None when it is unknown, revoked or expired."""
        if not is_well_formed(key):
            return None
        digest = key_hash(key)
        machine = self._kept.get(digest) or await self._read(digest)
        return None if machine is None or _is_over(machine) else machine

    def forget(self, key_id: UUID) -> None:
        """Ask the database about a key again, since it was changed."""
        self._kept.drop(lambda machine: machine.key_id == key_id)

    def hear(self, change: Change) -> None:
        """Forget the key that was changed."""
        if change.kind == "key":
            self.forget(change.id)

    def forget_all(self) -> None:
        """Ask the database about every key again."""
        self._kept.clear()

    async def _read(self, digest: bytes) -> Machine | None:
        generation = self._kept.generation
        async with self._database.transaction(SERVER) as connection:
            row: dict[str, Any] | None = await (
                await connection.execute(_SELECT, [digest])
            ).fetchone()
            if row is not None:
                await connection.execute(_USED, [row["key_id"]])
        if row is None:
            return None
        machine = Machine(**{**row, "scopes": frozenset(row["scopes"])})
        self._kept.put(digest, machine, generation)
        return machine


def _is_over(machine: Machine) -> bool:
    return machine.expires_at is not None and machine.expires_at <= datetime.now(UTC)
