"""An application of this folder, served by a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx2

HERE = Path(__file__).parent
START_SECONDS = 90.0


@contextmanager
def serving_process(
    module: str, dsn: str, data: Path, *, log: IO[bytes] | None = None, **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve `module:app` until the end of the block; yield the process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = {"database_dsn": dsn, "data": str(data), "port": port, **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", f"{module}:app", "--port", port],
        cwd=HERE,
        env={
            **os.environ,
            # The modules that the tests share, which the served one imports through its conftest.
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **{f"LOCKSTITCH_{name.upper()}": text for name, text in given.items()},
        },
        stdout=log,
        stderr=log,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        url = f"http://127.0.0.1:{port}"
        while not _answers(f"{url}/readyz"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url).is_success
    except httpx2.TransportError:
        return False
