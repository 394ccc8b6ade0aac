"""Removing what is older than it is to be kept, for as long as the application runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import psycopg
import structlog

from lockstitch.database.session import SERVER, Database
from lockstitch.errors import DatabaseError

_APPLY: Final = "select private.apply_retention() as removed"

_log = structlog.get_logger("lockstitch.api")


@asynccontextmanager
async def regular_retention(
    database: Database, *, first_seconds: float = 60.0, every_seconds: float = 3600.0
) -> AsyncIterator[None]:
    """Apply the retention of `private.retention` soon, and then again and again.

    Several processes may do so: what the one has removed, the other does not find.
    """
    task = asyncio.create_task(_repeat(database, first_seconds, every_seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(database: Database, first_seconds: float, every_seconds: float) -> None:
    await asyncio.sleep(first_seconds)
    while True:
        try:
            async with database.transaction(SERVER) as connection:
                row = await (await connection.execute(_APPLY)).fetchone()
            _log.info("retention applied", removed=row["removed"] if row else 0)
        except psycopg.errors.UndefinedFunction:
            _log.warning("no retention: the project lacks a migration; run `lockstitch db sync`")
            return
        except (DatabaseError, psycopg.Error) as error:
            # What is too old now is too old in an hour as well.
            _log.warning("retention failed", reason=type(error).__name__)
        await asyncio.sleep(every_seconds)
