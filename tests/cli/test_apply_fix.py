"""`lockstitch diff` between a committed contract and the application, with the fixes written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """\
from pydantic import BaseModel, Field

from lockstitch import stored_in


@stored_in("public.tasks")
class Task(BaseModel):
    title: str
    due: str = Field(max_length=10)
"""
APPLICATION = """\
from fastapi import FastAPI

from models import Task

app = FastAPI()


@app.get("/tasks")
def list_tasks() -> list[Task]:
    return [Task(title="Write", due="today")]
"""
PROJECT = '[tool.lockstitch]\napplication = "app:app"\nmigrations = "sql"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose contract is committed with the source that it was exported from."""
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "20260101000000_tasks.sql").write_text("create table public.tasks();\n")
    code = "import json, app; print(json.dumps(app.app.openapi()))"
    exported = run_python(tmp_path, "-c", code).stdout
    (tmp_path / "openapi.json").write_text(exported)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "Base")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


def diff(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python(folder, "-m", "lockstitch.cli.main", "diff", *arguments)


def rename(project: Path) -> None:
    for name in ("models.py", "app.py"):
        path = project / name
        path.write_text(path.read_text().replace("due", "due_on"))


@pytest.mark.parametrize("base", ["openapi.json", "git:HEAD:openapi.json"])
def test_the_fix_of_a_renamed_field_is_shown_and_written(project: Path, base: str) -> None:
    rename(project)

    shown = diff(project, base, "app:app")
    assert shown.returncode == 1, shown.stderr
    assert "models.py:7" in shown.stdout
    assert "`--apply-fix` writes it." in shown.stdout
    assert git(project, "status", "--porcelain") == " M app.py\n M models.py\n"

    written = diff(project, base, "app:app", "--apply-fix")
    assert written.returncode == 0, written.stdout + written.stderr
    assert "for 1 breaking changes" in written.stdout
    assert (
        "def due(self) -> Annotated[str, Field(max_length=10)]:"
        in (project / "models.py").read_text()
    )
    migration = (project / "sql" / "20260101000001_expand_tasks_due_on.sql").read_text()
    assert "add column if not exists due_on" in migration

    again = diff(project, base, "app:app")
    assert again.returncode == 0, again.stdout


def test_a_removed_field_comes_back_with_the_annotation_that_git_remembers(project: Path) -> None:
    models, app = project / "models.py", project / "app.py"
    models.write_text(models.read_text().replace("    due: str = Field(max_length=10)\n", ""))
    app.write_text(app.read_text().replace(', due="today"', ""))

    assert diff(project, "openapi.json", "app:app", "--apply-fix").returncode == 0

    assert 'Task(title="Write", due="today")' in app.read_text()
    assert "due: Annotated[str, Field(max_length=10)] = Field(deprecated=True)" in (
        models.read_text()
    )


def test_the_patch_in_the_json_is_one_that_git_applies(project: Path) -> None:
    rename(project)

    told = json.loads(diff(project, "openapi.json", "app:app", "--json").stdout)

    (change,) = [one for one in told["report"]["findings"] if one["severity"] == "error"]
    assert change["source"] == {
        "file": "models.py", "line": 7, "column": None, "pointer": None, "name": "Task",
    }  # fmt: skip
    assert change["patch"]["kinds"] == ["old-name-kept"]
    assert change["patch"]["migrations"][0]["contract"].endswith("drop column due;\n")
    (project / "fix.patch").write_text(change["patch"]["patch"])
    git(project, "apply", "fix.patch")
    assert diff(project, "openapi.json", "app:app").returncode == 0


def test_two_applications_of_one_folder_are_compared_with_fixes(project: Path) -> None:
    (project / "old.py").write_text(git(project, "show", "HEAD:app.py"))
    after = '@app.get("/jobs")'
    (project / "app.py").write_text(APPLICATION.replace('@app.get("/tasks")', after))

    written = diff(project, "old:app", "app:app", "--apply-fix")

    assert written.returncode == 0, written.stdout + written.stderr
    assert (
        '@app.get("/tasks", deprecated=True)\n@app.get("/jobs")' in (project / "app.py").read_text()
    )


def test_only_an_application_can_be_fixed(project: Path) -> None:
    refused = diff(project, "app:app", "openapi.json", "--apply-fix")

    assert refused.returncode == 2
    assert "give module:app as REVISION" in refused.stderr


def test_without_the_source_of_the_base_there_are_fixes_all_the_same(project: Path) -> None:
    (project / "elsewhere.json").write_text((project / "openapi.json").read_text())
    rename(project)

    assert diff(project, "elsewhere.json", "app:app", "--apply-fix").returncode == 0
