"""The data directory: what lies where, who may use it, and who uses it now."""

import errno
import fcntl
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from lockstitch.database.account import user_name
from lockstitch.errors import DatabaseError, DataDirectoryRefused, DiskFull

# In the directory that --data names, beside the files of the models.
FOLDER = "postgres"

# What Lockstitch itself puts into the directory; anything else is somebody's.
_OUR_NAMES = frozenset({"cluster", "location", "lock", "passwords", "run", "running.json"})
_OUR_PREFIXES = ("postgres.log", "new-")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# The last is how Postgres words it when a part of a write still found room.
_SAYS_FULL = re.compile(r"No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes")
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True)
class Running:
    """The server that runs in a data directory, as its keeper wrote it down."""

    keeper_pid: int
    postgres_pid: int
    owner_pid: int | None
    socket_directory: str
    version: str
    # The parent of an owner that is one of several workers, who share the server.
    supervisor_pid: int | None = None


class DataDirectory:
    """One folder with one Postgres cluster, its passwords, its log and its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lock_file = self.path / "lock"
        self.password_file = self.path / "passwords"
        self.log_file = self.path / "postgres.log"
        self._location_file = self.path / "location"
        self._running_file = self.path / "running.json"

    @property
    def home(self) -> Path:
        """Where the cluster is: here, or where the account `nobody` can reach it."""
        try:
            return Path(self._location_file.read_text().strip())
        except FileNotFoundError:
            return self.path

    @property
    def is_elsewhere(self) -> bool:
        """Whether the cluster lives outside this directory."""
        return self._location_file.exists()

    @property
    def cluster(self) -> Path:
        """The folder that Postgres calls its data directory."""
        return self.home / "cluster"

    def move_home(self, home: Path) -> None:
        """Record that the cluster lives elsewhere."""
        _replace(self._location_file, f"{home}\n")

    def refuse_unless_usable(self, major: int) -> None:
        """Look at the directory, without touching it, before anything starts.

        Raises:
            DataDirectoryRefused: It is not ours, not Postgres's or of another version.
        """
        _refuse_name(self.path)
        try:
            _refuse_inside_of_database(self.path.parent)
            if self.path.exists():
                _refuse_owner(self.path)
                self._refuse_foreign_content()
                self._refuse_other_version(major)
        except OSError as error:
            raise refusal(self.path, error) from None

    def running(self) -> Running | None:
        """Return what runs here, or None; true only while the lock is held."""
        try:
            return Running(**json.loads(self._running_file.read_text()))
        except FileNotFoundError:
            return None

    @property
    def log_size(self) -> int:
        """The length of the server's log in bytes."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def log_since(self, position: int) -> str:
        """Return the end of the server's log, from a position on."""
        with self.log_file.open("rb") as log:
            # It was put aside meanwhile when it is shorter now.
            log.seek(position if position <= self.log_size else 0)
            return log.read().decode(errors="replace")

    def write_running(self, running: Running) -> None:
        """Tell others how to reach the server."""
        _replace(self._running_file, json.dumps(asdict(running)))

    def forget_running(self) -> None:
        """Take the note away, because nothing runs any more."""
        self._running_file.unlink(missing_ok=True)

    def create(self) -> None:
        """Make the directory, for its owner alone.

        Raises:
            DataDirectoryRefused: It cannot be made or written.
            DiskFull: No space is left for it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise refusal(self.path, error) from None

    def take_lock(self) -> int | None:
        """Return a file descriptor that holds the lock, or None when somebody else has it.

        The lock ends with the last process that holds the descriptor, however it dies.
        """
        try:
            descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise refusal(self.path, error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise refusal(self.path, error) from None
        return descriptor

    @property
    def is_locked(self) -> bool:
        """Whether a keeper, or somebody about to start one, holds the directory."""
        if not self.lock_file.exists():
            return False
        descriptor = self.take_lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def _refuse_foreign_content(self) -> None:
        names = {path.name for path in self.path.iterdir()}
        foreign = {name for name in names - _OUR_NAMES if not name.startswith(_OUR_PREFIXES)}
        if foreign:
            raise DataDirectoryRefused(
                f"{self.path} is not empty and was not made by Lockstitch: it holds "
                f"{min(foreign)}. Choose an empty or a new directory with --data."
            )
        if self.cluster.exists() and not self.password_file.exists():
            raise DataDirectoryRefused(
                f"{self.password_file} is missing, so nobody can log in. Restore it from a "
                "backup, or choose another directory with --data."
            )

    def _refuse_other_version(self, major: int) -> None:
        if not self.cluster.exists():
            return
        try:
            made_by = (self.cluster / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise DataDirectoryRefused(
                f"{self.cluster} is not a Postgres data directory. Restore it from a backup, or "
                "choose another directory with --data."
            ) from None
        if made_by != str(major):
            raise DataDirectoryRefused(
                f"{self.path} was made by Postgres {made_by} and this is Postgres {major}. Set "
                f"PG_BINDIR to a Postgres {made_by}, or choose another directory with --data."
            )


def data_option(directory: Path) -> Path:
    """Return what `--data` must be for a database directory."""
    return directory.parent if directory.name == FOLDER else directory


def refuse_foreign_directory(path: Path) -> None:
    """Look at a directory, or at the place for one, before anything is written there.

    Raises:
        DataDirectoryRefused: It belongs to another user, is no directory, has a name that Postgres
            cannot work with, or lies inside a directory in which a Postgres keeps its data.
    """
    _refuse_name(path)
    try:
        _refuse_inside_of_database(path.absolute())
        if path.exists():
            _refuse_owner(path)
    except OSError as error:
        raise refusal(path, error) from None


def refusal(path: Path, error: OSError) -> DatabaseError:
    """Return what an error of the operating system at a path means to a person."""
    if error.errno in _FULL:
        return disk_full(path)
    reason = (error.strerror or str(error)).lower()
    if error.errno in _NOT_WRITABLE:
        return DataDirectoryRefused(
            f"{path} cannot be used by {user_name(os.geteuid())}: {reason}. "
            "Change its permissions, or choose another directory with --data."
        )
    return DataDirectoryRefused(
        f"{path} cannot be used: {reason}. Choose another directory with --data."
    )


def says_disk_full(output: str) -> bool:
    """Return whether a program of Postgres said that nothing more can be written."""
    return _SAYS_FULL.search(output) is not None


def disk_full(path: Path) -> DiskFull:
    """Return the error for a disk on which nothing more can be written."""
    return DiskFull(
        f"No space is left on the disk of {path}. Free some, or choose a directory on another "
        "disk with --data."
    )


def _refuse_name(path: Path) -> None:
    name = os.fsencode(path.absolute()).decode(errors="replace")
    if {"\n", "\r", "\N{REPLACEMENT CHARACTER}"} & set(name):
        raise DataDirectoryRefused(
            f"{name!r} holds a line break or is not UTF-8, and Postgres cannot work there. "
            "Choose another directory with --data."
        )


def _refuse_inside_of_database(path: Path) -> None:
    for folder in (path, *path.parents):
        is_made = (folder / "cluster").is_dir() or (folder / "location").is_file()
        if is_made and (folder / "passwords").is_file():
            raise DataDirectoryRefused(
                f"{path} belongs to the Postgres of {folder.parent}. Give --data {folder.parent}."
            )


def _refuse_owner(path: Path) -> None:
    if not path.is_dir():
        raise DataDirectoryRefused(f"{path} is not a directory. Choose another with --data.")
    owner = path.stat().st_uid
    if owner != os.geteuid():
        raise DataDirectoryRefused(
            f"{path} belongs to {user_name(owner)} and this is {user_name(os.geteuid())}. "
            f"Run as {user_name(owner)}, or choose another directory with --data."
        )


def _replace(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    draft = path.with_name(f"new-{path.name}")
    write_private(draft, text)
    draft.replace(path)


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, from its first byte on."""
    path.touch(mode=0o600)
    path.write_text(text)
