"""`lockstitch diff` as a program."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

APPLICATION = """
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Small")

class Thing(BaseModel):
    name: str
    size: {size}

@app.post("/things")
async def make_thing(thing: Thing) -> Thing: ...
"""


def application(folder: Path, name: str, size: str) -> None:
    (folder / f"{name}.py").write_text(APPLICATION.format(size=size))


def lockstitch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two applications and their documents."""
    folder = tmp_path_factory.mktemp("exported")
    application(folder, "old", "int | None = None")
    application(folder, "new", "int")
    for name in ("old", "new"):
        program = f"import json, {name}; print(json.dumps({name}.app.openapi()))"
        found = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
        )
        (folder / f"{name}.json").write_text(found.stdout)
    return folder


@pytest.fixture
def project(exported: Path, tmp_path: Path) -> Path:
    for path in exported.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_a_breaking_change_is_told_with_an_example_and_ends_with_1(project: Path) -> None:
    found = lockstitch(project, "diff", "old.json", "new.json")

    assert found.returncode == 1, found.stderr
    assert "Recommended version: major." in found.stdout
    assert "request-became-required" in found.stdout
    assert "The base accepts, the revision refuses" in found.stdout
    assert "new.json#/components/schemas/Thing/properties/size" in found.stdout


def test_two_applications_are_compared_like_their_documents(project: Path) -> None:
    files = lockstitch(project, "diff", "old.json", "new.json", "--json")
    applications = lockstitch(project, "diff", "old:app", "new:app", "--json")

    assert applications.returncode == files.returncode == 1
    assert rules(applications.stdout) == rules(files.stdout)


def rules(text: str) -> list[str]:
    found: dict[str, Any] = json.loads(text)
    return [one["rule"] for one in found["report"]["findings"]]


def test_what_widens_a_request_and_narrows_a_response_breaks_nobody(project: Path) -> None:
    application(project, "wide", "int | str")
    found = lockstitch(project, "diff", "new:app", "new:app")

    assert found.returncode == 0
    assert "Recommended version: none." in found.stdout
    assert "response" in lockstitch(project, "diff", "new:app", "wide:app").stdout


def test_json_has_every_member_of_a_change(project: Path) -> None:
    found = json.loads(lockstitch(project, "diff", "old.json", "new.json", "--json").stdout)
    change = next(
        one for one in found["report"]["findings"] if one["rule"] == "request-became-required"
    )

    assert found["version"] == "major"
    assert (change["method"], change["path"]) == ("POST", "/things")
    assert change["member"] == ["size"]
    assert change["witness"]["accepted_by"] == "base"
    assert "size" not in change["witness"]["value"]
    assert change["place"]["file"] == "new.json"


def test_sarif_and_markdown(project: Path) -> None:
    sarif = json.loads(lockstitch(project, "diff", "old.json", "new.json", "--sarif").stdout)
    markdown = lockstitch(project, "diff", "old.json", "new.json", "--markdown").stdout

    results = sarif["runs"][0]["results"]
    assert "request-became-required" in {one["ruleId"] for one in results}
    assert "request-became-required" in markdown


def test_a_policy_file_and_fail_on_decide_what_ends_with_1(project: Path) -> None:
    rules = ("request-became-required", "request-became-not-nullable")
    (project / "mild.toml").write_text("".join(f'{rule} = "warning"\n' for rule in rules))
    arguments = ["diff", "old.json", "new.json", "--policy", "mild.toml"]

    assert lockstitch(project, *arguments).returncode == 0
    assert lockstitch(project, *arguments, "--fail-on", "warning").returncode == 1


def test_a_baseline_accepts_what_is_known(project: Path) -> None:
    arguments = ["diff", "old.json", "new.json"]
    accepted = lockstitch(project, *arguments, "--accept", "Announced.", "--until", "2099-01-01")
    again = lockstitch(project, *arguments)

    assert accepted.returncode == 0, accepted.stderr
    assert again.returncode == 0
    assert "accepted by the baseline" in again.stdout


def test_a_document_that_is_not_there_ends_with_2(project: Path) -> None:
    found = lockstitch(project, "diff", "old.json", "nowhere.json")

    assert found.returncode == 2
    assert "nowhere.json cannot be read" in found.stderr
    assert found.stdout == ""


PAGE = """
export async function Sizes() {
  const thing = await (await fetch('/things', { method: 'POST', body: '{}' })).json()
  return thing.name + thing.size
}
"""


def test_the_lines_of_the_front_end_that_are_hit_are_told(project: Path) -> None:
    (project / "web").mkdir()
    (project / "web" / "package.json").write_text("{}")
    (project / "web" / "page.ts").write_text(PAGE)
    (project / "pyproject.toml").write_text('[tool.lockstitch]\nsources = ["web"]\n')
    text = (project / "new.json").read_text().replace('"size"', '"weight"')
    (project / "renamed.json").write_text(text)

    told = lockstitch(project, "diff", "new.json", "renamed.json")
    found = json.loads(lockstitch(project, "diff", "new.json", "renamed.json", "--json").stdout)
    markdown = lockstitch(project, "diff", "new.json", "renamed.json", "--markdown").stdout

    sites = [site for one in found["report"]["findings"] for site in one["call_sites"]]
    assert {(site["file"], site["line"]) for site in sites} == {
        ("web/page.ts", 4),
        ("web/page.ts", 3),
    }
    assert "see web/page.ts:4:" in told.stdout
    assert "Recommended version: major." in markdown
    assert "<br>web/page.ts:4:" in markdown
