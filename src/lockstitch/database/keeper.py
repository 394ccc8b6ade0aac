"""The process that starts Postgres, lives as long as it is wanted, and stops it.

It is the only parent of Postgres, has one thread, and needs the standard library alone. It ends
when the pipe from its owner closes (the owner may have been killed) or when it gets SIGTERM.
"""

import json
import os
import selectors
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from lockstitch.database.account import Account, candidates
from lockstitch.database.binaries import Binaries
from lockstitch.database.cluster import create_cluster
from lockstitch.database.directory import DataDirectory, Running, refusal
from lockstitch.database.leftovers import clear_leftovers
from lockstitch.database.place import PUBLIC_ROOT, settle
from lockstitch.database.server import Server
from lockstitch.errors import DatabaseError

_STANDARD_INPUT = 0
_STANDARD_OUTPUT = 1

# Between two starts of a server that keeps dying.
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the owner asks of its keeper, passed as JSON in the only argument."""

    directory: str
    binaries: str
    version: str
    major: int
    owner_pid: int | None
    supervisor_pid: int | None
    durable: bool = True
    accounts: tuple[str, ...] = ()
    public_root: str = str(PUBLIC_ROOT)

    def as_argument(self) -> str:
        """Return the JSON text."""
        return json.dumps(asdict(self))


class Wishes:
    """Whether the server is still wanted."""

    def __init__(self, *, owned: bool) -> None:
        self._stop = False
        self._selector = selectors.DefaultSelector()
        self._wakeup, writer = os.pipe()
        for descriptor in (self._wakeup, writer):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        if owned:
            self._selector.register(_STANDARD_INPUT, selectors.EVENT_READ)

    def is_unwanted(self, seconds: float | None) -> bool:
        """Wait for the time, a signal or the end of the owner; return whether to stop."""
        for key, _ in [] if self._stop else self._selector.select(seconds):
            received = os.read(key.fd, 1024)
            if key.fd == _STANDARD_INPUT and not received:
                self._stop = True
        return self._stop

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True


class Keeper:
    """One server, from its start to its end."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._directory = DataDirectory(Path(request.directory))
        self._wishes = Wishes(owned=request.owner_pid is not None)
        self._launched_at = 0.0

    def start(self) -> Server | None:
        """Return a server that is ready, or None when it is not wanted any more.

        Raises:
            DatabaseError: It cannot start; the message has the next step.
        """
        request, directory = self._request, self._directory
        binaries = Binaries(Path(request.binaries), request.version, request.major)
        accounts = tuple(Account(name) for name in request.accounts) or candidates()
        clear_leftovers(directory)
        place = settle(directory, binaries, accounts, Path(request.public_root))
        if not directory.cluster.exists():
            create_cluster(place, durable=request.durable)
        server = Server(place, durable=request.durable)
        return server if self._launch(server) else None

    def keep(self, server: Server) -> None:
        """Wait until the server is not wanted; start it again, and again, when it dies."""
        while not self._wishes.is_unwanted(0 if server.has_ended else None):
            if server.has_ended:
                # What stops it, such as a full disk, may pass. Its log has the reason.
                with suppress(DatabaseError, OSError):
                    self._launch_again(server)

    def _launch_again(self, server: Server) -> None:
        if time.monotonic() - self._launched_at < _PAUSE_SECONDS:
            self._wishes.is_unwanted(_PAUSE_SECONDS)
        clear_leftovers(self._directory)
        self._launch(server)

    def _launch(self, server: Server) -> bool:
        self._launched_at = time.monotonic()
        try:
            server.launch()
            if not server.wait_until_ready(self._wishes.is_unwanted):
                server.stop()
                return False
            self._tell_others(server)
        except (DatabaseError, OSError):
            server.stop()
            raise
        return True

    def _tell_others(self, server: Server) -> None:
        self._directory.write_running(
            Running(
                keeper_pid=os.getpid(),
                postgres_pid=server.pid,
                owner_pid=self._request.owner_pid,
                socket_directory=str(server.socket_directory),
                version=self._request.version,
                supervisor_pid=self._request.supervisor_pid,
            )
        )


def main(argument: str) -> int:
    """Keep one server; tell the owner in one line whether it is ready or why it is not."""
    request = Request(**json.loads(argument))
    keeper = Keeper(request)
    try:
        server = keeper.start()
    except DatabaseError as error:
        _tell({"error": type(error).__name__, "message": str(error)})
        return 2
    except OSError as error:
        refused = refusal(Path(error.filename or request.directory), error)
        _tell({"error": type(refused).__name__, "message": str(refused)})
        return 2
    if server is None:
        return 0
    _tell({"socket_directory": str(server.socket_directory)})
    try:
        keeper.keep(server)
    finally:
        # First the note, so that nobody attaches to a server that is about to stop.
        DataDirectory(Path(request.directory)).forget_running()
        server.stop()
    return 0


def _tell(answer: dict[str, str]) -> None:
    """Write the one line, and let go of the pipe; an owner that is gone needs no answer."""
    try:
        os.write(_STANDARD_OUTPUT, json.dumps(answer).encode() + b"\n")
    except BrokenPipeError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STANDARD_OUTPUT)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
