"""`lockstitch web`: one web process of `lockstitch up`, which starts it."""

import os
import sys
from typing import Annotated

import typer

from lockstitch.api.front import front_of
from lockstitch.api.loading import load_application
from lockstitch.api.logs import configure_logs
from lockstitch.api.supervisor import READY
from lockstitch.api.web_process import WebProcess
from lockstitch.console.mount import mount_console
from lockstitch.errors import LockstitchError
from lockstitch.guard.observer import observe
from lockstitch.settings import Settings


def web(
    listen_fd: Annotated[int, typer.Option(help="The listening socket.")],
    ready_fd: Annotated[int, typer.Option(help="Where to say ready, or why not.")],
) -> None:
    """Answer requests until the supervisor ends."""
    settings = Settings.load()
    configure_logs(settings)
    process = WebProcess()
    process.end_with_the_parent()
    try:
        application = load_application(settings.application)
        mount_console(application)
        if settings.observe and settings.loopback and not settings.https:
            observe(application)
    except LockstitchError as error:
        _say(ready_fd, error.sentence)
        sys.exit(2)
    trouble = process.answer(front_of(application), listen_fd, lambda: _say(ready_fd, READY))
    if trouble is not None:
        _say(ready_fd, trouble)
        sys.exit(2)


def _say(ready_fd: int, word: str) -> None:
    with os.fdopen(ready_fd, "w") as pipe:
        pipe.write(word)
