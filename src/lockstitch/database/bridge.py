"""A door of TCP to the embedded server, for programs that know no unix sockets."""

import asyncio
import errno
import socket
from contextlib import suppress
from pathlib import Path

from lockstitch.errors import ConfigurationError, PortInUse

_LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 65_536


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this machine alone; 0 takes any free port.

    Raises:
        PortInUse: Another process listens there.
        ConfigurationError: The port needs privileges.
    """
    try:
        return socket.create_server((_LOOPBACK, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"Port {port} is in use. Choose another with --port.") from None
        raise ConfigurationError(
            f"Cannot listen on {_LOOPBACK}:{port}: {error.strerror}. Choose another with --port."
        ) from None


async def carry(listener: socket.socket, server_socket: Path) -> None:
    """Carry bytes between each connection and the server's unix socket until cancelled.

    Nothing is read or changed on the way: whoever connects needs a password as on the socket.
    """
    async with asyncio.TaskGroup() as connections:

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.create_task(_connect(reader, writer, server_socket))

        server = await asyncio.start_server(connected, sock=listener)
        try:
            # Not `serve_forever`, whose end waits for every connection since Python 3.12.
            await asyncio.Event().wait()
        finally:
            server.close()


async def _connect(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_socket: Path
) -> None:
    try:
        inner_reader, inner_writer = await asyncio.open_unix_connection(str(server_socket))
    except OSError:
        # The server stopped; a connection that ends says so better than one that hangs.
        writer.close()
        return
    await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction; its end is the end of both."""
    try:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                writer.write(chunk)
                await writer.drain()
    finally:
        writer.close()
