"""`lockstitch check` in projects on disk: each stage by itself, all of them in one report."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LEDGER = Path(__file__).parent / "ledger"
STAGES = ["document", "base", "client", "tables", "policies"]

Check = Callable[..., "subprocess.CompletedProcess[str]"]


def lockstitch(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if "LOCKSTITCH" not in name}
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def checked(folder: Path, *arguments: str) -> dict[str, Any]:
    answer = lockstitch(folder, "check", "--json", *arguments)
    result: dict[str, Any] = json.loads(answer.stdout)
    return {**result, "exit": answer.returncode, "said": answer.stderr}


def states(result: dict[str, Any]) -> dict[str, str]:
    return {stage["name"]: stage["state"] for stage in result["stages"]}


def told(result: dict[str, Any]) -> set[tuple[str, str | None, str | None]]:
    return {
        (one["rule"], one["place"]["file"], one["place"]["pointer"])
        for one in result["report"]["findings"]
    }


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger as a whole project: its contract committed, its client generated."""
    folder = tmp_path_factory.mktemp("complete") / "ledger"
    shutil.copytree(LEDGER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "app:app"\n')
    program = "import json, app; print(json.dumps(app.app.openapi(), indent=1))"
    contract = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    (folder / "openapi.json").write_text(contract.stdout)
    made = lockstitch(
        folder, "generate", "openapi.json", "-o", "web/src/api", "--only", "operations"
    )
    assert made.returncode == 0, made.stderr
    (folder / "web" / "package.json").write_text('{"name": "web"}\n')
    first = checked(folder)
    assert (first["exit"], first["report"]["findings"]) == (0, []), first
    return folder


@pytest.fixture
def project(complete: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    folder = tmp_path / "ledger"
    shutil.copytree(complete, folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_clean_project_has_no_finding_and_says_what_is_not_there(project: Path) -> None:
    result = checked(project)

    assert result["exit"] == 0
    assert result["report"]["findings"] == []
    assert {name for name, state in states(result).items() if state == "ran"} >= {
        "document",
        "client",
        "tables",
        "policies",
    }
    base = next(stage for stage in result["stages"] if stage["name"] == "base")
    assert (base["state"], "--base" in base["reason"]) == ("not here", True)
    assert all(stage["seconds"] >= 0 for stage in result["stages"])


def test_the_sentiment_example_is_clean() -> None:
    result = checked(ROOT)

    assert result["report"]["findings"] == []
    assert result["exit"] == 0


def test_a_contract_that_is_not_the_applications_is_told_at_its_pointer(project: Path) -> None:
    change(project / "openapi.json", '"/rates"', '"/rate"')

    result = checked(project, "--only", "document")

    assert told(result) == {
        ("stale-contract", "openapi.json", "/paths/~1rate/get"),
        ("stale-contract", "openapi.json", "/paths/~1rates/get"),
    }
    assert result["exit"] == 1


def test_a_contract_that_differs_in_a_schema_is_told_at_its_pointer(project: Path) -> None:
    change(project / "openapi.json", '"title": "Ledger"', '"title": "Ledgers"')

    result = checked(project, "--only", "document")

    assert told(result) == {("stale-contract", "openapi.json", "/info/title")}


def test_a_contract_that_is_not_committed_is_told(project: Path) -> None:
    (project / "openapi.json").unlink()

    assert told(checked(project, "--only", "document")) == {
        ("stale-contract", "openapi.json", None)
    }


def test_a_field_that_is_renamed_everywhere_but_in_the_client_is_told(project: Path) -> None:
    change(project / "openapi.json", '"billable"', '"chargeable"')

    found = told(checked(project, "--only", "client"))

    assert ("stale-file", "web/src/api/decode.ts", None) in found
    assert ("stale-file", "web/src/api/types.ts", None) in found


def test_a_client_that_was_changed_by_hand_is_told(project: Path) -> None:
    change(project / "web/src/api/types.ts", "export", "/* mine */ export")

    assert told(checked(project, "--only", "client")) == {
        ("changed-file", "web/src/api/types.ts", None)
    }


def test_a_client_whose_lock_does_not_say_how_it_was_made_is_told(project: Path) -> None:
    lock = project / "web/src/api/lockstitch.lock.json"
    kept = json.loads(lock.read_text())
    del kept["made"]
    lock.write_text(json.dumps(kept))

    assert told(checked(project, "--only", "client")) == {
        ("unrecorded-client", "web/src/api", None)
    }


def test_a_breaking_change_since_the_base_is_told(project: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    shutil.copy(project / "openapi.json", base)
    change(base, '"/rates"', '"/exchange-rates"')

    result = checked(project, "--only", "base", "--base", str(base))

    assert result["exit"] == 1
    assert any("exchange-rates" in json.dumps(one) for one in result["report"]["findings"])


def test_a_breaking_change_names_the_code_that_it_hits(project: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    shutil.copy(project / "openapi.json", base)
    change(base, '"rate"', '"factor"')
    page = "export const load = async () => (await (await fetch('/rates')).json())[0].factor\n"
    (project / "web/src/page.ts").write_text(page)

    result = checked(project, "--only", "base", "--base", str(base))

    sites = [site for one in result["report"]["findings"] for site in one["call_sites"]]
    assert ("web/src/page.ts", 1) in {(site["file"], site["line"]) for site in sites}


def test_a_drift_of_the_database_is_told_at_the_line_of_the_field(project: Path) -> None:
    migration = project / "supabase/migrations/20260102000000_rename.sql"
    migration.write_text("alter table expenses rename title to heading;\n")

    result = checked(project)

    assert ("unknown-column", "app.py", None) in told(result)
    assert result["exit"] == 1


@pytest.mark.parametrize(
    ("assigned", "expected"), [("number", set()), ("title", {("unfilled-column", "app.py", None)})]
)
def test_a_column_that_a_trigger_fills_may_be_left_out(
    project: Path, assigned: str, expected: set[tuple[str, str, None]]
) -> None:
    migration = project / "supabase/migrations/20260102000000_number.sql"
    migration.write_text(
        "alter table expenses add number text not null;\n"
        "create function numbered() returns trigger language plpgsql as $$ begin\n"
        f"new.{assigned} := 'none'; return new; end $$;\n"
        "create trigger numbered before insert or update on expenses\n"
        "for each row execute function numbered();\n"
    )

    found = told(checked(project, "--only", "tables"))

    assert {one for one in found if one[0] == "unfilled-column"} == expected


def test_a_database_of_its_own_is_read_instead_of_the_migrations(
    project: Path, owner_dsn: str
) -> None:
    result = checked(project, "--only", "tables", "--dsn", owner_dsn)

    assert {one["rule"] for one in result["report"]["findings"]} == {"unknown-table"}


def test_a_stage_that_cannot_run_is_loud_and_stops_no_other(project: Path) -> None:
    (project / "supabase/migrations/20260102000000_broken.sql").write_text("create nonsense;\n")

    result = checked(project)

    assert result["exit"] == 2
    found = states(result)
    assert (found["tables"], found["policies"]) == ("failed", "failed")
    assert (found["document"], found["client"]) == ("ran", "ran")
    assert "stage tables could not run" in result["said"]
    assert "20260102000000_broken.sql, line 1" in result["said"]


def test_an_application_that_cannot_be_imported_fails_its_stages(project: Path) -> None:
    (project / "app.py").write_text("import nowhere_to_be_found\n")

    result = checked(project)

    assert result["exit"] == 2
    assert states(result)["document"] == "failed"
    assert states(result)["client"] == "ran"
    assert "nowhere_to_be_found" in result["said"]


def test_an_application_in_a_folder_of_its_own_is_told_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "backend" / "shop").mkdir(parents=True)
    (tmp_path / "backend" / "shop" / "main.py").write_text("")
    (tmp_path / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "shop.main:app"\n')

    result = checked(tmp_path, "--only", "document")

    assert result["exit"] == 2
    assert f"backend has one: set PYTHONPATH={tmp_path / 'backend'}." in result["said"]


def test_a_project_without_parts_says_so(tmp_path: Path) -> None:
    result = checked(tmp_path)

    assert result["exit"] == 0
    reasons = {stage["name"]: stage["reason"] for stage in result["stages"]}
    assert "no application" in reasons["document"]
    assert "no generated client" in reasons["client"]


def test_stages_are_chosen_by_name(project: Path) -> None:
    only = checked(project, "--only", "client", "--only", "document")
    skipped = checked(project, "--skip", "tables")
    wrong = lockstitch(project, "check", "--only", "tabels")

    assert {name for name, state in states(only).items() if state == "ran"} == {
        "client",
        "document",
    }
    assert states(skipped)["tables"] == "skipped"
    assert (wrong.returncode, "no stage 'tabels'" in wrong.stderr) == (2, True)


def test_the_report_is_sarif_and_markdown_too(project: Path) -> None:
    change(project / "app.py", "    billable: bool\n", "    billable: str\n")

    sarif = json.loads(lockstitch(project, "check", "--sarif").stdout)
    markdown = lockstitch(project, "check", "--markdown").stdout

    results = sarif["runs"][0]["results"]
    assert {one["ruleId"] for one in results} >= {"column-type", "stale-contract"}
    known = {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in results} <= known
    assert "| error | app.py:" in markdown.replace("\\", "")


def test_a_finding_that_is_accepted_is_silent_until_its_day(project: Path) -> None:
    change(project / "app.py", "    company_id: UUID\n", "    company_id: str\n")
    contract = ["--skip", "document", "--skip", "client"]
    assert checked(project, *contract, "--fail-on", "warning")["exit"] == 1

    lockstitch(project, "check", *contract, "--accept", "An old client.", "--until", "2099-01-01")
    result = checked(project, *contract, "--fail-on", "warning")

    assert (result["exit"], len(result["report"]["accepted"])) == (0, 1)
