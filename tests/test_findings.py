"""Findings and the exit code that they lead to."""

import pytest

from lockstitch.findings import Finding, Report, Severity


def finding(severity: Severity, place: str = "a.py:1") -> Finding:
    return Finding(rule="rule", severity=severity, place=place, message="What.", fix="Do.")


@pytest.mark.parametrize(
    ("found", "fail_on", "code"),
    [
        ([], "information", 0),
        (["warning"], "error", 0),
        (["warning"], "warning", 1),
        (["information", "error"], "error", 1),
    ],
)
def test_the_exit_code_is_1_at_or_above_the_threshold(
    found: list[Severity], fail_on: Severity, code: int
) -> None:
    assert Report.of(map(finding, found)).exit_code(fail_on) == code


def test_a_report_lists_the_worst_first_and_then_by_place() -> None:
    report = Report.of(
        [finding("warning", "b"), finding("error", "c"), finding("warning", "a")],
    )

    assert [found.place for found in report.findings] == ["c", "a", "b"]
    assert report.as_text().startswith("c: error rule: What.\n    Do.")


def test_a_clean_report_says_so() -> None:
    assert Report().as_text() == "Nothing found."
