"""A type of the front end that promises a value where the contract may answer null is found."""

from pathlib import Path

import pytest

from lockstitch.findings import Finding
from tests.contract.usage.tasks import DAY, JSON, contract
from tests.contract.usage.written import findings_of

CODE = """
    interface Task { id: number; title: string; due_date%s }
    export async function first(): Promise<Task> {
      const response = await fetch('/tasks/1')
      return (await response.json()) as Task
    }
"""


def nullable() -> JSON:
    document = contract()
    task = document["components"]["schemas"]["Task"]
    task["properties"]["due_date"] = {"anyOf": [DAY, {"type": "null"}]}
    return document


def nulls(folder: Path, declared: str, document: JSON | None = None) -> list[Finding]:
    found = findings_of(folder, document or nullable(), code=CODE % declared)
    return [one for one in found if one.rule == "undeclared-null"]


@pytest.mark.parametrize("declared", [": string", ": 'never' | 'soon'", ": string[]"])
def test_a_member_that_is_declared_without_null_is_found(tmp_path: Path, declared: str) -> None:
    (finding,) = nulls(tmp_path, declared)

    assert (finding.severity, finding.place.line) == ("warning", 2)
    assert 'Task declares "due_date" as never null' in finding.message
    assert "| null" in finding.fix


@pytest.mark.parametrize(
    "declared",
    [": string | null", "?: string", ": any", ": unknown", ": Day", ": Maybe<string>"],
)
def test_a_member_that_may_be_missing_null_or_anything_is_left_alone(
    tmp_path: Path, declared: str
) -> None:
    assert nulls(tmp_path, declared) == []


def test_what_the_contract_never_answers_null_may_be_declared_so(tmp_path: Path) -> None:
    assert nulls(tmp_path, ": string", contract()) == []
