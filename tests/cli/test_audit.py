"""`lockstitch audit` as a program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = {
    "api.ts": "export const load = () => fetch('/todos')\n",
    "app.py": "import requests\nrequests.get(url)\nprint('password', password)\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.lockstitch]\n")
    return tmp_path


def audit(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", "audit", *arguments],
        cwd=project,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_findings_stand_with_their_place_and_fix(project: Path) -> None:
    result = audit(project)

    assert result.returncode == 1
    assert "app.py:3:1: error sensitive-data: password is written to the log." in result.stdout
    assert "api.ts:1:27: warning missing-timeout:" in result.stdout
    assert "    Pass signal: AbortSignal.timeout(10_000)." in result.stdout
    assert result.stdout.endswith("1 error, 2 warnings, 1 information.\n")


def test_exit_code_follows_the_threshold(project: Path) -> None:
    (project / "app.py").unlink()

    assert audit(project).returncode == 0
    assert audit(project, "--fail-on", "warning").returncode == 1


def test_json_names_rule_and_place(project: Path) -> None:
    result = json.loads(audit(project, "--json").stdout)

    (error,) = [one for one in result["report"]["findings"] if one["severity"] == "error"]
    assert error["rule"] == "sensitive-data"
    assert error["place"]["line"] == 3
    assert result["files"] == 2


def test_sarif_lists_all_rules(project: Path) -> None:
    (run,) = json.loads(audit(project, "--sarif").stdout)["runs"]

    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {"sensitive-data", "race-condition", "unused-suppression"} <= rules
    assert {one["ruleId"] for one in run["results"]} <= rules


def test_markdown_is_for_a_pull_request(project: Path) -> None:
    assert audit(project, "--markdown").stdout.startswith("#")


def test_what_the_baseline_accepts_is_not_told_again(project: Path) -> None:
    accepted = audit(project, "--accept", "Known since the start.", "--until", "2999-01-31")
    again = audit(project)

    assert accepted.returncode == 0
    assert again.returncode == 0
    assert "Nothing found. 4 accepted by the baseline." in again.stdout


def test_one_file_can_be_audited(project: Path) -> None:
    result = audit(project, "api.ts")

    assert result.returncode == 0
    assert "app.py" not in result.stdout


def test_folder_that_is_not_there_is_refused(project: Path) -> None:
    assert audit(project, "nowhere").returncode == 2
