"""The files of datasets, on disk beside the database: `<folder>/<organisation>/<dataset>`.

A file is written elsewhere, synced and renamed, so that under its name it is always whole. Its
writer holds a lock on it until the row is there too: whatever nobody holds and no row names was
left behind by a process that died, and may go.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID, uuid4

from lockstitch.errors import DiskFull

_INCOMING: Final = "incoming"
_LOCK: Final = "incoming.lock"
_HELD_AT_ONCE: Final = 100


class IncomingFile:
    """A file that is being received, locked by this process until it is closed.

    Attributes:
        path: Where it lies now.
        size_bytes: How much was written.
        file_name: What its sender calls it; never a place on our disk.
    """

    def __init__(self, path: Path, file: BinaryIO, file_name: str) -> None:
        self.path = path
        self.size_bytes = 0
        self.file_name = file_name
        self._file = file
        self._digest = hashlib.sha256()
        self._kept = False

    @property
    def digest(self) -> str:
        """sha256 of what was written, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, content: bytes) -> None:
        """Append.

        Raises:
            DiskFull: No space is left.
        """
        with _disk_in_plain_words():
            self._file.write(content)
        self._digest.update(content)
        self.size_bytes += len(content)

    def flush(self) -> None:
        """Give what was written to the operating system, so that others can read it."""
        with _disk_in_plain_words():
            self._file.flush()

    def keep_as(self, path: Path) -> None:
        """Move it to its place, safe from a power cut.

        Raises:
            DiskFull: No space is left.
        """
        with _disk_in_plain_words():
            self._file.flush()
            os.fsync(self._file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path.rename(path)
            _sync_folder(path.parent)
            _sync_folder(path.parent.parent)
        self.path = path
        self._kept = True

    def close(self) -> None:
        """Give up the lock, and the file unless it was kept."""
        if not self._kept:
            self.path.unlink(missing_ok=True)
        # What could not be written was told already; here only the descriptor matters.
        with suppress(OSError):
            self._file.close()


class DatasetStorage:
    """The folder of all datasets of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def receive(self, file_name: str) -> IncomingFile:
        """Begin a file, locked and still without a name that counts."""
        incoming = self._folder / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        path = incoming / uuid4().hex
        # Between its making and its lock a sweep would take it for a dead process' file.
        with self._making(fcntl.LOCK_SH):
            file = path.open("xb")
            fcntl.flock(file, fcntl.LOCK_EX)
        return IncomingFile(path, file, file_name)

    def path(self, storage_path: str) -> Path:
        """Return where the object of this name lies.

        Raises:
            ValueError: The name is not `organisation/dataset`.
        """
        organisation, _, dataset = storage_path.partition("/")
        return self._folder / str(UUID(organisation)) / str(UUID(dataset))

    def remove(self, storage_path: str) -> None:
        """Delete a file; one that is gone already is no error."""
        self.path(storage_path).unlink(missing_ok=True)

    def sweep_incoming(self) -> None:
        """Delete the unfinished files of processes that died."""
        incoming = self._folder / _INCOMING
        if not incoming.is_dir():
            return
        with self._making(fcntl.LOCK_EX):
            for path in incoming.iterdir():
                with _unlocked(path) as free:
                    if free:
                        path.unlink(missing_ok=True)

    def organisations(self) -> list[UUID]:
        """Return the organisations that have a folder here."""
        if not self._folder.is_dir():
            return []
        found = (_as_uuid(path) for path in self._folder.iterdir() if path.is_dir())
        return [organisation for organisation in found if organisation is not None]

    def abandoned(self, organisation_id: UUID) -> Generator[list[str], None, None]:
        """Yield names of files that nobody is writing, some at a time.

        Until the next ones are asked for, nobody else can have these.
        """
        folder = self._folder / str(organisation_id)
        paths = [path for path in folder.iterdir() if _as_uuid(path) is not None]
        # As many as may be open at once.
        for first in range(0, len(paths), _HELD_AT_ONCE):
            with ExitStack() as stack:
                batch = paths[first : first + _HELD_AT_ONCE]
                free = [path for path in batch if stack.enter_context(_unlocked(path))]
                yield [f"{organisation_id}/{path.name}" for path in free]

    @contextmanager
    def _making(self, kind: int) -> Iterator[None]:
        with (self._folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, kind)
            yield


@contextmanager
def _unlocked(path: Path) -> Iterator[bool]:
    """Hold the lock of a file; False when somebody is writing it or it has gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _as_uuid(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_in_plain_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise DiskFull(
            "No space is left for datasets on the server's disk. Nothing was stored."
        ) from error
