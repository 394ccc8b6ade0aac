"""A cheap and steady client: as many connections as wanted, each with one request under way.

A program of its own, so that its CPU time is not the server's. It prints what it saw as JSON.
"""

import asyncio
import json
import sys
import time
from array import array
from typing import Any

import uvloop

END = b"\r\n\r\n"
LENGTH = b"content-length: "
OK = b"HTTP/1.1 200"


class Connection(asyncio.Protocol):
    """Sends the request again as soon as its answer is complete, until the time is over."""

    def __init__(self, request: bytes, until: float, latencies: "array[float]") -> None:
        self.request = request
        self.until = until
        self.latencies = latencies
        self.received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Send the first request."""
        self.transport = transport
        self.send()

    def send(self) -> None:
        """Send the request."""
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is complete."""
        self.received += data
        head = self.received.find(END)
        if head < 0:
            return
        start = self.received.lower().index(LENGTH) + len(LENGTH)
        length = int(self.received[start : self.received.index(b"\r", start)])
        if len(self.received) < head + len(END) + length:
            return
        if not self.received.startswith(OK):
            self.end(RuntimeError(self.received.decode(errors="replace")))
            return
        now = time.perf_counter()
        self.latencies.append(now - self.began)
        self.received = b""
        if now < self.until:
            self.send()
        else:
            self.end(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Complain when the server closed first."""
        self.end(error or RuntimeError("the server closed the connection"))

    def end(self, error: Exception | None) -> None:
        """Close, and say how it went."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
        self.transport.close()


async def run(
    port: int, path: str, headers: dict[str, str], body: str, connections: int, seconds: float
) -> dict[str, float]:
    """Ask for so long and return what was seen."""
    fields = {
        "host": f"127.0.0.1:{port}",
        "user-agent": "benchmark",
        "accept": "*/*",
        "content-type": "application/json",
        "content-length": str(len(body.encode())),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    request = f"POST {path} HTTP/1.1\r\n{lines}\r\n{body}".encode()
    latencies: array[float] = array("d")
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(
            lambda: Connection(request, until, latencies), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    found = sorted(latencies)
    return {
        "requests": len(found),
        "p50_ms": found[len(found) // 2] * 1000,
        "p99_ms": found[len(found) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.loads(sys.argv[1])))))
