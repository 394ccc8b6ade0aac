"""A change of the contract meets those who rely on what it changes."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from lockstitch.contract.usage import Usage, hits
from tests.contract.usage.tasks import contract
from tests.contract.usage.written import usage_of

CODE = """
    type Problem = { detail: { msg: string }[] }
    export async function first(cursor: string) {
      const response = await fetch(`/api/tasks?cursor=${cursor}`)
      if (!response.ok) {
        const problem: Problem = await response.json()
        throw new Error(problem.detail[0].msg)
      }
      return (await response.json()).items[0].title
    }
    export const add = (title: string, day: string) => [
      fetch('/api/tasks', { method: 'POST', body: JSON.stringify({ title }) }),
      fetch('/api/tasks', { method: 'POST', body: JSON.stringify({ title, due_date: day }) }),
    ]
    export const names = async (id: number) =>
      (await (await fetch(`/api/projects/${id}/tasks`)).json()).map((task: any) => task.title)
"""


@dataclass(frozen=True)
class Change:
    operation: str
    direction: str = "neither"
    member: tuple[str, ...] = ()
    part: str | None = None
    rule: str = "changed"


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    document = contract()
    detail = {
        "type": "array",
        "items": {"type": "object", "properties": {"msg": {"type": "string"}}},
    }
    document["paths"]["/tasks"]["get"]["responses"]["422"] = {
        "description": "Refused.",
        "content": {
            "application/json": {"schema": {"type": "object", "properties": {"detail": detail}}}
        },
    }
    return usage_of(tmp_path, document, code=CODE)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (Change("list_tasks"), [4]),
        (Change("read_me"), []),
        (Change("list_tasks", "response", ("items",), "200"), [9]),
        (Change("list_tasks", "response", ("items", "*"), "200"), [9]),
        (Change("list_tasks", "response", ("items", "*", "title"), "200"), [9]),
        (Change("list_tasks", "response", ("items", "*", "due_date"), "200"), []),
        (Change("list_tasks", "response", ("detail",), "422"), [7]),
        (Change("list_tasks", "response", ("detail", "*", "msg"), "422"), [7]),
        (Change("list_tasks", "request", (), "cursor"), [4]),
        (Change("create_task", "request", ("title",)), [12, 13]),
        (Change("create_task", "request", ("due_date",)), [13]),
        (Change("create_task", "request", ("due_date",), rule="request-became-required"), [12]),
        (
            Change("create_task", "request", ("x",), rule="request-required-property-added"),
            [12, 13],
        ),
        (Change("list_project_tasks", "response", ("*", "title"), "200"), [16]),
        (Change("list_project_tasks", "response", ("*",), "200"), [16]),
    ],
)
def test_a_change_meets_the_lines_that_rely_on_it(
    usage: Usage, change: Change, lines: list[int]
) -> None:
    assert [spot.line for spot in hits(usage, change)] == lines


@pytest.mark.parametrize(
    "empty",
    [
        "if (response.status === 204) return undefined as T",
        "if (response.status == 202 || response.status === 205) return undefined as T",
        "if (response.status !== 204) return response.json()",
    ],
)
def test_an_answer_without_content_leaves_the_others_answers(tmp_path: Path, empty: str) -> None:
    wrapper = f"""
        export async function api<T>(path: string): Promise<T> {{
          const response = await fetch(`/api${{path}}`)
          if (!response.ok) throw new Error((await response.json()).detail)
          {empty}
          return response.json()
        }}
    """
    code = """
        import useSWR from 'swr'
        import { api } from './wrapper'
        export const Titles = () => useSWR('/tasks', api).data.items[0].title
    """
    usage = usage_of(tmp_path, wrapper=wrapper, code=code)

    found = hits(usage, Change("list_tasks", "response", ("items", "*", "title"), "200"))

    assert [(spot.file, spot.line) for spot in found] == [("code.ts", 4)]
