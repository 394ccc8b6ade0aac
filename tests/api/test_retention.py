"""What is too old goes by itself while an application runs."""

import asyncio

import psycopg

from lockstitch.api.retention import regular_retention
from lockstitch.database.session import Database

INSERT = """
    insert into private.rate_limits (key, hits, expires_at)
    values ('old', 1, now() - interval '2 hours'), ('new', 1, now() + interval '1 hour')
"""


async def test_old_rows_go_soon_and_again(database: Database, owner_dsn: str) -> None:
    def kept() -> list[str]:
        with psycopg.connect(owner_dsn) as owner:
            return [key for (key,) in owner.execute("select key from private.rate_limits")]

    with psycopg.connect(owner_dsn) as owner:
        owner.execute(INSERT)
    async with (
        regular_retention(database, first_seconds=0, every_seconds=0.05),
        asyncio.timeout(30),
    ):
        while kept() != ["new"]:  # noqa: ASYNC110 - only the database knows.
            await asyncio.sleep(0.02)
        with psycopg.connect(owner_dsn) as owner:
            owner.execute("update private.rate_limits set expires_at = now() - interval '2 hours'")
        while kept():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
