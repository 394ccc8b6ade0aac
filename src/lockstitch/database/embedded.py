"""A Postgres of one's own: in a folder, without an installation, gone with its owner."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from lockstitch import errors
from lockstitch.database.binaries import Binaries, find_binaries
from lockstitch.database.cluster import environment
from lockstitch.database.connection_string import forget_libpq_variables, socket_dsn
from lockstitch.database.directory import (
    DataDirectory,
    Running,
    data_option,
    disk_full,
    refusal,
    says_disk_full,
)
from lockstitch.database.keeper import Request
from lockstitch.database.place import PUBLIC_ROOT
from lockstitch.database.prelude import DATABASE, prepare_database
from lockstitch.database.server import PORT
from lockstitch.errors import DatabaseError, DatabaseUnavailable, DataDirectoryRefused

_ATTACH_SECONDS = 30.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.02


class EmbeddedPostgres:
    """A Postgres server in a folder: one that ends with this process, or one that was left running.

    Args:
        directory: Holds the cluster, its passwords and its log; made when it is not there.
        binaries: The programs of Postgres; found when not given.
        share: Use even a server that ends with another process. For work that is soon over.
        durable: False gives up crash safety for speed. For tests alone.
        accounts: The operating system's accounts to try, by name; chosen when not given.
        public_root: Where clusters live that run as `nobody`.
    """

    def __init__(
        self,
        directory: Path,
        binaries: Binaries | None = None,
        *,
        share: bool = False,
        durable: bool = True,
        accounts: tuple[str, ...] = (),
        public_root: Path = PUBLIC_ROOT,
    ) -> None:
        self._directory = DataDirectory(directory)
        self._binaries = binaries
        self._share = share
        self._durable = durable
        self._accounts = accounts
        self._public_root = public_root
        self._keeper: subprocess.Popen[bytes] | None = None
        self._socket_directory: str | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def started_here(self) -> bool:
        """Whether this object started the server, and not somebody before it."""
        return self._keeper is not None

    def start(self) -> Self:
        """Start the server, which stops when this process ends, or use one that was left running.

        The variables of libpq, such as `PGOPTIONS`, are removed from this process, except those
        that say where and who, such as `PGHOST`: they would steer every connection.

        Raises:
            DataDirectoryRefused: The directory is somebody else's, in use or of another version.
            DiskFull: No space is left.
            DatabaseUnavailable: Postgres does not start; the message has its reason.
        """
        if self._socket_directory is None:
            self._start(owned=True)
        return self

    def start_detached(self) -> Self:
        """Start the server, or use the one that runs; it stays until `stop_detached`."""
        if self._socket_directory is None:
            self._start(owned=False)
        return self

    def stop(self) -> None:
        """Stop what this object started; a server that it only uses keeps running."""
        self._socket_directory = None
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            _end(keeper)

    def dsn(self, role: str = "authenticator", database: str = DATABASE) -> str:
        """Return a connection string; it names the file with the password, not the password.

        Raises:
            DatabaseUnavailable: The server was not started.
        """
        if self._socket_directory is None:
            raise DatabaseUnavailable("The embedded Postgres is not running. Call start() first.")
        return _dsn(self._directory, self._socket_directory, role, database)

    def _start(self, *, owned: bool) -> None:
        forget_libpq_variables()
        binaries = self._binaries or find_binaries()
        self._directory.refuse_unless_usable(binaries.major)
        self._directory.create()
        deadline = time.monotonic() + _ATTACH_SECONDS
        while (lock := self._directory.take_lock()) is None:
            if (running := self._attach()) is not None:
                if owned:
                    self._refuse_owner(running)
                return
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"Another process is starting or stopping Postgres in {self._directory.path} "
                    "and does not finish. Stop that process, then start again."
                )
            time.sleep(_POLL_SECONDS)
        self._launch(binaries, lock, owned=owned)

    def _attach(self) -> Running | None:
        """Use the server that runs; none does while it is still starting or already stopping."""
        running = self._directory.running()
        if running is None:
            return None
        self._socket_directory = running.socket_directory
        try:
            prepare_database(self.dsn)
        except psycopg.errors.DiskFull:
            self._socket_directory = None
            raise disk_full(self._directory.home) from None
        except psycopg.OperationalError:
            self._socket_directory = None
            return None
        return running

    def _refuse_owner(self, running: Running) -> None:
        """Refuse a server that could end at any time, with a process that is not of ours."""
        is_colleague = running.supervisor_pid is not None and (
            running.supervisor_pid == _supervisor_pid()
        )
        if self._share or is_colleague or running.owner_pid in {None, os.getpid()}:
            return
        self._socket_directory = None
        data = data_option(self._directory.path)
        raise DataDirectoryRefused(
            f"The data directory {data} is in use by pid {running.owner_pid}. "
            "Stop that process, or choose another directory with --data. For several web "
            "processes on one database, use `lockstitch up --web-processes N`."
        )

    def _launch(self, binaries: Binaries, lock: int, *, owned: bool) -> None:
        request = Request(
            directory=str(self._directory.path),
            binaries=str(binaries.folder),
            version=binaries.version,
            major=binaries.major,
            owner_pid=os.getpid() if owned else None,
            supervisor_pid=_supervisor_pid() if owned else None,
            durable=self._durable,
            accounts=self._accounts,
            public_root=str(self._public_root),
        )
        log_start = self._directory.log_size
        keeper = self._spawn_keeper(request, lock)
        try:
            self._socket_directory = _first_answer(keeper)
            prepare_database(self.dsn)
        except BaseException as error:
            self._socket_directory = None
            _end(keeper)
            if isinstance(error, psycopg.OperationalError):
                raise self._failure(error, log_start) from error
            raise
        if owned:
            self._keeper = keeper
        else:
            _leave_running(keeper)

    def _failure(self, error: psycopg.OperationalError, log_start: int) -> DatabaseError:
        # A server that cannot write its log any more ends before it can tell the reason.
        full = isinstance(error, psycopg.errors.DiskFull)
        if full or says_disk_full(self._directory.log_since(log_start)):
            return disk_full(self._directory.home)
        return DatabaseUnavailable(f"Postgres started and refused: {error}")

    def _spawn_keeper(self, request: Request, lock: int) -> subprocess.Popen[bytes]:
        # -P keeps the current folder, where anything may be called json.py, off the search path.
        command = [sys.executable, "-P", "-m", "lockstitch.database.keeper", request.as_argument()]
        try:
            with self._directory.log_file.open("ab") as log:
                return subprocess.Popen(
                    command,
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    pass_fds=(lock,),
                    start_new_session=True,
                )
        except OSError as error:
            raise refusal(self._directory.path, error) from None
        finally:
            # From here on the keeper alone holds the lock.
            os.close(lock)


def running_server(directory: Path) -> Running | None:
    """Return what runs in a data directory, or None."""
    data = DataDirectory(directory)
    return data.running() if data.is_locked else None


def running_dsn(directory: Path, role: str, database: str = DATABASE) -> str:
    """Return the connection string of the server that runs in a data directory.

    Removes the variables of libpq from this process, as `EmbeddedPostgres.start` does.

    Raises:
        DatabaseUnavailable: None runs there.
    """
    forget_libpq_variables()
    running = running_server(directory)
    if running is None:
        raise DatabaseUnavailable(
            f"No Postgres runs in {data_option(directory)}. Start one with `lockstitch db start`."
        )
    return _dsn(DataDirectory(directory), running.socket_directory, role, database)


def stop_detached(directory: Path) -> bool:
    """Stop the server that `start_detached` left running; false when there is none.

    Raises:
        DatabaseUnavailable: Another process owns the server, or it does not stop.
    """
    running = running_server(directory)
    if running is None:
        return False
    if running.owner_pid is not None:
        raise DatabaseUnavailable(
            f"Postgres in {data_option(directory)} belongs to process {running.owner_pid}. "
            "Stop that process; Postgres then stops with it."
        )
    os.kill(running.keeper_pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while DataDirectory(directory).is_locked:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"Process {running.keeper_pid} does not stop Postgres in {directory}. Kill it; "
                "what was committed is safe."
            )
        time.sleep(_POLL_SECONDS)
    return True


def _dsn(directory: DataDirectory, socket_directory: str, role: str, database: str) -> str:
    return socket_dsn(
        socket_directory,
        PORT,
        role=role,
        database=database,
        password_file=directory.password_file,
    )


def _supervisor_pid() -> int | None:
    """Return the process that made this one as a worker, as `uvicorn --workers` does."""
    parent = multiprocessing.parent_process()
    return None if parent is None else parent.pid


def _first_answer(keeper: subprocess.Popen[bytes]) -> str:
    """Return the socket's directory, or raise the error that the keeper met."""
    line = keeper.stdout.readline() if keeper.stdout else b""
    answer: dict[str, str] = json.loads(line or "{}")
    if "socket_directory" in answer:
        return answer["socket_directory"]
    kind = getattr(errors, answer.get("error", ""), DatabaseUnavailable)
    known = kind if issubclass(kind, DatabaseError) else DatabaseUnavailable
    raise known(answer.get("message", "The process that keeps Postgres ended without a reason."))


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Ask the keeper to stop and wait; it needs at most six seconds."""
    keeper.terminate()
    try:
        keeper.communicate(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # The kernel then asks Postgres to stop.
        keeper.kill()
        keeper.communicate()


def _leave_running(keeper: subprocess.Popen[bytes]) -> None:
    """Let go of a keeper that lives on."""
    for pipe in (keeper.stdin, keeper.stdout):
        if pipe is not None:
            pipe.close()
    # It is not waited for: Popen would warn that it still runs.
    keeper.returncode = 0
