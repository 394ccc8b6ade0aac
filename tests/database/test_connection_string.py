import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from owners import PROGRAMS

from lockstitch.database.connection_string import read_dsn
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations, pending_migrations
from lockstitch.database.session import Database
from lockstitch.errors import ConfigurationError

NOWHERE = {"PGHOST": "192.0.2.1", "PGPORT": "5433", "PGPASSWORD": "wrong", "PGUSER": "nobody"}
CANARY = "TOPSECRET"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("steered") / "data"
    with EmbeddedPostgres(directory, durable=False):
        yield directory


def connect(directory: Path, variables: dict[str, str]) -> list[str]:
    (directory.parent / "migrations").mkdir(exist_ok=True)
    answer = subprocess.run(
        [sys.executable, PROGRAMS / "connect.py", directory, directory.parent / "migrations"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


@pytest.mark.parametrize(
    "variables",
    [
        NOWHERE,
        {"PGHOSTADDR": "127.0.0.1"},
        {"PGSERVICE": "nothing"},
        {"PGDATABASE": "nothing", "PGPASSFILE": "/nothing"},
        {"PGOPTIONS": "-c role=nobody"},
        {"PGREQUIREAUTH": "md5", "PGCHANNELBINDING": "require"},
        {"PGTARGETSESSIONATTRS": "read-only", "PGLOADBALANCEHOSTS": "nonsense"},
        {"PGSSLMODE": "nonsense", "PGSSLNEGOTIATION": "direct", "PGSSLROOTCERT": "system"},
        {"PGREQUIRESSL": "1", "PGGSSENCMODE": "require", "PGREQUIREPEER": "nobody-here"},
        {"PGCLIENTENCODING": "LATIN1", "PGTZ": "Asia/Tokyo", "PGDATESTYLE": "German"},
        {"PGCONNECT_TIMEOUT": "soon", "PGMINPROTOCOLVERSION": "latest"},
    ],
    ids="+".join,
)
def test_variables_of_libpq_do_not_matter(server: Path, variables: dict[str, str]) -> None:
    pending, text, session, _ = connect(server, variables)
    assert pending == "0"
    assert text == "{'text': 'zürich, 東京'}"
    assert session == "('authenticator', 'UTC', 'ISO, MDY') utf-8"


def test_server_starts_whatever_the_variables_say(directory: Path) -> None:
    variables = NOWHERE | {"PGSERVICE": "nothing", "PGOPTIONS": "-c role=nobody", "PGTZ": "x"}
    assert connect(directory, variables)[0] == "0"


def test_where_and_who_stay_for_the_applications_own_databases(server: Path) -> None:
    variables = NOWHERE | {"PG_BINDIR": "/nothing/bin"}
    assert connect(server, variables)[-1] == "192.0.2.1 wrong /nothing/bin"


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgres://u:{CANARY}@[::1/x",
        f"postgres://u:TOP%{CANARY}@localhost/x",
        f"postgres://u:TOP%CA{CANARY}@localhost/x",
        f"postgres://u:{CANARY}/more@localhost/x",
        f"postgres://u:1@{CANARY}@localhost/x",
        f"host=localhost password=two {CANARY}",
        f"password='{CANARY}",
        f"{CANARY}",
        f"host=localhost {CANARY}=1",
    ],
)
async def test_malformed_connection_string_is_never_quoted(dsn: str, tmp_path: Path) -> None:
    messages = []
    for migrate in (apply_migrations, pending_migrations):
        with pytest.raises(ConfigurationError) as refused:
            migrate(dsn, tmp_path)
        messages.append(refused)
    with pytest.raises(ConfigurationError) as refused:
        await Database(dsn).open()
    for caught in (*messages, refused):
        assert "is no connection string" in str(caught.value)
        assert CANARY not in str(caught.getrepr(chain=True)).replace(repr(dsn), "")
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p%40ss%2F@example.org:6543/x?sslmode=require",
        "postgresql://u@one.example,two.example:5433/x",
        "host=/run/postgresql user=u",
        "postgresql://u:p@[::1]:5432/x",
        "service=warehouse",
    ],
)
def test_good_connection_string_is_read(dsn: str) -> None:
    assert read_dsn(dsn)
