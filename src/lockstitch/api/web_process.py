"""A process that answers requests on a socket which its parent has bound."""

import logging
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch.api.supervisor import DRAIN_SECONDS
from lockstitch.errors import LockstitchError

_DID_NOT_START = 2


class WebProcess:
    """Answers requests until the parent's pipe, our standard input, closes.

    Before the first request there is nothing to finish, and a training must not hold the port; so
    the process then ends at once.
    """

    def __init__(self) -> None:
        self._serving = threading.Event()

    def end_with_the_parent(self) -> None:
        """Begin to watch standard input, from which nothing else is read from now on."""

        def wait() -> None:
            os.read(sys.stdin.fileno(), 1)
            if not self._serving.is_set():
                os._exit(_DID_NOT_START)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, daemon=True).start()

    def answer(
        self,
        application: ASGIApp,
        listen_fd: int,
        on_ready: Callable[[], None],
        *,
        lifespan: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> str | None:
        """Answer requests; return None in the end, or why the application could not start.

        Args:
            application: What answers.
            listen_fd: The listening socket.
            on_ready: Called when requests are answered.
            lifespan: Whether an application without start-up is an error.
            tls: Answers https with it; http when None.
        """
        watched = _Watched(application)

        def ready() -> None:
            self._serving.set()
            logging.getLogger("uvicorn.error").disabled = False
            on_ready()

        server = _Server(_config(watched, lifespan=lifespan, tls=tls), ready)
        # uvicorn exits on its own when the application cannot start; the sentence is the caller's.
        with suppress(SystemExit):
            server.run(sockets=[socket.socket(fileno=listen_fd)])
        return None if server.started else _sentence(watched.error)


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

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _config(application: ASGIApp, *, lifespan: bool, tls: ssl.SSLContext | None) -> uvicorn.Config:
    # What goes wrong at start-up is told once, by the parent.
    logging.getLogger("uvicorn.error").disabled = True
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        # Whom to believe is a setting of ours; uvicorn would believe every program on this machine.
        proxy_headers=False,
        server_header=False,
        lifespan="on" if lifespan else "auto",
        timeout_graceful_shutdown=round(DRAIN_SECONDS),
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


def _sentence(error: BaseException | None) -> str:
    if isinstance(error, LockstitchError):
        return error.sentence
    logging.getLogger("lockstitch").error("the application could not start", exc_info=error)
    return f"The application could not start: {type(error).__name__}: {error}"
