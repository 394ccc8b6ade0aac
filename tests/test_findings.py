"""Findings, the exit code that they lead to, and the formats in which they are told."""

import json
from datetime import date
from pathlib import Path

import pytest
from sarif_pydantic import Sarif

from lockstitch.errors import ConfigurationError
from lockstitch.findings import Baseline, Finding, Place, Report, Rule, Severity

TODAY = date(2026, 6, 1)
LATER = date(2026, 7, 1)
RULES = [Rule("rule", "What the rule is about.", "Why it matters.")]


def finding(severity: Severity, place: str | Place = "a.py", subject: str = "") -> Finding:
    return Finding(
        rule="rule", severity=severity, place=place, message="What.", fix="Do.", subject=subject
    )


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


def test_a_report_lists_the_worst_first_and_then_by_place_and_line() -> None:
    lines = [finding("warning", Place(file="a", line=line)) for line in (10, 9)]
    report = Report.of([finding("warning", "b"), finding("error", "c"), *lines])

    assert [str(found.place) for found in report.findings] == ["c", "a:9", "a:10", "b"]
    assert report.as_text().startswith("c: error rule: What.\n    Do.")
    assert report.as_text().endswith("1 error, 3 warnings.")


def test_a_clean_report_says_so() -> None:
    assert Report().as_text() == "Nothing found."


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(file="src/a.ts", line=3, column=7), "src/a.ts:3:7"),
        (Place(file="openapi.json", pointer="/paths/~1a"), "openapi.json#/paths/~1a"),
        (Place(pointer="#/paths/~1a"), "#/paths/~1a"),
        (Place(name="public.tasks.due_date"), "public.tasks.due_date"),
    ],
)
def test_a_place_reads_as_people_write_it(place: Place, text: str) -> None:
    assert str(place) == text


def test_a_fingerprint_stays_when_lines_move_and_tells_subjects_apart() -> None:
    moved = [finding("error", Place(file="a.ts", line=line), "fetch(x)") for line in (1, 90)]
    other = finding("error", Place(file="a.ts", line=1), "fetch(y)")

    assert moved[0].fingerprint == moved[1].fingerprint != other.fingerprint


def test_a_subclass_keeps_its_members_in_json() -> None:
    class Change(Finding):
        witness: int

    change = Change(rule="r", severity="error", place="p", message="m", fix="f", witness=7)

    assert json.loads(Report.of([change]).model_dump_json())["findings"][0]["witness"] == 7


def test_the_sarif_log_is_read_by_another_implementation() -> None:
    place = Place(file="src/a b.ts", line=3, column=7)
    found = finding("information", place).model_copy(update={"related": (Place(pointer="#/x"),)})
    log = Sarif.model_validate(Report.of([found]).as_sarif("audit", RULES))

    assert log.version == "2.1.0"
    run = log.runs[0]
    assert run.tool.driver.name == "lockstitch audit"
    assert run.results is not None
    result = run.results[0]
    assert result.rule_id == "rule"
    assert result.level is not None
    assert result.level.value == "note"
    location = result.locations[0].physical_location
    assert location.artifact_location.uri == "src/a%20b.ts"
    assert (location.region.start_line, location.region.start_column) == (3, 7)


def test_markdown_holds_neither_markup_nor_mentions_from_the_sources() -> None:
    found = finding("error", "a|b").model_copy(update={"message": "<b> @team `x`\nnext"})
    text = Report.of([found]).as_markdown("lockstitch diff")

    assert "| error | a\\|b | **rule** \\<b\\> \\@team \\`x\\` next | Do. |" in text


def test_markdown_names_who_is_hit_and_gives_the_advice() -> None:
    related = tuple(Place(file="a.ts", line=line) for line in range(1, 7))
    found = finding("error", "here").model_copy(update={"related": related})
    text = Report.of([found]).as_markdown("lockstitch diff", "Recommended version: major.")

    assert "\nRecommended version: major.\n" in text
    assert "| here<br>a.ts:1<br>a.ts:2<br>a.ts:3<br>a.ts:4<br>and 2 more | **rule**" in text


def test_the_baseline_takes_what_it_accepts_and_keeps_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "lockstitch-baseline.toml"
    known, fresh = finding("error", "old"), finding("error", "new")
    assert Baseline.read(path).accept([known], 'A "good" reason.', LATER) == 1
    assert Baseline.read(path).accept([known], "Again.", LATER) == 0

    report = Baseline.read(path).apply(Report.of([known, fresh]), RULES, TODAY)

    assert report.findings == (fresh,)
    assert [one.reason for one in report.accepted] == ['A "good" reason.']
    suppressed = report.as_sarif("audit", RULES)["runs"][0]["results"][1]
    assert suppressed["suppressions"][0]["justification"] == 'A "good" reason.'
    assert report.as_text().endswith("1 error. 1 accepted by the baseline.")


def test_an_entry_is_added_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "lockstitch-baseline.toml"
    path.write_text("# Decided together.")
    Baseline.read(path).accept([finding("error")], "For now.", LATER)

    assert [entry.rule for entry, _ in Baseline.read(path).entries] == ["rule"]


def test_an_unused_and_an_expired_entry_are_findings_at_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "lockstitch-baseline.toml"
    gone, expired = finding("error", "gone"), finding("error", "expired")
    Baseline.read(path).accept([gone, expired], "For now.", LATER)

    report = Baseline.read(path).apply(Report.of([expired]), RULES, LATER)

    assert [(one.rule, one.place.line) for one in report.findings] == [
        ("rule", None),
        ("baseline-unused", 1),
        ("baseline-expired", 8),
    ]


def test_an_entry_of_a_rule_that_was_not_looked_for_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "lockstitch-baseline.toml"
    Baseline.read(path).accept([finding("error")], "For now.", LATER)

    assert not Baseline.read(path).apply(Report(), [Rule("other", "Else.")], TODAY).findings


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[accepted]\n", "is not valid TOML"),
        ('[[accepted]]\nrule = "r"\n', "accepted.0.place"),
        ("[accept]\n", "accept: Extra"),
    ],
)
def test_a_broken_baseline_is_refused_with_its_place(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "lockstitch-baseline.toml"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=sentence):
        Baseline.read(path)


def test_nothing_is_accepted_without_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="with a reason"):
        Baseline.read(tmp_path / "baseline.toml").accept([finding("error")], " ", LATER)
