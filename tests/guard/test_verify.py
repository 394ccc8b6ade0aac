"""`lockstitch verify` on services with planted faults, and on the examples."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from faulty_application import FAULTS, library
from service_thread import serving
from trained import trained_sentiment

from lockstitch.cli.verify import verify
from lockstitch.guard.verify.rules import RULES

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
EVERY_FAULT = list(FAULTS)


def run_verify(
    *arguments: str, folder: Path = HERE, **environment: str
) -> "subprocess.CompletedProcess[str]":
    paths = os.pathsep.join([*map(str, (folder, REPOSITORY)), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", "verify", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def verified(*arguments: str, **choices: Any) -> dict[str, Any]:
    answer = run_verify(*arguments, "--json", **choices)
    assert answer.returncode in {0, 1}, answer.stderr
    result: dict[str, Any] = json.loads(answer.stdout)
    assert answer.returncode == bool(result["report"]["findings"])
    return result


def found_in(result: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["rule"], one["operation"]) for one in result["report"]["findings"]}


def library_with(faults: list[str], *arguments: str) -> dict[str, Any]:
    names = ",".join(faults)
    return verified("faulty_application:app", *arguments, LIBRARY_FAULTS=names)


def test_every_planted_fault_is_found() -> None:
    assert found_in(library_with(EVERY_FAULT)) == set(FAULTS.values())


@pytest.mark.parametrize("faults", [[], EVERY_FAULT[::2], EVERY_FAULT[1::2]], ids=len)
def test_a_mended_fault_is_not_reported(faults: list[str]) -> None:
    result = library_with(faults)

    assert found_in(result) == {FAULTS[fault] for fault in faults}
    assert result["complete"]
    assert not result["skipped"]


def test_the_same_seed_finds_the_same_with_the_same_requests() -> None:
    runs = [library_with(["division-by-zero", "long-title"], "--seed", "7") for _ in range(2)]

    shown = [
        [(one["fingerprint"], one["requests"]) for one in run["report"]["findings"]] for run in runs
    ]
    assert shown[0] == shown[1]
    assert runs[0]["requests"] == runs[1]["requests"]


def test_nothing_is_found_in_the_nextjs_example() -> None:
    result = verified("service:app", folder=REPOSITORY / "ts" / "nextjs-example")

    assert result["report"]["findings"] == []
    assert result["reached"] == result["operations"] > 0


def test_nothing_is_found_in_the_sentiment_example(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "artefacts").symlink_to(trained_sentiment(request.config.cache))

    result = verified(
        "examples.sentiment.app:app",
        "--examples",
        "4",
        folder=REPOSITORY,
        LOCKSTITCH_DATA=str(tmp_path),
    )

    assert result["report"]["findings"] == []
    # The others need a password, an invitation or a colleague.
    # The others need a letter, a provider of sign-ins, or two people.
    assert result["reached"] >= 0.5 * result["operations"]
    assert result["requests"] > 300


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere:app",), "There is no module 'nowhere'"),
        (("not a service",), "neither a URL nor module:app"),
        (("http://127.0.0.1:9/openapi.json",), "cannot be fetched"),
        (("faulty_application:app", "--header", "no colon"), "is not 'Name: value'"),
    ],
)
def test_what_cannot_be_verified_is_said_in_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    answer = run_verify(*arguments)

    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("moment", ["import", "start-up"])
def test_an_application_that_fails_says_why(moment: str, tmp_path: Path) -> None:
    program = "raise RuntimeError('no key')"
    if moment == "start-up":
        program = (
            "from fastapi import FastAPI\n"
            "async def fail(app):\n    raise RuntimeError('no key')\n    yield\n"
            "app = FastAPI(lifespan=fail)"
        )
    (tmp_path / "broken.py").write_text(program)

    answer = run_verify("broken:app", folder=tmp_path)

    assert answer.returncode == 2
    assert "RuntimeError: no key" in answer.stderr


def test_without_the_extra_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['schemathesis'] = None\n"
        "sys.argv[1:] = ['verify', 'http://127.0.0.1:9']\n"
        "from lockstitch.cli.main import run; run()"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert answer.returncode == 2
    assert "pip install 'lockstitch[verify]'" in answer.stderr


def test_a_failure_is_told_with_its_cause() -> None:
    result = library_with(["division-by-zero"], "--examples", "5")

    (finding,) = result["report"]["findings"]
    assert "ZeroDivisionError: division by zero (faulty_application.py, line " in finding["message"]
    assert finding["requests"] == ["curl -i 'http://127.0.0.1:8000/pace?pages=1&days=0'"]


def test_a_running_service_is_held_against_another_document(tmp_path: Path) -> None:
    app = library(frozenset())
    contract = deepcopy(app.openapi())
    contract["paths"]["/motto"]["get"]["responses"]["200"]["content"] = {"application/json": {}}
    contract["paths"] = {"/motto": contract["paths"]["/motto"]}
    committed = tmp_path / "openapi.json"
    committed.write_text(json.dumps(contract))

    with serving(app) as url:
        own = verified(url)
        other = verified(url, "--contract", str(committed))

    assert found_in(own) == set()
    assert own["operations"] == len(FAULTS) + 5
    assert found_in(other) == {("response-media-type", "GET /motto")}


def test_every_rule_and_flag_is_documented() -> None:
    page = (REPOSITORY / "docs" / "guard" / "verify.md").read_text()
    flags = {f"--{name.replace('_', '-')}" for name in verify.__annotations__}
    flags -= {"--service", "--return", "--accept", "--until"}

    assert {rule.id for rule in RULES if f"`{rule.id}`" not in page} == set()
    assert {flag for flag in flags if flag not in page} == set()
