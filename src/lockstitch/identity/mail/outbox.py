"""The outbox: a letter is stored in the transaction of its cause, and sent after the commit."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from cryptography.fernet import Fernet, InvalidToken

from lockstitch.database.session import SERVER, Connection, Database
from lockstitch.errors import DatabaseError
from lockstitch.identity.mail.carrier import Carrier
from lockstitch.identity.mail.letter import Undeliverable, make_message
from lockstitch.identity.mail.writing import LetterName, write_letter
from lockstitch.settings import Settings

# While one process tries, no other does; longer than any attempt takes.
_LEASE: Final = timedelta(minutes=2)
# After each failed attempt; after the last of them the letter is given up.
_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (0.25, 1, 5, 30, 120, 360))
# What another process left behind is found this late.
_LOOK_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 1.0
_LONGEST_ERROR: Final = 500

_PUT: Final = """
insert into private.mails (letter, recipient, sealed) values (%s, %s, %s)
"""
_CLAIM: Final = """
update private.mails set attempts = attempts + 1, next_attempt_at = now() + %(lease)s
where id = (
    select id from private.mails
    where sent_at is null and failed_at is null and next_attempt_at <= now()
    order by next_attempt_at
    limit 1
    for update skip locked
)
returning id, letter, recipient, sealed, attempts
"""
_SENT: Final = """
update private.mails set sent_at = now(), sealed = null, last_error = null where id = %s
"""
# Nothing was to be written: whoever asked must not be able to tell, and nobody needs the row.
_DROP: Final = "delete from private.mails where id = %s"
_AGAIN: Final = """
update private.mails set next_attempt_at = now() + %(pause)s, last_error = %(error)s
where id = %(id)s
"""
_GIVE_UP: Final = """
update private.mails set failed_at = now(), sealed = null, last_error = %(error)s
where id = %(id)s
"""

_log = structlog.get_logger("lockstitch.mail")


@dataclass(frozen=True, slots=True)
class _Due:
    """A letter that is this process's to send for the moment."""

    id: UUID
    letter: LetterName
    recipient: str
    sealed: bytes
    attempts: int


class Outbox:
    """The letters of one application that wait to be sent.

    What a letter is about is encrypted with a key that needs the application's secret, since an
    invitation's token is in it. Other tokens are made when their letter is written.
    """

    def __init__(self, database: Database, settings: Settings, carrier: Carrier) -> None:
        self._database = database
        self._settings = settings
        self._carrier = carrier
        self._due = asyncio.Event()
        self._stopping = False
        secret = settings.secret_key.get_secret_value().encode()
        digest = hmac.new(secret, b"mail", hashlib.sha256).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(digest))

    async def put(
        self, connection: Connection, letter: LetterName, recipient: str, **about: str
    ) -> None:
        """Store a letter in the transaction of its cause; call `wake` after the commit.

        The connection must act as the server.
        """
        sealed = self._cipher.encrypt(json.dumps(about).encode())
        await connection.execute(_PUT, (letter, recipient, sealed))

    def wake(self) -> None:
        """Say that there may be something to send. Nobody waits for it."""
        self._due.set()

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Send what is due, for as long as the block runs."""
        task = asyncio.create_task(self._repeat())
        try:
            yield
        finally:
            self._stopping = True
            self._due.set()
            # What is being handed over may finish. A cancellation can get lost in wait_for of
            # Python 3.11, which psycopg uses, so it is asked for until it is heard.
            while not (await asyncio.wait({task}, timeout=_STOP_SECONDS))[0]:
                task.cancel()

    async def send_due(self) -> int:
        """Try every letter that is due, once; return how many there were."""
        count = 0
        while not self._stopping and (due := await self._claim()) is not None:
            await self._try(due)
            count += 1
        return count

    async def _repeat(self) -> None:
        while not self._stopping:
            self._due.clear()
            try:
                await self.send_due()
            except (DatabaseError, psycopg.Error) as error:
                # The rows stay where they are.
                _log.warning("the outbox cannot be read", reason=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._due.wait()

    async def _claim(self) -> _Due | None:
        async with self._database.transaction(SERVER) as connection:
            row = await (await connection.execute(_CLAIM, {"lease": _LEASE})).fetchone()
        return None if row is None else _Due(**row)

    async def _try(self, due: _Due) -> None:
        try:
            about: dict[str, Any] = json.loads(self._cipher.decrypt(due.sealed))
            letter = await write_letter(
                self._database, self._settings.origin, due.letter, due.recipient, about
            )
            if letter is None:
                await self._note(_DROP, (due.id,))
                return
            message = make_message(letter, sender=self._settings.mail_from, recipient=due.recipient)
            await self._carrier.send(message)
        except InvalidToken:
            await self._give_up(due, "the service's secret was changed since")
        except Undeliverable as error:
            await self._give_up(due, str(error))
        except OSError as error:
            # What a server says may repeat an address: its kind and number are enough.
            code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
            await self._try_again(due, f"{type(error).__name__} {code or ''}".strip())
        except DatabaseError:
            # It is nobody's until the lease is over, and then somebody's again.
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other letters must go on.
            await self._try_again(due, type(error).__name__)
        else:
            await self._note(_SENT, (due.id,))

    async def _try_again(self, due: _Due, reason: str) -> None:
        if due.attempts > len(_PAUSES):
            await self._give_up(due, reason)
            return
        pause = _PAUSES[due.attempts - 1]
        _log.warning(
            "a mail waits for its next attempt",
            **_facts(due, reason),
            pause_seconds=pause.total_seconds(),
        )
        await self._note(_AGAIN, {"id": due.id, "pause": pause, "error": reason[:_LONGEST_ERROR]})

    async def _give_up(self, due: _Due, reason: str) -> None:
        _log.error("a mail was given up", **_facts(due, reason))
        await self._note(_GIVE_UP, {"id": due.id, "error": reason[:_LONGEST_ERROR]})

    async def _note(self, statement: str, values: Any) -> None:
        async with self._database.transaction(SERVER) as connection:
            await connection.execute(statement.encode(), values)


def _facts(due: _Due, reason: str) -> dict[str, Any]:
    """Return what a log may know of a letter: not to whom it goes, nor what is in it."""
    return {"mail": str(due.id), "letter": due.letter, "attempts": due.attempts, "reason": reason}
