"""Start a server in each of three workers, as uvicorn does: share_among_workers.py DIRECTORY."""

import os
import sys
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg

from lockstitch.database.embedded import EmbeddedPostgres

WORKERS = 3


def work(directory: Path, everybody: Barrier) -> None:
    with EmbeddedPostgres(directory, durable=False) as server:
        everybody.wait(30)
        with psycopg.connect(server.dsn()) as connection:
            connection.execute("select 1")
        # One write, so that the lines of the workers do not mix.
        os.write(1, f"works, {server.started_here=}\n".encode())
        everybody.wait(30)


if __name__ == "__main__":
    context = get_context("spawn")
    barrier = context.Barrier(WORKERS)
    arguments = (Path(sys.argv[1]), barrier)
    workers = [context.Process(target=work, args=arguments) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sys.exit(max(abs(worker.exitcode or 0) for worker in workers))
