"""The careful schema and its copies, on a server that the peers reach by TCP."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from isolating.peers import Target
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import DATABASE

ROOT = Path(__file__).parents[2]
PROVED_ON = ROOT / "tests" / "database"
sys.path.insert(0, str(PROVED_ON))

from attack.faults import FAULTS, Fault, change  # noqa: E402 - the faults are a part of the tests.

__all__ = ["FAULTS", "Databases", "Fault"]


class Databases:
    """Copies of the careful schema, one for each fault."""

    def __init__(self, server: EmbeddedPostgres, port: int) -> None:
        self._server, self._port = server, port
        given = conninfo_to_dict(server.dsn("postgres"))
        self._password = Path(str(given["passfile"])).read_text().strip().rsplit(":", 1)[-1]

    def dsn(self, name: str) -> str:
        """Return the connection string of a database for our own attack."""
        return self._server.dsn("postgres", name)

    @contextmanager
    def with_fault(self, statements: str, template: str = "careful") -> Iterator[Target]:
        """Yield a copy of the careful schema after a change."""
        name = f"faulty_{uuid4().hex}"
        with self.copy(name, template):
            change(self._server.dsn("supabase_admin", name), statements)
            yield Target(self._port, self._password, name)

    @contextmanager
    def copy(self, name: str, template: str) -> Iterator[None]:
        """Make a database as a copy of another one, for as long as it is needed."""
        with psycopg.connect(
            self._server.dsn("supabase_admin", "postgres"), autocommit=True
        ) as connection:
            drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            connection.execute(
                sql.SQL("create database {} template {} strategy wal_log owner postgres").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            try:
                yield
            finally:
                connection.execute(drop)


@contextmanager
def careful_databases() -> Iterator[Databases]:
    """Yield copies of the shipped schema with what a careful project adds to it."""
    with (
        TemporaryDirectory(prefix="lockstitch-") as folder,
        EmbeddedPostgres(Path(folder) / "data", durable=False) as server,
        _port_to(Path(conninfo_to_dict(server.dsn("postgres"))["host"]) / ".s.PGSQL.5432") as port,
    ):
        apply_migrations(server.dsn("postgres"), ROOT / "examples/sentiment/supabase/migrations")
        databases = Databases(server, port)
        with databases.copy("careful", DATABASE):
            change(
                server.dsn("supabase_admin", "careful"),
                (PROVED_ON / "attack/workshop.sql").read_text(),
            )
            yield databases


@contextmanager
def _port_to(socket: Path) -> Iterator[int]:
    """Yield a port of this machine that leads to a socket: the peers know no sockets."""
    loop = asyncio.new_event_loop()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(joined, "127.0.0.1", 0)

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(socket)
        await asyncio.gather(_copy_bytes(reader, far_writer), _copy_bytes(far_reader, writer))

    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _copy_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while read := await reader.read(65536):
            writer.write(read)
            await writer.drain()
    writer.close()
