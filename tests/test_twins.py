"""Both twins are real applications: they run, and they type-check."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from product import PASSWORD
from twins import (
    CORRECTED,
    NODE_MODULES,
    OLD_FASHIONED,
    complete_corrected,
    serve,
    twin_database,
)

from lockstitch.database.embedded import EmbeddedPostgres

CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}
TODO = {"title": "Write the report", "due_date": "2026-12-24T12:00:00Z"}


@pytest.fixture(scope="module")
def old_fashioned(postgres: EmbeddedPostgres) -> Iterator[httpx2.Client]:
    with twin_database(postgres, OLD_FASHIONED) as name:
        environment = {"DATABASE_URL": postgres.dsn("postgres", name)}
        with serve(OLD_FASHIONED / "backend", "main:app", environment) as client:
            yield client


@pytest.fixture(scope="module")
def corrected(postgres: EmbeddedPostgres) -> Iterator[httpx2.Client]:
    with twin_database(postgres, CORRECTED) as name:
        environment = {
            "TEAM_TODO_DATABASE_URL": postgres.dsn("authenticator", name),
            "TEAM_TODO_MODEL_URL": "http://127.0.0.1:9",
        }
        with serve(CORRECTED / "backend", "team_todo.app:app", environment) as client:
            yield client


def signed_in(client: httpx2.Client, **credentials: str) -> dict[str, str]:
    """Return the header of a new person's session."""
    assert client.post("/people", json=credentials).status_code == 201
    answer = client.post("/sessions", json=credentials)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    return {"cookie": cookie}


def test_old_fashioned_drops_the_due_date_in_silence(old_fashioned: httpx2.Client) -> None:
    old_fashioned.post("/register", json=CREDENTIALS)
    session = old_fashioned.post("/login", json=CREDENTIALS).json()
    made = old_fashioned.post(
        "/todos",
        json={"user_id": session["user_id"], "title": "Call", "dueDate": "2026-12-24T12:00:00Z"},
        headers={"authorization": f"Bearer {session['token']}"},
    )

    assert made.status_code == 200
    assert made.json()["due_date"] is None


def test_old_fashioned_lets_anybody_delete_everything(old_fashioned: httpx2.Client) -> None:
    assert old_fashioned.delete("/predictions").json() == {"status": "cleared"}


def test_old_fashioned_serves_other_paths_than_its_contract_says(
    old_fashioned: httpx2.Client,
) -> None:
    promised = json.loads((OLD_FASHIONED / "openapi.json").read_text())["paths"]

    assert "/tasks" in promised
    assert old_fashioned.get("/tasks").status_code == 404
    assert "/todos" in old_fashioned.get("/openapi.json").json()["paths"]


def test_corrected_keeps_people_apart(corrected: httpx2.Client) -> None:
    ada = signed_in(corrected, **CREDENTIALS)
    bob = signed_in(corrected, email="bob@example.com", password="another long one")
    made = corrected.post("/todos", json=TODO, headers=ada)

    assert made.status_code == 201
    assert made.json()["due_date"] == TODO["due_date"]
    path = f"/todos/{made.json()['id']}"
    assert corrected.get(path, headers=ada).json() == made.json()
    assert corrected.get(path, headers=bob).status_code == 404
    assert corrected.delete(path, headers=bob).status_code == 204
    assert corrected.get(path, headers=ada).status_code == 200
    done = {**TODO, "completed": True}
    assert corrected.put(path, json=done, headers=ada).json()["completed"] is True
    assert corrected.put(path, json=done, headers=bob).status_code == 404


def test_corrected_refuses_what_it_does_not_know(corrected: httpx2.Client) -> None:
    eve = signed_in(corrected, email="eve@example.com", password="something else again")
    answer = corrected.post("/todos", json={"title": "Call", "dueDate": "2026-12-24"}, headers=eve)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Look at body.dueDate."


def test_corrected_imports_all_rows_or_none(corrected: httpx2.Client) -> None:
    dan = signed_in(corrected, email="dan@example.com", password="a password of dan")
    good = corrected.post("/todos/import", files={"file": b"title\nOne\nTwo\n"}, headers=dan)
    bad = corrected.post("/todos/import", files={"file": b'title\nThree\n""\n'}, headers=dan)

    assert good.json() == {"count": 2}
    assert bad.status_code == 422
    assert len(corrected.get("/todos", headers=dan).json()["items"]) == 2


def test_corrected_says_in_one_shape_that_the_model_is_away(corrected: httpx2.Client) -> None:
    cleo = signed_in(corrected, email="cleo@example.com", password="a password of cleo")
    answer = corrected.post("/predictions", json={"text": "Soon"}, headers=cleo)

    assert answer.status_code == 502
    assert answer.json()["title"] == "Refused"
    assert corrected.get("/predictions/statistics", headers=cleo).json() == {
        "total": 0,
        "urgent": 0,
    }


def test_corrected_ends_a_session_on_the_server(corrected: httpx2.Client) -> None:
    finn = signed_in(corrected, email="finn@example.com", password="a password of finn")

    assert corrected.delete("/sessions/current", headers=finn).status_code == 204
    assert corrected.get("/todos", headers=finn).status_code == 401


def test_corrected_commits_the_contract_of_its_application(corrected: httpx2.Client) -> None:
    committed = json.loads((CORRECTED / "openapi.json").read_text())

    assert corrected.get("/openapi.json").json() == committed


@pytest.mark.parametrize("twin", [OLD_FASHIONED, CORRECTED], ids=["old_fashioned", "corrected"])
def test_front_end_type_checks(twin: Path, tmp_path: Path) -> None:
    folder = tmp_path / "twin"
    if twin == CORRECTED:
        complete_corrected(folder)
    else:
        shutil.copytree(twin, folder)
    (folder / "frontend" / "node_modules").symlink_to(NODE_MODULES)
    result = subprocess.run(
        ["node_modules/.bin/tsc", "--project", "."],
        cwd=folder / "frontend",
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )

    assert result.stdout + result.stderr == ""
    assert result.returncode == 0
