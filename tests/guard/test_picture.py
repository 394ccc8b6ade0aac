"""`lockstitch check --map`: who stands on whom, from the page to the table."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twins import OLD_FASHIONED, complete_corrected

from lockstitch.guard.mermaid import flowchart
from lockstitch.guard.points import Edge, Node

# The part of Mermaid's grammar that a flowchart needs: nodes, and links with or without words.
NAME = r"[a-z]+\d+"
LABEL = r'"[^"<>&]*(?:<br/>[^"<>&]*)*"'
BRACKETS = (
    (r"\[", r"\]"),
    (r"\(", r"\)"),
    (r"\{\{", r"\}\}"),
    (r"\(\[", r"\]\)"),
    (r"\[\[", r"\]\]"),
    (r"\[/", r"/\]"),
    (r"\[\(", r"\)\]"),
)
NODE = re.compile("|".join(f"({NAME}){left}{LABEL}{right}" for left, right in BRACKETS))
LINK = re.compile(rf"({NAME}) (?:-->|---|-- [a-z, ]+ -->) ({NAME})")


def assert_is_flowchart(text: str) -> None:
    first, *lines = text.splitlines()
    declared: set[str] = set()
    assert first == "flowchart LR"
    for line in lines:
        if line.strip() == "end" or line.strip().startswith("subgraph "):
            continue
        node, link = NODE.fullmatch(line.strip()), LINK.fullmatch(line.strip())
        assert node or link, line
        if node:
            declared |= {name for name in node.groups() if name}
        if link:
            assert set(link.groups()) <= declared, line


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corrected twin as a project of Lockstitch, with one declared model."""
    folder = complete_corrected(tmp_path_factory.mktemp("twin") / "corrected")
    (folder / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "team_todo.app:app"\n')
    todos = folder / "backend" / "team_todo" / "todos.py"
    text = todos.read_text()
    assert "\nclass Todo(BaseModel):" in text
    declared = '\nfrom lockstitch import stored_in\n\n\n@stored_in("todos")\nclass Todo(BaseModel):'
    todos.write_text(text.replace("\nclass Todo(BaseModel):", declared))
    return folder


@pytest.fixture(scope="module")
def picture(twin: Path) -> dict[str, Any]:
    answer = drawn(twin, "--json")
    assert answer.returncode == 0, answer.stderr
    read: dict[str, Any] = json.loads(answer.stdout)
    return read


def drawn(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(folder / "backend"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "lockstitch.cli.main", "check", "--map", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def reached(picture: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield every node behind the one of a name."""
    nodes = {node["id"]: node for node in picture["nodes"]}
    waiting = [one["id"] for one in picture["nodes"] if one["name"] == name]
    seen = set(waiting)
    while waiting:
        source = waiting.pop()
        targets = {edge["target"] for edge in picture["edges"] if edge["source"] == source}
        for target in sorted(targets - seen):
            seen.add(target)
            waiting.append(target)
            yield nodes[target]


def test_a_page_stands_on_components_hooks_operations_models_and_tables(
    picture: dict[str, Any],
) -> None:
    found = {(node["kind"], node["name"]) for node in reached(picture, "TodosPage")}

    assert found >= {
        ("component", "TodoList"),
        ("operation", "GET /todos"),
        ("model", "Todo"),
        ("table", "public.todos"),
    }
    assert ("operation", "GET /predictions/statistics") not in found


def test_a_hook_stands_between_a_component_and_its_operation(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(OLD_FASHIONED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "main:app"\n')

    found = json.loads(drawn(folder, "--json").stdout)

    names = {node["id"]: node["name"] for node in found["nodes"]}
    edges = {(names[edge["source"]], names[edge["target"]]) for edge in found["edges"]}
    assert {
        ("TodosPage", "TodoList"),
        ("TodoList", "useTodos"),
        ("useTodos", "GET /todos"),
        ("GET /todos", "public.todos"),
    } <= edges


def test_an_operation_has_its_problems_and_so_has_every_page_above_it(
    picture: dict[str, Any],
) -> None:
    by_name = {node["name"]: node for node in picture["nodes"]}

    assert by_name["PUT /todos/{todo_id}"]["errors"] == [
        "401 Unauthorized",
        "404 Not Found",
        "422 Unprocessable Entity",
    ]
    assert "404 Not Found" in by_name["TodosPage"]["errors"]
    assert "502 Bad Gateway" in by_name["Suggestion"]["errors"]
    assert "502 Bad Gateway" not in by_name["StatisticsPage"]["errors"]
    assert by_name["TodosPage"]["place"].startswith("frontend/src/app/todos/page.tsx:")


def test_a_table_is_reached_by_the_code_of_a_route_without_a_declared_model(
    picture: dict[str, Any],
) -> None:
    edges = {(edge["source"], edge["target"], edge["label"]) for edge in picture["edges"]}
    ids = {node["name"]: node["id"] for node in picture["nodes"]}

    deletion = ids["DELETE /predictions"], ids["public.predictions"], "delete"
    assert deletion in edges


def test_the_mermaid_text_names_every_node_and_edge(twin: Path, picture: dict[str, Any]) -> None:
    text = drawn(twin).stdout

    assert text == picture["mermaid"]
    assert_is_flowchart(text)
    assert sum("-->" in line for line in text.splitlines()) == len(picture["edges"])
    assert sum("subgraph" in line for line in text.splitlines()) == 5


def test_the_picture_is_a_flowchart_whatever_names_say() -> None:
    nodes = [
        Node(id="a", kind="table", name='public."a"[b] --> <c>;#', errors=('a "check"',)),
        Node(id="b", kind="model", name="Page[`Task`]"),
        Node(id="c", kind="page", name="Page", place='src/"odd".tsx:1'),
    ]

    assert_is_flowchart(flowchart(nodes, [Edge(source="b", target="a", label="takes")]))


def test_a_project_without_a_contract_says_so(tmp_path: Path) -> None:
    answer = drawn(tmp_path)

    assert answer.returncode == 2
    assert "Nothing can be drawn: no application" in answer.stderr
