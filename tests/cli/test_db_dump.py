"""`lockstitch db dump` and `db restore`, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lockstitch.database.embedded import EmbeddedPostgres


class Project:
    """A folder in which the verbs of `lockstitch db` are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def db(self, *arguments: str, code: int = 0, **environment: str) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "lockstitch.cli.main", "db", *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == code, answer.stderr
        return answer.stderr if code else answer.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.db(*arguments, "--json"))
        return result


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose database has the tables of Lockstitch."""
    made = Project(tmp_path)
    made.db("sync")
    made.db("migrate")
    return made


def test_a_project_moves_to_another_data_directory(project: Project) -> None:
    made = project.json("dump", "today.dump")
    assert made["file"] == "today.dump"
    assert made["size_bytes"] == (project.folder / "today.dump").stat().st_size
    assert made["tables"] > 20

    restored = project.json("restore", "today.dump", "--data", "other")
    assert (restored["tables"], restored["replaced"]) == (made["tables"], False)
    applied = project.db("migrate", "--data", "other")
    assert applied == "Every migration is applied already.\n"

    refused = project.db("restore", "today.dump", "--data", "other", code=2)
    assert refused.startswith("The database is not empty: it has ")
    assert refused.count("\n") == 1
    replaced = project.db("restore", "today.dump", "--data", "other", "--force")
    assert replaced == f"Restored today.dump: {made['tables']} tables, 0 files of datasets.\n"


def test_a_running_application_is_dumped_and_not_restored(project: Project) -> None:
    with (
        EmbeddedPostgres(project.folder / ".lockstitch" / "postgres") as server,
        psycopg.connect(server.dsn()),
    ):
        project.db("dump", "today.dump")
        refused = project.db("restore", "today.dump", "--force", code=2)
    assert "in use by 1 other connection. Stop the application, then restore." in refused


def test_what_cannot_be_done_is_one_sentence(project: Project) -> None:
    (project.folder / "there.dump").touch()
    assert "there.dump exists already" in project.db("dump", "there.dump", code=2)
    assert "no dump, or not a whole one" in project.db("restore", "there.dump", code=2)
    server = {"LOCKSTITCH_DATABASE_DSN": "host=127.0.0.1 user=authenticator"}
    refused = project.db("dump", "new.dump", code=2, **server)
    assert "Give the connection string of the role postgres with --dsn." in refused
    assert not (project.folder / "new.dump").exists()
