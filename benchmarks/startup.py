"""From `make up` to a ready page, on a data directory that was used before.

The page, the reference and `/readyz` must answer. Postgres is timed apart, by starting the same
data directory alone. Medians of five starts.
"""

import os
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from rows import Row, finish

from lockstitch.api.listener import free_port
from lockstitch.database.embedded import EmbeddedPostgres

ROOT = Path(__file__).parent.parent
RUNS = 5
PATIENCE_SECONDS = 300.0


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        first = start_product(data)
        product = [start_product(data) for _ in range(RUNS)]
        postgres = [start_postgres(data / "postgres") for _ in range(RUNS)]
    print(f"     the first start, with training: {first:.1f} s")
    finish(
        "startup",
        [
            Row(name="make up, again", value=statistics.median(product), target=8, unit="s"),
            Row(name="of which Postgres", value=statistics.median(postgres), target=1, unit="s"),
        ],
    )


def start_product(data: Path) -> float:
    """Start and stop the product; return the seconds until its page is ready."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--silent", "up", f"PORT={port}", f"DATA={data}"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process)
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the product answers; raise when it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"make up ended with code {process.returncode}")
        try:
            for path in ("/readyz", "/", "/docs"):
                urllib.request.urlopen(url + path, timeout=5).read()  # noqa: S310
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("make up was not ready in time")


def start_postgres(directory: Path) -> float:
    """Start and stop Postgres alone; return the seconds until it can be used."""
    began = time.perf_counter()
    with EmbeddedPostgres(directory):
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
