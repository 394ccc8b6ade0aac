"""Every mocked value is one that the contract allows, in Python and in TypeScript alike."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generated import HERE, node
from independent import Independent
from mockable import contract

from lockstitch.contract.document import Content, Operation, Response
from lockstitch.contract.events import describe_events
from lockstitch.contract.mock.answers import Answer, Mocks
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.mock import mock_files
from lockstitch.contract.typescript.plan import Plan

SEEDS = 60
Judged = tuple[Operation, Answer, Content]


@pytest.fixture(scope="module")
def mocks() -> Mocks:
    return Mocks(read_document(contract()))


def json_answers(mocks: Mocks) -> Iterator[Judged]:
    for operation, response, content in mocks.document.contents():
        if response is not None and content.kind == "json":
            answers = mocks.of(operation).answers
            found = [one for one in answers if _is_of(one, response, content)]
            assert found or operation.id == "get_endless"
            yield from ((operation, answer, content) for answer in found)


def _is_of(answer: Answer, response: Response, content: Content) -> bool:
    return (answer.status, answer.media_type) == (response.status, content.media_type)


def test_every_value_is_valid_by_an_independent_validator(mocks: Mocks) -> None:
    judge = Independent(contract())
    judged = 0
    for operation, answer, content in json_answers(mocks):
        validator = judge.at(f"{content.pointer}/schema")
        for seed in range(SEEDS):
            value = sample(answer.recipe, f"{operation.id} {answer.status} {seed}", mocks.cookbook)
            problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(value)]
            assert problems == [], (operation.id, answer.status, seed, value)
            judged += 1

    assert judged > 1_500


def test_the_independent_validator_refuses_what_is_damaged(mocks: Mocks) -> None:
    judge = Independent(contract())
    refused = [
        judge.at(f"{content.pointer}/schema").is_valid([{"damaged": value}])
        for _, _, content in json_answers(mocks)
        for value in (None, "x")
    ]

    assert not any(refused)


def test_the_same_seed_gives_the_same_value_and_another_seed_another(mocks: Mocks) -> None:
    [answer] = [a for o, a, _ in json_answers(mocks) if (o.id, a.status) == ("echo", "200")]
    first, again, other = (sample(answer.recipe, seed, mocks.cookbook) for seed in ("1", "1", "2"))

    assert first == again
    assert first != other


def test_true_examples_are_preferred_and_false_ones_ignored(mocks: Mocks) -> None:
    by_id = {(o.id, a.status): a for o, a, _ in json_answers(mocks)}
    texts = [
        sample(by_id["get_texts", "200"].recipe, f"{seed}", mocks.cookbook) for seed in range(20)
    ]

    assert {one["example"] for one in texts} == {"sku-1", "sku-2"}
    assert "nothing" not in {one["wrongExample"] for one in texts}
    exemplary = by_id["get_exemplary", "200"].recipe
    assert sample(exemplary, "1", mocks.cookbook) == {"name": "Ada"}


def test_what_only_requests_carry_is_not_answered(mocks: Mocks) -> None:
    by_id = {(o.id, a.status): a for o, a, _ in json_answers(mocks)}

    value = sample(by_id["get_secretive", "200"].recipe, "1", mocks.cookbook)

    assert set(value) == {"name"}


def test_a_discriminator_names_the_member_that_was_made(mocks: Mocks) -> None:
    by_id = {(o.id, a.status): a for o, a, _ in json_answers(mocks)}
    kinds = set()
    for seed in range(30):
        value = sample(by_id["get_expression", "200"].recipe, f"{seed}", mocks.cookbook)
        kinds.add(value["kind"])
        assert ("terms" in value) == (value["kind"] == "sum")

    assert kinds == {"sum", "literal"}


def test_a_schema_without_finite_value_is_told_with_its_pointer(mocks: Mocks) -> None:
    [endless] = [one for one in mocks.document.operations if one.id == "get_endless"]

    [impossible] = mocks.of(endless).impossible

    assert (impossible.status, impossible.media_type) == ("200", "application/json")
    assert (
        impossible.pointer == "/paths/~1endless~1{name}/get/responses/200/content/application~1json"
    )


def test_typescript_makes_the_same_values_from_the_same_seeds(mocks: Mocks, tmp_path: Path) -> None:
    expected: dict[str, Any] = {}
    questions = []
    for operation, answer, _ in json_answers(mocks):
        for seed in range(10):
            key = f"{operation.id}/{answer.status}/{seed}/é😀"
            questions.append([operation.id, answer.status, answer.media_type, key])
            expected[key] = sample(answer.recipe, key, mocks.cookbook)
    write_mock(tmp_path)

    made = json.loads(in_node("mock_values.mjs", tmp_path, questions))

    assert len(expected) > 200
    assert made == expected


def write_mock(folder: Path) -> None:
    """Write the mock module of the contract, with its runtime."""
    document = read_document(describe_events(contract()))
    for name, text in mock_files(Plan(document)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def in_node(program: str, folder: Path, questions: Any) -> str:
    """Run a program beside this file, and return what it prints."""
    ran = subprocess.run(
        [node(), str(HERE / program), str(folder)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
