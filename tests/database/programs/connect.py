"""Use the server of a directory, here and in a child process: connect.py DIRECTORY."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import pending_migrations
from lockstitch.database.session import ANONYMOUS, Database

ASK = """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as connection:
    print(connection.execute(
        "select current_user::text, current_setting('timezone'), current_setting('datestyle')"
    ).fetchone(), connection.info.encoding)
"""


async def use(dsn: str) -> None:
    database = Database(dsn)
    await database.open()
    async with database.transaction(ANONYMOUS) as connection:
        answer = await connection.execute("select 'zürich, 東京'::text as text")
        print(await answer.fetchone())
    await database.close()


with EmbeddedPostgres(Path(sys.argv[1]), share=True) as server:
    print(len(pending_migrations(server.dsn("postgres"), Path(sys.argv[2]))))
    asyncio.run(use(server.dsn()))
    subprocess.run([sys.executable, "-c", ASK, server.dsn()], check=True)
    print(os.environ.get("PGHOST"), os.environ.get("PGPASSWORD"), os.environ.get("PG_BINDIR"))
