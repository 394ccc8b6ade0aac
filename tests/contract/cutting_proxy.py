"""A TCP proxy that cuts connections at a byte, or lets them stand still."""

import asyncio
import re
import socket
from collections import Counter

# Small, so that a reader who stands still is noticed soon.
BUFFER_BYTES = 65_536
PIECE_BYTES = 4096
CUTS = 3
STALL_SECONDS = 2.0

_PLAN = re.compile(rb"[?&](cut|stall)=(\d+)&run=([\w-]+)")


class CuttingProxy:
    """Passes connections on as the address of their request says.

    `?cut=130&run=x` cuts the first three connections of the run x after 130 bytes of the answer;
    `?stall=4096&run=x` reads no further for a while after so many bytes of the first answer.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._seen: Counter[bytes] = Counter()
        self._server: asyncio.Server | None = None

    async def listen(self) -> int:
        """Listen on a free port, and return it."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        if self._server:
            self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        plan, after, run = b"", b"0", b""
        if found := _PLAN.search(head):
            plan, after, run = found.groups()
            self._seen[run] += 1
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        connection.connect(("127.0.0.1", self._port))
        upstream, out = await asyncio.open_connection(sock=connection, limit=BUFFER_BYTES)
        out.write(head)
        up = asyncio.create_task(self._copy(reader, out))
        limit = int(after) if plan == b"cut" and self._seen[run] <= CUTS else None
        pause = int(after) if plan == b"stall" and self._seen[run] == 1 else None
        try:
            if await self._copy(upstream, writer, limit=limit, pause=pause):
                writer.transport.abort()
        finally:
            up.cancel()
            writer.close()
            out.transport.abort()

    async def _copy(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        limit: int | None = None,
        pause: int | None = None,
    ) -> bool:
        """Copy until the source ends, or so many bytes have passed. Return whether that was so."""
        passed = 0
        while piece := await source.read(PIECE_BYTES):
            left = len(piece) if limit is None else limit - passed
            target.write(piece[:left])
            await target.drain()
            passed += len(piece)
            if limit is not None and passed >= limit:
                return True
            if pause is not None and passed >= pause:
                await asyncio.sleep(STALL_SECONDS)
                pause = None
        return False
