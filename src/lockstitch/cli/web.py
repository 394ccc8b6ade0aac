"""`lockstitch web`: one web process of `lockstitch up`, which starts it."""

import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch.api.loading import load_application
from lockstitch.api.logs import configure_logs
from lockstitch.api.supervisor import DRAIN_SECONDS, READY
from lockstitch.console.mount import mount_console
from lockstitch.errors import LockstitchError
from lockstitch.settings import Settings


def web(
    listen_fd: Annotated[int, typer.Option(help="The listening socket.")],
    ready_fd: Annotated[int, typer.Option(help="Where to say ready, or why not.")],
) -> None:
    """Answer requests until the supervisor ends."""
    settings = Settings.load()
    configure_logs(settings)
    serving = threading.Event()
    _end_with_the_supervisor(serving)
    try:
        application = load_application(settings.application)
        mount_console(application)
    except LockstitchError as error:
        _say(ready_fd, error.sentence)
        sys.exit(2)
    watched = _Watched(application)
    server = _Server(_config(watched), ready_fd, serving)
    # uvicorn exits on its own when the application cannot start; we have a sentence to say first.
    with suppress(SystemExit):
        server.run(sockets=[socket.socket(fileno=listen_fd)])
    if not server.started:
        _say(ready_fd, _sentence(watched.error))
        sys.exit(2)


class _Watched:
    """An application whose error at start-up can be read afterwards."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.error: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except BaseException as error:
            self.error = error
            raise


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready_fd: int, serving: threading.Event) -> None:
        super().__init__(config)
        self._ready_fd = ready_fd
        self._serving = serving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._serving.set()
            logging.getLogger("uvicorn.error").disabled = False
            _say(self._ready_fd, READY)


def _config(application: ASGIApp) -> uvicorn.Config:
    # What goes wrong at start-up is told once, by the supervisor.
    logging.getLogger("uvicorn.error").disabled = True
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=round(DRAIN_SECONDS),
    )


def _sentence(error: BaseException | None) -> str:
    if isinstance(error, LockstitchError):
        return error.sentence
    logging.getLogger("lockstitch").error("the application could not start", exc_info=error)
    return f"The application could not start: {type(error).__name__}: {error}"


def _say(ready_fd: int, word: str) -> None:
    with os.fdopen(ready_fd, "w") as pipe:
        pipe.write(word)


def _end_with_the_supervisor(serving: threading.Event) -> None:
    """End when the supervisor's pipe closes, however it died: with requests answered, or at once.

    Before the first request there is nothing to finish, and a training must not hold the port.
    """

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)
        if not serving.is_set():
            os._exit(2)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
