"""The service under test as a process of its own, which no request can hurt more than itself."""

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lockstitch.errors import ApplicationFailed

_BACKLOG: Final = 512
_STOP_SECONDS: Final = 10.0
_SHOWN_LINES: Final = 8

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """An application that is imported and not started yet, and the port that it will have."""

    contract: Mapping[str, Any]
    uses_lockstitch: bool
    port: int

    @property
    def url(self) -> str:
        """Where it will answer."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(
    command: Sequence[str], log: Path, prepare: Callable[[Imported], Environment]
) -> Iterator[Imported]:
    """Run an application on a free port of this machine, and end it.

    Args:
        command: Starts the process. It gets `--listen-fd` and `--talk-fd`, writes a line of JSON
            when it has imported the application, reads the environment as another, and writes a
            third when it answers.
        log: Where its standard output and error go.
        prepare: Returns what the environment needs before the application starts.

    Raises:
        ApplicationFailed: It cannot be imported or started; the message says why.
    """
    with socket.socket() as listener, log.open("wb") as output:
        listener.bind(("127.0.0.1", 0))
        listener.listen(_BACKLOG)
        read_end, write_end = os.pipe()
        descriptors = (listener.fileno(), write_end)
        process = subprocess.Popen(
            [*command, "--listen-fd", str(descriptors[0]), "--talk-fd", str(write_end)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=descriptors,
            # A Ctrl-C of the terminal is for us alone.
            start_new_session=True,
        )
        os.close(write_end)
        try:
            with os.fdopen(read_end) as talk:
                told = _told(talk.readline(), log)
                imported = Imported(
                    told["contract"], told["uses_lockstitch"], listener.getsockname()[1]
                )
                _tell(process, dict(prepare(imported)))
                _told(talk.readline(), log)
            yield imported
        finally:
            _end(process)


def _told(line: str, log: Path) -> dict[str, Any]:
    if not line:
        lines = log.read_text(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
        raise ApplicationFailed(
            "The process of the application ended before it answered. "
            f"It said: {' | '.join(lines) or 'nothing'}"
        )
    told: dict[str, Any] = json.loads(line)
    if "error" in told:
        raise ApplicationFailed(told["error"])
    return told


def _tell(process: "subprocess.Popen[bytes]", environment: dict[str, str]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for as a pipe
    process.stdin.write(json.dumps(environment).encode() + b"\n")
    process.stdin.flush()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Close the pipe that the process lives by; what does not end by itself is ended."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
