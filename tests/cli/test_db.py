import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lockstitch.database.embedded import EmbeddedPostgres, stop_detached
from lockstitch.database.migrations import library_migrations


class CommandLine:
    """`lockstitch db`, run in a project of its own."""

    def __init__(self, project: Path) -> None:
        self.project = project

    def run(self, *arguments: str, code: int = 0, **environment: str) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "lockstitch.cli.main", "db", *arguments],
            cwd=self.project,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == code, answer.stderr
        return answer.stderr if code else answer.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.run(*arguments, "--json"))
        return result


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_server_runs_from_start_to_stop(
    command_line: CommandLine, request: pytest.FixtureRequest
) -> None:
    started = command_line.json("start", "--data", "data")
    request.addfinalizer(lambda: stop_detached(command_line.project / "data" / "postgres"))
    assert started["state"] == "running"
    assert started["owner_pid"] is None
    again = command_line.json("start", "--data", "data")
    assert again["postgres_pid"] == started["postgres_pid"]
    text = command_line.run("status", "--data", "data")
    assert f"Postgres {started['version']} runs in data (pid" in text

    query = command_line.run("psql", "--data", "data", "--", "-Atc", "select current_user")
    assert query == "postgres\n"
    assert command_line.json("stop", "--data", "data")["state"] == "stopped"
    refused = command_line.run("psql", "--data", "data", code=2)
    assert refused == "No Postgres runs in data. Start one with `lockstitch db start`.\n"


def test_project_gets_its_migrations_and_applies_them_once(command_line: CommandLine) -> None:
    copied = command_line.json("sync")["migrations"]
    assert [name.partition("_")[2] for name in copied] == [
        migration.name + ".sql" for migration in library_migrations()
    ]
    assert command_line.json("migrate", "--data", "data")["migrations"] == copied
    nothing_left = command_line.run("migrate", "--data", "data")
    assert nothing_left == "Every migration is applied already.\n"


def test_broken_migration_is_one_sentence(command_line: CommandLine) -> None:
    folder = command_line.project / "supabase" / "migrations"
    folder.mkdir(parents=True)
    (folder / "1_broken.sql").write_text("create table;")
    message = command_line.run("migrate", "--data", "data", code=2)
    assert "supabase/migrations/1_broken.sql, line 1: syntax error" in message
    assert message.count("\n") == 1


def test_connection_string_of_the_server_role_does_not_migrate(command_line: CommandLine) -> None:
    message = command_line.run(
        "migrate", code=2, LOCKSTITCH_DATABASE_DSN="host=127.0.0.1 user=authenticator"
    )
    assert "Give the connection string of the role postgres with --dsn" in message


def test_given_server_is_migrated(command_line: CommandLine, owner_dsn: str) -> None:
    (command_line.project / "empty").mkdir()
    message = command_line.run("migrate", "--dsn", owner_dsn, "--migrations", "empty", code=2)
    assert "has the migration" in message


@pytest.mark.parametrize("verb", ["migrate", "psql"])
@pytest.mark.parametrize("dsn", ["postgres://u:CANARY@[::1/x", "postgres://u:TOP%CANARY@h/x"])
def test_malformed_connection_string_is_one_sentence_without_it(
    command_line: CommandLine, verb: str, dsn: str
) -> None:
    message = command_line.run(verb, "--dsn", dsn, code=2)
    assert "is no connection string" in message
    assert message.count("\n") == 1
    assert "CANARY" not in message


def test_variables_of_libpq_steer_a_given_server_only(
    command_line: CommandLine, request: pytest.FixtureRequest, postgres: EmbeddedPostgres
) -> None:
    foreign = {"PGPORT": "5433", "PGPASSWORD": "wrong", "PGOPTIONS": "-c role=nobody"}
    ask = ("--", "-Atc", "select current_setting('application_name')")
    command_line.run("start", "--data", "data", PGSERVICE="nothing", **foreign)
    request.addfinalizer(lambda: stop_detached(command_line.project / "data" / "postgres"))
    own = command_line.run("psql", "--data", "data", *ask, PGAPPNAME="mine", **foreign)
    assert own == "psql\n"
    given = command_line.run("psql", "--dsn", postgres.dsn(), *ask, PGAPPNAME="mine")
    assert given == "mine\n"


def test_password_of_a_given_server_is_no_argument_of_psql(
    command_line: CommandLine, postgres: EmbeddedPostgres
) -> None:
    parameters = conninfo_to_dict(postgres.dsn())
    password = Path(str(parameters.pop("passfile"))).read_text().strip().rpartition(":")[2]
    dsn = make_conninfo(**{**parameters, "password": password})
    show = ("--", "-c", r"\! tr '\0' ' ' < /proc/$PPID/cmdline", "-Atc", "select 'connected'")
    answer = command_line.run("psql", *show, LOCKSTITCH_DATABASE_DSN=dsn)
    assert "user=authenticator" in answer
    assert "connected" in answer
    assert password not in answer


def test_status_names_what_data_takes_and_nothing_else_is_taken(
    command_line: CommandLine, request: pytest.FixtureRequest
) -> None:
    command_line.run("start", "--data", "data")
    request.addfinalizer(lambda: stop_detached(command_line.project / "data" / "postgres"))
    directory = command_line.json("status", "--data", "data")["directory"]
    assert command_line.json("status", "--data", directory)["state"] == "running"
    for verb in ("start", "stop", "status", "psql", "migrate"):
        message = command_line.run(verb, "--data", "data/postgres", code=2)
        assert message.endswith(f"Give --data {command_line.project / 'data'}.\n")
    assert not (command_line.project / "data" / "postgres" / "postgres").exists()


def test_server_of_another_process_is_migrated(command_line: CommandLine) -> None:
    command_line.run("sync")
    with EmbeddedPostgres(command_line.project / "data" / "postgres", durable=False):
        migrations = command_line.json("sync", "--migrations", "copies")["migrations"]
        assert len(command_line.json("migrate", "--data", "data")["migrations"]) == len(migrations)
