"""The audit of two whole applications: the one with all faults, and the one with none."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from twins import OLD_FASHIONED, ROOT, complete_corrected

from lockstitch.audit import RULES, Audit, audit

FAULTS: list[dict[str, Any]] = [
    fault
    for fault in tomllib.loads((OLD_FASHIONED / "faults.toml").read_text())["fault"]
    if "audit" in fault
]
ABOUT_COMMENTS = {"suppression-without-reason", "unused-suppression"}


@pytest.fixture(scope="module")
def old_fashioned() -> Audit:
    return audit(OLD_FASHIONED)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["what"])
def test_fault_of_the_old_fashioned_twin_is_found(
    old_fashioned: Audit, fault: dict[str, Any]
) -> None:
    lines = (OLD_FASHIONED / fault["file"]).read_text().splitlines()
    numbers = {number for number, line in enumerate(lines, 1) if line.strip() == fault["line"]}
    found = {
        finding.place.line
        for finding in old_fashioned.report.findings
        if finding.rule == fault["audit"] and finding.place.file == fault["file"]
    }

    assert numbers, "the fault is not in the file"
    assert found & numbers


def test_the_old_fashioned_twin_breaks_every_rule() -> None:
    rules = {rule.id for rule in RULES} - ABOUT_COMMENTS

    assert rules == {fault["audit"] for fault in FAULTS}


def test_nothing_is_found_in_the_corrected_twin(tmp_path: Path) -> None:
    result = audit(complete_corrected(tmp_path / "corrected"))

    assert result.files > 60
    assert result.report.findings == ()


@pytest.mark.parametrize("folder", ["src", "examples", "ts", "scripts", "benchmarks"])
def test_nothing_is_found_in_this_repository(folder: str) -> None:
    assert audit(ROOT / folder).report.findings == ()
