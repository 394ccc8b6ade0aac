"""An application on a real socket, in a thread of the test's process, with its start and end."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def listening_application(
    app: ASGIApp, *, http: str = "auto", loop: str = "auto", tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Answer requests until the block ends; yield the port on 127.0.0.1."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(
            app,
            log_config=None,
            lifespan="auto",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="websockets-sansio",
            http=http,
            loop=loop,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
