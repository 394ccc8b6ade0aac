"""Transactions under row-level security: every one begins by saying who acts."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from lockstitch.database.connection_string import read_dsn
from lockstitch.errors import DatabaseUnavailable, DiskFull
from lockstitch.tracing import span

Connection = AsyncConnection[DictRow]

_WAIT_SECONDS = 5.0

# True: until the end of the transaction, so that no connection keeps who used it before.
_BECOME = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"

_IS_UNBOUND = "select rolsuper or rolbypassrls from pg_roles where rolname = session_user"

_SERVER_PROCESS = "select pg_backend_pid()"

# SQLSTATE classes of a connection or a server in trouble; other errors are the statement's own.
_SERVER_TROUBLE = ("08", "53", "57P", "58")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a transaction: a role of Postgres, and the claims that the policies read."""

    role: str
    claims: str

    @property
    def claim_names(self) -> frozenset[str]:
        """What policies can read of the claims."""
        return frozenset(json.loads(self.claims))

    @classmethod
    def person(cls, person_id: UUID) -> Self:
        """Return a person who has signed in."""
        role = "authenticated"
        return cls(role, json.dumps({"sub": str(person_id), "role": role}))

    @classmethod
    def of_role(cls, role: str) -> Self:
        """Return a role that no person stands behind."""
        return cls(role, json.dumps({"role": role}))


# Nobody has signed in.
ANONYMOUS = Actor.of_role("anon")
# The server for itself: it keeps sessions, registers versions, stores results.
SERVER = Actor.of_role("lockstitch_server")
# The part of Supabase Auth, which the server plays on its own Postgres only.
AUTH_ADMIN = Actor.of_role("supabase_auth_admin")


@dataclass(frozen=True, slots=True)
class Usage:
    """How many connections are open, of how many, and how many transactions wait for one."""

    used: int
    idle: int
    limit: int
    waiting: int


class Database:
    """A pool of connections that log in as `authenticator`, a role without any right.

    A transaction that forgets to name its actor can therefore read and write nothing. Nothing
    outlives a transaction, so the connection string may lead through a transaction pooler, such
    as PgBouncer. That is noticed, and no statement is prepared then.

    Args:
        dsn: Where the server is, as `authenticator`.
        max_connections: How many connections this process opens at most.
        wait_seconds: How long a transaction waits for a free connection.
    """

    def __init__(
        self, dsn: str, *, max_connections: int = 10, wait_seconds: float = _WAIT_SECONDS
    ) -> None:
        self._dsn = dsn
        self._max_connections = max_connections
        self._is_pooled = False
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            kwargs={"row_factory": dict_row},
            configure=self._configure,
            min_size=1,
            max_size=max_connections,
            timeout=wait_seconds,
            open=False,
        )

    async def open(self) -> None:
        """Connect.

        Raises:
            ConfigurationError: The connection string is none.
            DatabaseUnavailable: Nobody answers there, or row-level security would not bind us.
        """
        read_dsn(self._dsn)
        try:
            # One connection by itself first: unlike the pool's, its error has a reason.
            async with await AsyncConnection.connect(self._dsn, connect_timeout=10) as connection:
                await _refuse_unbound(connection)
                self._is_pooled = await _is_pooled(connection)
            await self._pool.open(wait=True)
        except (psycopg.Error, PoolTimeout) as error:
            await self._pool.close()
            raise DatabaseUnavailable(
                f"The database cannot be reached: {str(error).strip()}. "
                "Check that it runs and that its connection string is right."
            ) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> AsyncIterator[Connection]:
        """Begin as the actor; commit at the end, or roll back when the block raises.

        Rows are dictionaries. Errors of psycopg that a caller can cause, such as a broken
        constraint, stay what they are.

        Raises:
            DatabaseUnavailable: No connection was free in time, it was lost, or too slow.
            DiskFull: The server has no space left.
        """
        with span("database", **{"db.system.name": "postgresql"}), _plain_words():
            connection = await self._begin(actor)
            try:
                # Commits at the end of the block, rolls back when it raises.
                async with _unit_of_work(connection):
                    yield connection
            finally:
                await self._pool.putconn(connection)

    def usage(self) -> Usage:
        """Return how much of the pool is in use, now."""
        told = self._pool.get_stats()
        idle = told.get("pool_available", 0)
        return Usage(
            used=told.get("pool_size", 0) - idle,
            idle=idle,
            limit=self._max_connections,
            waiting=told.get("requests_waiting", 0),
        )

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            DatabaseUnavailable: There is none.
        """
        async with self.transaction(ANONYMOUS) as connection:
            await connection.execute("select 1")

    async def _configure(self, connection: Connection) -> None:
        if self._is_pooled:
            # The next transaction may run on another server connection, which knows nothing of it.
            connection.prepare_threshold = None

    async def _begin(self, actor: Actor) -> Connection:
        """Take a connection that works.

        After a restart of the server the pool is full of lost ones. Nothing of the transaction
        has happened yet, so the next one may be tried.
        """
        for tries_left in range(self._max_connections, -1, -1):
            connection = await self._pool.getconn()
            try:
                # BEGIN goes along, so that both cost one journey to the server.
                async with connection.pipeline():
                    await become(connection, actor)
            except BaseException as error:
                lost = isinstance(error, psycopg.OperationalError) and connection.broken
                await _undo(connection)
                await self._pool.putconn(connection)
                if not (lost and tries_left):
                    raise
            else:
                break
        return connection


async def become(connection: Connection, actor: Actor) -> None:
    """Act as this actor until the end of the transaction, or until the next call."""
    await connection.execute(_BECOME, [actor.role, actor.claims])


@asynccontextmanager
async def _unit_of_work(connection: Connection) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await _undo(connection)
        raise
    await connection.commit()


async def _undo(connection: Connection) -> None:
    # A connection that was lost has nothing left to roll back.
    with suppress(psycopg.OperationalError):
        await connection.rollback()


@contextmanager
def _plain_words() -> Iterator[None]:
    """Turn what nobody but the operator can help into an error of Lockstitch."""
    try:
        yield
    except (PoolTimeout, PoolClosed) as error:
        raise DatabaseUnavailable(
            "No connection to the database became free in time. Try again in a moment."
        ) from error
    except psycopg.errors.DiskFull as error:
        raise DiskFull(
            "The database has no space left on its disk. Free some; reading still works."
        ) from error
    except psycopg.errors.QueryCanceled as error:
        raise DatabaseUnavailable(
            "The database did not answer in time. Try again in a moment."
        ) from error
    except psycopg.OperationalError as error:
        if error.sqlstate is not None and not error.sqlstate.startswith(_SERVER_TROUBLE):
            raise
        raise DatabaseUnavailable(
            "The connection to the database was lost. Try again in a moment."
        ) from error


async def _refuse_unbound(connection: AsyncConnection[Any]) -> None:
    row = await (await connection.execute(_IS_UNBOUND)).fetchone()
    if row is not None and row[0]:
        raise DatabaseUnavailable(
            f"{connection.info.user} is not bound by row-level security, so one forgotten line "
            "would show everything to everybody. Log in as authenticator, or on Supabase as "
            "the role that docs/supabase.md makes."
        )


async def _is_pooled(connection: AsyncConnection[Any]) -> bool:
    """Return whether a pooler stands between us and the server.

    A pooler greets its clients with a process id that it makes up.
    """
    row = await (await connection.execute(_SERVER_PROCESS)).fetchone()
    return row is None or row[0] != connection.info.backend_pid
