"""`lockstitch verify` on services with planted faults, and on the examples."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from faulty_application import FAULTS
from trained import trained_sentiment

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


def library(faults: list[str], *arguments: str) -> dict[str, Any]:
    names = ",".join(faults)
    return verified("faulty_application:app", *arguments, LIBRARY_FAULTS=names)


def test_every_planted_fault_is_found_within_20_seconds() -> None:
    started = time.monotonic()

    result = library(EVERY_FAULT)

    assert found_in(result) == set(FAULTS.values())
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("faults", [[], EVERY_FAULT[::2], EVERY_FAULT[1::2]], ids=len)
def test_a_mended_fault_is_not_reported(faults: list[str]) -> None:
    result = library(faults)

    assert found_in(result) == {FAULTS[fault] for fault in faults}
    assert result["complete"]
    assert not result["skipped"]


def test_the_same_seed_finds_the_same_with_the_same_requests() -> None:
    runs = [library(["division-by-zero", "long-title"], "--seed", "7") for _ in range(2)]

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
        "examples.sentiment.app:app", folder=REPOSITORY, LOCKSTITCH_DATA=str(tmp_path)
    )

    assert result["report"]["findings"] == []
    assert result["unreached"] == ["create_session"]
    assert result["requests"] > 300
