"""Processes that own a Postgres, started and ended by the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from lockstitch.database.embedded import running_server

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that owns the Postgres of a directory."""

    process: subprocess.Popen[str]
    user_id: int
    dsn: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def owner_of(directory: Path, *prefix: str) -> Iterator[Owner]:
    """Run a process that owns a Postgres; it sits in a process group of its own."""
    with subprocess.Popen(
        [*prefix, sys.executable, PROGRAMS / "own_server.py", directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        user_id, _, dsn = process.stdout.readline().partition(" ")
        assert dsn, "the owner did not start; its error is above"
        yield Owner(process, int(user_id), dsn.strip())


def notes(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [text for (text,) in connection.execute("select text from public.notes").fetchall()]


def processes_of(directory: Path) -> tuple[int, int]:
    """Return the process ids of the keeper and of the postmaster."""
    running = running_server(directory)
    assert running is not None
    return running.keeper_pid, running.postgres_pid


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not fact():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
