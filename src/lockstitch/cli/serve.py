"""`lockstitch serve`: the application under test, in a process that `verify` starts and ends."""

import json
import os
import sys
from typing import Annotated, Any

import typer

from lockstitch.api.application import find_lockstitch
from lockstitch.api.loading import import_application
from lockstitch.api.web_process import WebProcess
from lockstitch.errors import ConfigurationError, LockstitchError


def serve(
    application: Annotated[str, typer.Argument(help="module:attribute.")],
    listen_fd: Annotated[int, typer.Option(help="The listening socket.")],
    talk_fd: Annotated[int, typer.Option(help="Where to say what happens.")],
) -> None:
    """Answer requests until the parent ends."""
    try:
        imported = import_application(application)
        contract = imported.openapi()
    except LockstitchError as error:
        _say(talk_fd, {"error": error.sentence})
        sys.exit(2)
    _say(talk_fd, {"contract": contract, "uses_lockstitch": _uses_lockstitch(imported)})
    # Settings are read when the application starts, so this is early enough for them.
    os.environ.update(_told())
    process = WebProcess()
    process.end_with_the_parent()
    trouble = process.answer(
        imported, listen_fd, lambda: _say(talk_fd, {"ready": True}), lifespan=False
    )
    if trouble is not None:
        _say(talk_fd, {"error": trouble})
        sys.exit(2)


def _uses_lockstitch(application: object) -> bool:
    try:
        find_lockstitch(application)
    except ConfigurationError:
        return False
    return True


def _told() -> dict[str, str]:
    """Return the environment that the parent prepared; without a parent the process ends."""
    line = b""
    # Byte by byte, since nothing behind the line may be taken: its end is our end.
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            sys.exit(2)
        line += byte
    told: dict[str, str] = json.loads(line)
    return told


def _say(talk_fd: int, words: dict[str, Any]) -> None:
    with os.fdopen(os.dup(talk_fd), "w") as pipe:
        pipe.write(json.dumps(words) + "\n")
