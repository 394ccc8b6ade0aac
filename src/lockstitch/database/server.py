"""The Postgres server as a child process: launch it, wait until it is ready, stop it."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from lockstitch.database.account import die_with_parent
from lockstitch.database.cluster import environment, failure
from lockstitch.database.place import Place

PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"

# The kernel's limit for the path of a socket is 108 bytes on Linux and 104 on macOS.
_LONGEST_SOCKET_PATH = 103
_READY_POLL_SECONDS = 0.01
_FAST_STOP_SECONDS = 4.0
_IMMEDIATE_STOP_SECONDS = 2.0
_LARGEST_LOG_BYTES = 10 * 1024 * 1024

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # Statements are short; compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The details of an error quote rows, and rows hold what people wrote.
    "log_error_verbosity": "terse",
}
# For databases that live as long as a test.
_VOLATILE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """One Postgres server of a place."""

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self._place = place
        self._settings = _SETTINGS if durable else _SETTINGS | _VOLATILE_SETTINGS
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self.socket_directory = _choose_socket_directory(place)

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self._process.pid if self._process else 0

    @property
    def has_ended(self) -> bool:
        """Whether the postmaster is gone."""
        return self._process is None or self._process.poll() is not None

    def launch(self) -> None:
        """Start the postmaster in a session of its own, so that Ctrl-C does not reach it."""
        _make_private(self.socket_directory, self._place)
        log_file = self._place.directory.log_file
        self._log_start = _rotate(log_file)
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                preexec_fn=self._become_postgres,  # noqa: PLW1509 - the keeper has one thread.
                cwd=self._place.directory.home,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self, is_unwanted: Callable[[float], bool]) -> bool:
        """Return true when connections are taken, false when nobody wants them any more.

        Raises:
            DiskFull: No space is left.
            DatabaseUnavailable: The postmaster ended; the message has its reason.
        """
        while not self._says_ready():
            if self.has_ended:
                log = self._place.directory.log_since(self._log_start)
                raise failure(self._place, "Postgres", log)
            if is_unwanted(_READY_POLL_SECONDS):
                return False
        return True

    def stop(self) -> None:
        """Stop fast: roll back what is open and write everything down, in at most 6 seconds."""
        if self._process is not None:
            _end(self._process)
        shutil.rmtree(self.socket_directory, ignore_errors=True)

    def _command(self) -> list[str]:
        settings = self._settings | {"unix_socket_directories": _quoted(self.socket_directory)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        postgres = self._place.binaries.program("postgres")
        return [str(postgres), "-D", str(self._place.directory.cluster), *options]

    def _become_postgres(self) -> None:
        self._place.account.enter()
        # When the keeper is killed, nobody else would stop the server.
        die_with_parent(signal.SIGINT)

    def _says_ready(self) -> bool:
        """Read the postmaster's own file: its first line is its pid, its eighth the status."""
        try:
            lines = (self._place.directory.cluster / "postmaster.pid").read_bytes().split(b"\n")
        except FileNotFoundError:
            return False
        pid = str(self.pid).encode()
        return len(lines) > 7 and lines[0] == pid and lines[7].strip() == b"ready"  # noqa: PLR2004


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, then for an immediate one; the log recovers what that leaves."""
    for number, seconds in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_STOP_SECONDS),
    ):
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _choose_socket_directory(place: Place) -> Path:
    folder = place.directory.home / "run"
    if _can_be_a_host(folder):
        return folder
    return Path(tempfile.mkdtemp(prefix="lockstitch-", dir=_short_temporary_directory()))


def _can_be_a_host(folder: Path) -> bool:
    # libpq reads a comma as the end of one host and the beginning of the next.
    return len(bytes(folder / _SOCKET)) <= _LONGEST_SOCKET_PATH and "," not in str(folder)


def _make_private(folder: Path, place: Place) -> None:
    """Make a folder that its account alone may enter."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    place.account.own(folder)


def _short_temporary_directory() -> str:
    configured = tempfile.gettempdir()
    usable = _can_be_a_host(Path(configured) / "lockstitch-12345678")
    return configured if usable else "/tmp"  # noqa: S108 - mkdtemp is private.


def _quoted(path: Path) -> str:
    """Spell one path in a setting that is a list."""
    text = str(path).replace('"', '""')
    return f'"{text}"'


def _rotate(log_file: Path) -> int:
    """Put a long log aside and return where this start's lines will begin."""
    size = log_file.stat().st_size if log_file.exists() else 0
    if size <= _LARGEST_LOG_BYTES:
        return size
    log_file.replace(log_file.with_name("postgres.log.1"))
    return 0
