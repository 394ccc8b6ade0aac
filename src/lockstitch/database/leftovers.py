"""What a crash leaves behind: processes without a keeper, and files that name dead processes."""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from lockstitch.database.directory import DataDirectory
from lockstitch.errors import DataDirectoryRefused

_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.02


def clear_leftovers(directory: DataDirectory) -> None:
    """Make the place fit for a new start; the caller holds the lock.

    Raises:
        DataDirectoryRefused: A process of an earlier server does not end.
    """
    _stop_processes(directory)
    if sys.platform == "linux":
        # No process works in the cluster: a pid in this file is dead, or somebody else's by now.
        (directory.cluster / "postmaster.pid").unlink(missing_ok=True)
    _remove_socket_directory(directory)
    for draft in directory.home.glob("new-*"):
        _remove(draft)


def processes_in(cluster: Path) -> list[int]:
    """Return the processes that work in a cluster; Postgres makes it their current directory."""
    if sys.platform != "linux" or not cluster.exists():
        return []
    wanted = cluster.resolve()
    numbered = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(process.name) for process in numbered if _works_in(process, wanted)]


def _works_in(process: Path, wanted: Path) -> bool:
    # It may be somebody else's process, or end while we look.
    with suppress(OSError):
        return (process / "cwd").readlink() == wanted
    return False


def _stop_processes(directory: DataDirectory) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        for process in processes_in(directory.cluster):
            with suppress(ProcessLookupError):
                os.kill(process, number)
        if _all_end(directory.cluster):
            return
    raise DataDirectoryRefused(
        f"Process {processes_in(directory.cluster)[0]} of an earlier Postgres in "
        f"{directory.path} does not end. Stop it, then start again."
    )


def _all_end(cluster: Path) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while processes_in(cluster):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _remove_socket_directory(directory: DataDirectory) -> None:
    running = directory.running()
    if running is not None:
        shutil.rmtree(running.socket_directory, ignore_errors=True)
    directory.forget_running()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
