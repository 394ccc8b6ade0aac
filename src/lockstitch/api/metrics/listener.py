"""`GET /metrics`, on an address of its own that nothing of the service shares."""

import errno
import hmac
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socket import AF_INET6
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from lockstitch.api.listener import listening_process
from lockstitch.errors import ConfigurationError, PortInUse
from lockstitch.settings import LOOPBACK, Settings

_Start = Callable[..., Any]
_Application = Callable[[dict[str, Any], _Start], Iterable[bytes]]
_SLOWEST_CALLER_SECONDS = 10


@contextmanager
def metrics_listener(settings: Settings, registry: CollectorRegistry) -> Iterator[int]:
    """Answer `GET /metrics` in a thread until the end of the block; yield the port, 0 if none.

    Raises:
        ConfigurationError: Others could read the metrics without a token, or the address is not
            this machine's.
        PortInUse: Another process listens there.
    """
    if settings.metrics_port == 0:
        yield 0
        return
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else ""
    if settings.metrics_host not in LOOPBACK and not token:
        raise ConfigurationError(
            f"Everybody who reaches {settings.metrics_host} could read the metrics. Set "
            "LOCKSTITCH_METRICS_TOKEN, or leave LOCKSTITCH_METRICS_HOST at 127.0.0.1."
        )
    with _bound(settings, _guarded(make_wsgi_app(registry), token)) as server:
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Handler(WSGIRequestHandler):
    timeout = _SLOWEST_CALLER_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: a line for each time that Prometheus asks would hide the others."""


class _Server(ThreadingWSGIServer):
    """A thread for each caller, on IPv4."""


class _Server6(ThreadingWSGIServer):
    """The same on IPv6."""

    address_family = AF_INET6


def _bound(settings: Settings, application: _Application) -> WSGIServer:
    kind = _Server6 if ":" in settings.metrics_host else _Server
    host, port = settings.metrics_host, settings.metrics_port
    try:
        return make_server(host, port, application, kind, _Handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} is in use{listening_process(port)}. "
                "Choose another for LOCKSTITCH_METRICS_PORT, or stop that process."
            ) from None
        raise ConfigurationError(
            f"Cannot serve metrics on {host}:{port}: {error.strerror}. "
            "Choose another LOCKSTITCH_METRICS_HOST or LOCKSTITCH_METRICS_PORT."
        ) from None


def _guarded(metrics: _Application, token: str) -> _Application:
    """Return an application that answers at one path, to whoever knows the token."""
    wanted = f"Bearer {token}".encode()

    def application(environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        sent = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if token and not hmac.compare_digest(sent, wanted):
            start_response("401 Unauthorized", [("WWW-Authenticate", "Bearer")])
            return [b"Send LOCKSTITCH_METRICS_TOKEN as a bearer token.\n"]
        if environ["PATH_INFO"] != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"Only GET /metrics is answered here.\n"]
        return metrics(environ, start_response)

    return application
