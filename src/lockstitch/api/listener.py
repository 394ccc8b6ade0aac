"""The listening socket: bound once by the supervisor, shared by all web processes."""

import errno
import socket

import psutil

from lockstitch.errors import ConfigurationError, PortInUse
from lockstitch.settings import Settings

_BACKLOG = 2048


def bind(settings: Settings) -> socket.socket:
    """Return a socket that listens on the configured address.

    Raises:
        PortInUse: Another process listens there.
        ConfigurationError: The address is not this machine's, or the port needs privileges.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {settings.port} is in use{listening_process(settings.port)}. "
                "Choose another with --port (make up PORT=…), or stop that process."
            ) from None
        raise ConfigurationError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Choose another address with --host or --port."
        ) from None
    return listener


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening_process(port: int) -> str:
    """Return ` by pid 81` if that can be told of the process that listens on a port."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr[1:] == (port,) and connection.pid:
            return f" by pid {connection.pid}"
    return ""
