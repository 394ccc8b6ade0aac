"""A member that the contract drops is found wherever it is read or sent, whatever the style."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from lockstitch.contract.reading import read_document
from lockstitch.contract.usage import (
    FrontEnd,
    Spot,
    Usage,
    find_calls,
    hits,
    usage_findings,
)
from tests.contract.usage.front_ends import (
    STYLES,
    VARIANTS,
    Expected,
    Line,
    expected_of,
    front_end_of,
)
from tests.contract.usage.tasks import contract

TASK_AT = {
    "list_tasks": ("items", "*"),
    "create_task": (),
    "read_task": (),
    "list_project_tasks": ("*",),
}


@dataclass(frozen=True)
class Removed:
    """A member that is gone, as the difference of two contracts tells it."""

    operation: str
    direction: str
    member: tuple[str, ...]
    rule: str = "optional-property-removed"
    part: str | None = None


@pytest.fixture(params=VARIANTS)
def front_end(request: pytest.FixtureRequest, tmp_path: Path) -> FrontEnd:
    return front_end_of(request.param, tmp_path)


@pytest.fixture
def expected(front_end: FrontEnd) -> Expected:
    return expected_of(front_end)


@pytest.fixture
def usage(front_end: FrontEnd) -> Usage:
    return find_calls(front_end, read_document(contract()))


def lines(spots: set[Spot]) -> set[Line]:
    return {(spot.file, spot.line) for spot in spots}


def hits_of(usage: Usage, direction: str, name: str) -> set[Line]:
    places = TASK_AT if direction == "response" else {"create_task": ()}
    found = (
        hits(usage, Removed(operation, direction, (*path, name)))
        for operation, path in places.items()
    )
    return lines({spot for spots in found for spot in spots})


def test_ten_styles_and_more_are_tried() -> None:
    assert len(STYLES) >= 10
    assert all(len([one for one in VARIANTS if one.startswith(style)]) >= 2 for style in STYLES)


def test_a_removed_member_of_an_answer_hits_its_readers_alone(
    usage: Usage, expected: Expected
) -> None:
    assert hits_of(usage, "response", "due_date") == expected.hit | expected.claimed


def test_a_removed_member_of_a_request_hits_its_senders_alone(
    usage: Usage, expected: Expected
) -> None:
    assert hits_of(usage, "request", "due_date") == expected.sent


def test_a_member_that_nobody_touches_hits_nothing(usage: Usage) -> None:
    assert hits_of(usage, "response", "assignee_id") == set()


def test_code_that_fits_its_contract_has_no_findings(usage: Usage) -> None:
    findings = usage_findings(usage, read_document(contract()))

    assert [finding.as_text() for finding in findings] == []


def test_code_that_was_left_behind_has_findings_where_it_touches_the_member(
    front_end: FrontEnd, expected: Expected
) -> None:
    after = read_document(contract("Task.due_date", "NewTask.due_date", "Task.assignee_id"))

    findings = usage_findings(find_calls(front_end, after), after)

    found: dict[str, set[Line]] = {}
    for finding in findings:
        place = finding.place
        found.setdefault(finding.rule, set()).add((place.file or "", place.line or 0))
    assert found.pop("undeclared-read", set()) == expected.hit
    assert found.pop("undeclared-send", set()) == expected.sent
    assert found.pop("undeclared-type-member", set()) == expected.claimed
    assert found == {}


def test_nothing_is_given_up_before_its_end(usage: Usage) -> None:
    assert usage.unfinished == ()
