"""What the GitHub Action and the pre-commit hooks run, run here."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockstitch.cli.main import VERBS

ROOT = Path(__file__).parents[2]
EXPORT = (sys.executable, "-m", "lockstitch.cli.main", "export")
APPLICATION = """
from fastapi import FastAPI

app = FastAPI(title="Small")

@app.get("/models")
def list_models() -> list[str]: ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose branch has drifted: the contract is stale, and an operation is gone."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    (origin / "app.py").write_text(APPLICATION)
    (origin / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "app:app"\n')
    run(origin, *EXPORT)
    git(origin, "init", "--quiet", "--initial-branch=main")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message=first")
    git(tmp_path, "clone", "--quiet", f"file://{origin}", "clone")
    (clone / "app.py").write_text(APPLICATION.replace('"/models"', '"/labels"'))
    return clone


def run(folder: Path, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if "LOCKSTITCH" not in name}
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, **environment},
        capture_output=True,
        text=True,
    )


def git(folder: Path, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com"}
    who |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
    answer = run(folder, "git", *arguments, **who)
    assert answer.returncode == 0, answer.stderr


def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return read


def act(project: Path, tmp_path: Path, **given: str) -> dict[str, str]:
    """Run the step `check` as the runner does; return what it leaves behind."""
    (step,) = [one for one in action()["runs"]["steps"] if one.get("id") == "check"]
    defaults = dict.fromkeys(step["env"], "") | {"FAIL_ON": "error", "CONTRACT": "openapi.json"}
    files = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output", "SARIF": "sarif.json"}
    paths = {name: str(tmp_path / file) for name, file in files.items()}
    variables = {**defaults, **paths, "ACTION_PATH": str(ROOT), **given}
    answer = run(project, "bash", "-euo", "pipefail", "-c", step["run"], **variables)
    assert answer.returncode == 0, answer.stderr
    left = {name: Path(path).read_text() for name, path in paths.items()}
    return {**left, "log": answer.stdout}


def test_a_pull_request_is_compared_with_its_target(project: Path, tmp_path: Path) -> None:
    left = act(project, tmp_path, TARGET_BRANCH="main")

    assert left["GITHUB_OUTPUT"] == "status=1\n"
    assert "stale-contract" in left["log"]
    assert "### lockstitch check" in left["GITHUB_STEP_SUMMARY"]
    rules = {one["ruleId"] for one in json.loads(left["SARIF"])["runs"][0]["results"]}
    assert "stale-contract" in rules
    assert any("removed" in rule for rule in rules), rules


def test_a_push_is_checked_without_a_base(project: Path, tmp_path: Path) -> None:
    run(project, *EXPORT)

    left = act(project, tmp_path, OPTIONS="--skip\nclient\n")

    assert left["GITHUB_OUTPUT"] == "status=0\n"
    assert "base revision and contract: not here" in left["log"]


def test_the_action_installs_what_it_is_told(project: Path, tmp_path: Path) -> None:
    variables = {"ACTION_PATH": str(ROOT), "PACKAGE": "", "INSTALL": "echo installed > here"}
    (step,) = [one for one in action()["runs"]["steps"] if "install" in one.get("run", "")]

    answer = run(project, "bash", "-c", step["run"], **variables)

    assert (answer.returncode, (project / "here").read_text()) == (0, "installed\n")


def test_every_input_of_the_action_is_used() -> None:
    text = (ROOT / "action.yml").read_text()

    assert all(f"inputs.{name}" in text for name in action()["inputs"])


@pytest.mark.parametrize(
    "hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()), ids=lambda one: one["id"]
)
def test_a_hook_refuses_what_has_drifted(project: Path, hook: dict[str, Any]) -> None:
    command = shlex.split(hook["entry"])

    assert command[1] in VERBS
    assert run(project, *command).returncode == 1
    run(project, *EXPORT)
    assert run(project, *command).returncode == 0
