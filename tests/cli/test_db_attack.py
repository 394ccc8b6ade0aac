"""`lockstitch db attack` as a program."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

OPEN = """
create table public.notes (organisation_id uuid references public.organisations);
grant all on public.notes to anon;
"""


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", "db", "attack", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_leak_is_named_in_every_format_and_can_be_accepted(
    tmp_path: Path, owner_dsn: str
) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(OPEN)
    target = ("--dsn", owner_dsn)

    text = run(tmp_path, *target)
    assert text.returncode == 1, text.stderr
    assert "public.notes: error isolation-select: Anybody, without signing in, sees" in text.stdout
    assert json.loads(run(tmp_path, *target, "--json").stdout)["report"]["findings"]
    log = json.loads(run(tmp_path, *target, "--sarif").stdout)
    assert "isolation-delete" in {one["ruleId"] for one in log["runs"][0]["results"]}
    assert "| error | public.notes |" in run(tmp_path, *target, "--markdown").stdout

    run(tmp_path, *target, "--accept", "A public board.", "--until", "2999-01-01")
    accepted = run(tmp_path, *target)
    assert (accepted.returncode, "accepted by the baseline" in accepted.stdout) == (0, True)


def test_a_project_without_a_database_is_attacked_on_a_throw_away_one(tmp_path: Path) -> None:
    migrations = tmp_path / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "20260101000000_notes.sql").write_text(
        "create table public.notes (user_id uuid primary key references auth.users);"
    )

    answer = run(tmp_path)

    assert answer.returncode == 1, answer.stderr
    assert "isolation-delete" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--dsn", "postgresql://nobody@127.0.0.1:1/none"), "cannot be reached"),
        (("--tenants", "public.nothing"), "has no table public.nothing"),
        (("--accept", "Because."), "belong together"),
    ],
)
def test_what_cannot_run_says_why(
    tmp_path: Path, owner_dsn: str, arguments: tuple[str, ...], sentence: str
) -> None:
    target = () if "--dsn" in arguments else ("--dsn", owner_dsn)

    answer = run(tmp_path, *target, *arguments)

    assert (answer.returncode, sentence in answer.stderr) == (2, True)
