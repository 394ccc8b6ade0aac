"""Changes of keys, sessions and members, told by Postgres to every process at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal, Protocol, get_args
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

CHANNEL: Final = "lockstitch_identity"

Kind = Literal["key", "session", "person", "organisation"]

_LISTEN: Final = f"listen {CHANNEL}"
_KINDS: Final[dict[str, Kind]] = {kind: kind for kind in get_args(Kind)}
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0

_log = structlog.get_logger("lockstitch.identity")


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as it was: a key, a session, a person's memberships, or an organisation."""

    kind: Kind
    id: UUID


class Hears(Protocol):
    """A cache that forgets what has changed."""

    def hear(self, change: Change) -> None:
        """Forget what a change touches."""

    def forget_all(self) -> None:
        """Forget everything, since changes may have been missed."""


@asynccontextmanager
async def listening(dsn: str, caches: Sequence[Hears]) -> AsyncIterator[None]:
    """Tell the caches of each change while the block runs.

    A connection that is lost is made anew, and the caches start from nothing then. Until it is
    back, what they keep ends by itself.

    Args:
        dsn: A direct connection: a transaction pooler passes no notifications on.
        caches: Who is told.
    """
    task = asyncio.create_task(_listen_always(dsn, caches))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen_always(dsn: str, caches: Sequence[Hears]) -> None:
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            async with await AsyncConnection.connect(
                dsn, autocommit=True, connect_timeout=10
            ) as connection:
                await connection.execute(_LISTEN)
                pause = _FIRST_PAUSE_SECONDS
                await _pass_on(connection, caches)
        except (psycopg.Error, OSError) as error:
            _log.warning("changes of identity are not heard", reason=str(error).strip())
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _pass_on(connection: AsyncConnection, caches: Sequence[Hears]) -> None:
    for cache in caches:
        cache.forget_all()
    async for notice in connection.notifies():
        change = _read(notice.payload)
        for cache in caches:
            if change is None:
                cache.forget_all()
            else:
                cache.hear(change)


def _read(payload: str) -> Change | None:
    """Return the change that a payload spells, or None: then anything may have changed."""
    kind, _, identity = payload.partition(":")
    try:
        return Change(_KINDS[kind], UUID(identity))
    except (KeyError, ValueError):
        return None
