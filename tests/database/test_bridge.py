import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from lockstitch.database.bridge import carry, listen
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import PortInUse


@pytest.fixture
async def port(postgres: EmbeddedPostgres) -> AsyncIterator[int]:
    """A bridge to the server of the tests."""
    parameters = conninfo_to_dict(postgres.dsn("postgres"))
    with listen(0) as listener:
        server_socket = Path(str(parameters["host"])) / f".s.PGSQL.{parameters['port']}"
        carrying = asyncio.create_task(carry(listener, server_socket))
        yield listener.getsockname()[1]
        carrying.cancel()


async def test_statement_and_a_large_answer_pass(postgres: EmbeddedPostgres, port: int) -> None:
    dsn = postgres.dsn("postgres")
    async with await psycopg.AsyncConnection.connect(
        dsn, host="127.0.0.1", port=port
    ) as connection:
        cursor = await connection.execute("select repeat('x', 3000000)")
        row = await cursor.fetchone()
    assert row is not None
    assert len(row[0]) == 3_000_000


async def test_password_is_asked_for_as_on_the_socket(port: int) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        await psycopg.AsyncConnection.connect(
            f"host=127.0.0.1 port={port} user=postgres dbname=lockstitch password=wrong"
        )


async def test_connection_ends_where_no_server_runs(tmp_path: Path) -> None:
    with listen(0) as listener:
        carrying = asyncio.create_task(carry(listener, tmp_path / "nothing"))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        assert await reader.read() == b""
        writer.close()
        carrying.cancel()


def test_port_in_use_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {number} is in use. Choose another"):
            listen(number)


def test_verb_without_a_running_server_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", "bridge", "--data", "data"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr == "No Postgres runs in data. Start one with `lockstitch db start`.\n"


def test_verb_ends_at_once_when_it_is_interrupted(directory: Path) -> None:
    data = directory.parent / "outer"
    data.mkdir()
    directory.rename(data / "postgres")
    command = [sys.executable, "-m", "lockstitch.cli.main", "db", "bridge", "--port", "0"]
    with (
        EmbeddedPostgres(data / "postgres", durable=False),
        subprocess.Popen(
            [*command, "--json", "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as bridge,
    ):
        assert bridge.stdout is not None
        url = json.loads(bridge.stdout.readline())["url"]
        with psycopg.connect(
            url, passfile=str(data / "postgres" / "passwords"), autocommit=True
        ) as connection:
            assert connection.execute("select current_user").fetchone() == ("postgres",)
            bridge.send_signal(2)
            _, said = bridge.communicate(timeout=10)
    assert (bridge.returncode, said) == (0, "")
