"""`check` finds each fault of the old-fashioned twin where it is, and none in the corrected one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from twins import OLD_FASHIONED, complete_corrected

# What a team writes on the first day: which table each model stands for.
OLD_TABLES = {
    "TodoCreate": '@stored_in("todos")',
    "TodoUpdate": '@stored_in("todos", rename={"completed": "done"})',
    "Todo": '@stored_in("todos", rename={"completed": "done"})',
}
CORRECTED_TABLES = {
    "todos.py": {
        "NewTodo": '@stored_in("todos")',
        "ChangedTodo": '@stored_in("todos")',
        "Todo": '@stored_in("todos")',
    },
    "predictions.py": {"Prediction": '@stored_in("predictions")'},
}

# Each fault: what is wrong, the rule that tells it, the file, and a text of the line.
FAULTS = [
    # dueDate is sent, due_date expected, and the value dropped in silence.
    ("undeclared-send", "frontend/components/TodoForm.tsx", "dueDate"),
    ("undeclared-read", "frontend/components/TodoList.tsx", "dueDate"),
    ("undeclared-type-member", "frontend/types/todo.ts", "dueDate"),
    # The contract says /tasks and the code serves /todos.
    ("stale-contract", "openapi.json", '"get": {'),
    # Three clients with different base URLs.
    ("base-urls-differ", "frontend/components/SearchBox.tsx", "apiClient.get"),
    ("base-urls-differ", "frontend/services/todoService.ts", "this.send"),
    ("hard-coded-endpoint", "frontend/lib/api.ts", "http://localhost:8000"),
    # POST is sent again on any 5xx.
    ("unsafe-retry", "frontend/lib/apiClient.ts", "await fetch(BASE_URL + path"),
    # Errors that say a number, and errors that are answered as success.
    ("error-without-meaning", "frontend/lib/api.ts", "HTTP error! status:"),
    ("error-as-success", "backend/routers/todos.py", '"Todo not found"'),
    ("error-as-success", "backend/routers/users.py", "Email already registered"),
    ("leaked-error", "backend/routers/todos.py", "detail=str(e)"),
    ("inconsistent-errors", "frontend/app/stats/page.tsx", "fetch"),
    # Answers that nobody checks.
    ("unvalidated-response", "frontend/lib/api.ts", "as TodoListResponse"),
    ("unvalidated-response", "frontend/services/todoService.ts", "as Promise<T>"),
    ("any-api-data", "frontend/components/SearchBox.tsx", "any[]"),
    # Nothing is said while it loads or when it fails; nothing ends; nothing is tried again.
    ("missing-states", "frontend/hooks/useTodos.ts", "useEffect"),
    ("missing-timeout", "frontend/lib/api.ts", "fetch"),
    ("missing-retry", "frontend/lib/api.ts", "fetch"),
    ("missing-null-check", "frontend/components/PredictionPanel.tsx", "prediction!"),
    ("race-condition", "frontend/components/SearchBox.tsx", "useEffect"),
    ("race-condition", "backend/routers/users.py", "db.execute("),
    # Secrets and inputs where everybody reads them.
    ("sensitive-data", "frontend/lib/supabaseAdmin.ts", "NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY"),
    ("sensitive-data", "frontend/lib/api.ts", "localStorage.setItem('token'"),
    ("sensitive-data", "backend/routers/users.py", "data.password"),
    ("token-outlives-sign-out", "frontend/lib/apiClient.ts", "cachedToken"),
    # Who is calling is not asked, or is believed.
    ("route-without-identity", "backend/routers/predictions.py", '@router.delete("/predictions")'),
    ("identity-from-input", "backend/routers/todos.py", "user_id: str = Form"),
    ("ownership-unchecked", "backend/routers/versions.py", "@router.post"),
    ("service-role-without-identity", "backend/routers/stats.py", "@router.get"),
    ("unbound-role", "backend/routers/stats.py", "@router.get"),
    ("unbound-role", "backend/routers/todos.py", '@router.delete("/todos/{todo_id}")'),
    ("open-cors", "backend/main.py", "app.add_middleware("),
    # What the models promise and the tables do not keep.
    ("length", "backend/models.py", "title: str = Field(max_length=200)"),
    ("length", "backend/models.py", "title: Optional[str] = None"),
    (
        "listed-values",
        "backend/models.py",
        'priority: Literal["low", "medium", "high", "urgent"] =',
    ),
    ("nullable-column", "backend/models.py", "description: str"),
    ("nullable-column", "backend/models.py", "completed: bool"),
    ("naive-time", "backend/models.py", "due_date: Optional[datetime] = None"),
    ("naive-time", "backend/models.py", "created_at: datetime"),
]
OPEN_TABLES = {
    ("table-without-rls", "public.predictions"),
    ("table-without-rls", "public.users"),
    ("table-without-rls", "public.sessions"),
    ("table-without-rls", "public.model_versions"),
    ("anonymous-grant", "public.todos"),
    ("grant-without-policy", "public.todos"),
}


def checked(folder: Path, *options: str) -> dict[str, Any]:
    backend = os.pathsep.join([str(folder / "backend"), os.environ.get("PYTHONPATH", "")])
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    answer = subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", "check", "--json", *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": backend},
        capture_output=True,
        text=True,
    )
    assert not answer.stderr, answer.stderr
    return {**json.loads(answer.stdout), "exit": answer.returncode}


def tie(file: Path, tables: Mapping[str, str]) -> None:
    """Declare the tables of the models in a file, each on the line above its class."""
    text = file.read_text()
    for model, declaration in tables.items():
        start = f"class {model}("
        assert text.count(start) == 1
        text = text.replace(start, f"{declaration}\n{start}")
    place = text.index("from pydantic")
    file.write_text(f"{text[:place]}from lockstitch import stored_in\n{text[place:]}")


@pytest.fixture(scope="module")
def old_fashioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old") / "project"
    shutil.copytree(OLD_FASHIONED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "main:app"\n')
    tie(folder / "backend" / "models.py", OLD_TABLES)
    return folder


@pytest.fixture(scope="module")
def report(old_fashioned: Path) -> dict[str, Any]:
    return checked(old_fashioned)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]} {fault[1]} {fault[2]}")
def test_a_fault_is_found_on_its_line(
    old_fashioned: Path, report: dict[str, Any], fault: tuple[str, str, str]
) -> None:
    rule, file, text = fault
    lines = (old_fashioned / file).read_text().splitlines()

    found = [
        one["place"]
        for one in report["report"]["findings"]
        if one["rule"] == rule and one["place"]["file"] == file
    ]

    shown = [lines[place["line"] - 1] if place["line"] else text for place in found]
    assert any(text in line for line in shown), shown


def test_what_the_database_leaves_open_is_found(report: dict[str, Any]) -> None:
    found = {
        (one["rule"], one["place"]["name"])
        for one in report["report"]["findings"]
        if one["place"]["file"] is None
    }

    assert found == OPEN_TABLES


def test_the_contract_of_another_time_is_told_path_by_path(report: dict[str, Any]) -> None:
    found = {
        one["place"]["pointer"]
        for one in report["report"]["findings"]
        if one["rule"] == "stale-contract"
    }

    assert {"/paths/~1tasks/get", "/paths/~1tasks/post", "/paths/~1todos/get"} <= found


def test_every_stage_of_the_old_twin_ran_and_the_check_fails(report: dict[str, Any]) -> None:
    states = {stage["name"]: stage["state"] for stage in report["stages"]}

    assert report["exit"] == 1
    assert {name for name, state in states.items() if state != "ran"} == {"base", "client"}


def test_the_corrected_twin_is_clean(tmp_path: Path) -> None:
    folder = complete_corrected(tmp_path / "corrected")
    (folder / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "team_todo.app:app"\n')
    for name, tables in CORRECTED_TABLES.items():
        tie(folder / "backend" / "team_todo" / name, tables)

    result = checked(folder, "--fail-on", "information")

    states = {stage["name"]: stage["state"] for stage in result["stages"]}
    assert result["report"]["findings"] == []
    assert result["exit"] == 0
    assert {name for name, state in states.items() if state != "ran"} == {"base"}
