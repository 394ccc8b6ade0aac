"""The two applications under `fixtures`: where they are, and how they are run and completed."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
import psycopg
from psycopg import sql

from lockstitch.api.listener import free_port
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations
from lockstitch.database.prelude import prepare_database

ROOT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures"
OLD_FASHIONED = FIXTURES / "old_fashioned"
CORRECTED = FIXTURES / "corrected"
NODE_MODULES = ROOT / "ts" / "node_modules"
START_SECONDS = 30.0

# What the README of the corrected twin tells to run.
GENERATE = (
    *("generate", "openapi.json", "--output", "frontend/src/api"),
    *("--only", "operations", "--only", "queries"),
)
_NOT_SOURCES = shutil.ignore_patterns("node_modules", "__pycache__", "api", ".next")


def complete_corrected(folder: Path) -> Path:
    """Copy the corrected twin into a folder and generate its client, as its README says."""
    shutil.copytree(CORRECTED, folder, ignore=_NOT_SOURCES)
    subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", *GENERATE],
        cwd=folder,
        check=True,
    )
    return folder


@contextmanager
def twin_database(server: EmbeddedPostgres, twin: Path) -> Iterator[str]:
    """Make a database with the twin's own migrations; yield its name."""
    name = f"twin_{uuid4().hex}"
    prepare_database(server.dsn, name)
    apply_migrations(server.dsn("postgres", name), twin / "supabase" / "migrations")
    yield name
    with psycopg.connect(server.dsn("supabase_admin", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def serve(backend: Path, application: str, environment: dict[str, str]) -> Iterator[httpx2.Client]:
    """Run an application under uvicorn; yield a client once it answers."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, "--port", str(port)],
        cwd=backend,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    ) as process:
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                _wait(process, client)
                yield client
        finally:
            process.terminate()


def _wait(process: "subprocess.Popen[bytes]", client: httpx2.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the application ended at its start; its error is above"
        try:
            client.get("/health")
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the application does not answer")
