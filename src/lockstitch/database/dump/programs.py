"""Running `pg_dump`, `pg_restore` and `psql` on one database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from psycopg.conninfo import make_conninfo

from lockstitch.database.binaries import find_binaries
from lockstitch.database.connection_string import read_dsn
from lockstitch.database.directory import says_disk_full
from lockstitch.errors import DatabaseError, DiskFull, DumpFailed, RestoreFailed

# The first statement after the settings that begin every script of pg_dump.
_END_OF_SETTINGS: Final = b"SET row_security"
# Servers before 17 do not know it, and it is off there anyway.
_NEW_SETTING: Final = b"SET transaction_timeout"

_LEFT: Final[dict[type[DatabaseError], str]] = {
    DumpFailed: "No file was made.",
    RestoreFailed: "The database is as it was before.",
}


class Programs:
    """The client programs of Postgres, pointed at one database.

    Args:
        dsn: The database, as a role that no policy binds.
    """

    def __init__(self, dsn: str) -> None:
        self._binaries = find_binaries()
        parameters = read_dsn(dsn)
        # Everybody on this machine can read a process's arguments.
        password = parameters.pop("password", "")
        self._target = make_conninfo(**parameters)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("LOCKSTITCH_")
        }
        secret = {"PGPASSWORD": password} if password else {}
        self._environment = {**inherited, **secret, "LC_ALL": "C"}

    def dump(self, options: Sequence[str], target: IO[bytes]) -> None:
        """Write an archive of pg_dump into a file.

        Raises:
            DumpFailed: pg_dump gave up; the message has its reason.
        """
        command = ["pg_dump", f"--dbname={self._target}", "--format=custom", *options]
        with self._running(command, DumpFailed) as process:
            shutil.copyfileobj(_pipe(process.stdout), target)

    @contextmanager
    def psql(self) -> Iterator["Psql"]:
        """Yield a psql that ends at the first error.

        Raises:
            RestoreFailed: A statement failed; the message has its reason.
        """
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
        command = ["psql", f"--dbname={self._target}", *options]
        # When its pipe is broken it has ended, and its exit code is about to say why.
        with self._running(command, RestoreFailed) as psql, suppress(BrokenPipeError):
            yield Psql(_pipe(psql.stdin), _pipe(psql.stdout))

    def write_script(
        self, archive: Path, target: IO[bytes], is_wanted: Callable[[str], bool]
    ) -> None:
        """Write an archive as SQL.

        Args:
            archive: What `dump` has written.
            target: Where the SQL goes.
            is_wanted: Whether an entry is restored, of which it is given the kind, the schema (or
                a hyphen), the name and the owner: `TABLE public organisations postgres`.

        Raises:
            RestoreFailed: It is no archive of a pg_dump that is known here.
        """
        with tempfile.NamedTemporaryFile(prefix="lockstitch-") as wanted:
            wanted.write(b"\n".join(self._entries(archive, is_wanted)))
            wanted.flush()
            command = ["pg_restore", "--file=-", f"--use-list={wanted.name}", str(archive)]
            with self._running(command, RestoreFailed) as process:
                _copy_script(_pipe(process.stdout), target)

    def _entries(self, archive: Path, is_wanted: Callable[[str], bool]) -> list[bytes]:
        with self._running(["pg_restore", "--list", str(archive)], RestoreFailed) as process:
            lines = _pipe(process.stdout).read().splitlines()
        entries = [line for line in lines if not line.startswith(b";")]
        # The kind comes after three numbers.
        return [line for line in entries if is_wanted(line.split(b" ", 3)[-1].decode())]

    @contextmanager
    def _running(
        self, command: Sequence[str], failure: type[DatabaseError]
    ) -> Iterator["subprocess.Popen[bytes]"]:
        program = self._binaries.program(command[0])
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                [program, *command[1:]],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
            try:
                yield process
            except BaseException:
                process.kill()
                raise
            finally:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        _close(pipe)
                code = process.wait()
            if code != 0:
                complaints.seek(0)
                raise _failed(failure, command[0], complaints.read().decode(errors="replace"))


class Psql:
    """A running psql."""

    def __init__(self, script: IO[bytes], answers: IO[bytes]) -> None:
        self.script = script
        self._answers = answers

    def wait(self) -> None:
        """Return when everything that was written has been executed.

        Raises:
            BrokenPipeError: It has ended, because something failed.
        """
        self.script.write(b"\\echo done\n")
        self.script.flush()
        if self._answers.readline() != b"done\n":
            raise BrokenPipeError


def _copy_script(script: IO[bytes], target: IO[bytes]) -> None:
    for line in script:
        if not line.startswith(_NEW_SETTING):
            target.write(line)
        if line.startswith(_END_OF_SETTINGS):
            break
    shutil.copyfileobj(script, target)


def _failed(failure: type[DatabaseError], program: str, complaints: str) -> DatabaseError:
    """Return what a program complains of, without where in its script that was."""
    if says_disk_full(complaints):
        return DiskFull("The database has no space left on its disk. Free some, then try again.")
    lines = [line for line in complaints.splitlines() if "error:" in line or "ERROR:" in line]
    # The lines below an error quote rows.
    reason = (lines or complaints.splitlines() or ["it ended without a reason"])[0]
    for mark in ("FATAL: ", "ERROR: ", "error: "):
        reason = reason.rpartition(mark)[2]
    if "lock timeout" in reason:
        reason = "the database is in use; stop what uses it"
    return failure(f"{program} gave up: {reason.strip().rstrip('.')}. {_LEFT[failure]}")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("every program is started with pipes")
    return pipe


def _close(pipe: IO[bytes]) -> None:
    # What is still in its buffer is for nobody.
    with suppress(BrokenPipeError):
        pipe.close()
