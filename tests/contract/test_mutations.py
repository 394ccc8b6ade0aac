"""A damaged payload is refused exactly when the exported schema refuses it, at the same place."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from everything import Everything, application
from everything_values import everything
from generated import Generated, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from lockstitch.contract.pointers import child
from lockstitch.contract.typescript.options import TypeScriptOptions

VALUES_PER_KIND = 60
MUTANTS_PER_VALUE = 5
REFUSED_PER_KIND = 100
WRONG_TYPES: dict[str, list[Any]] = {
    "string": [1, True, None, ["x"], {"x": 1}],
    "number": ["1", True, None, [1], {}],
    "boolean": ["true", 0, None, [], {}],
    "array": ["x", 0, None, {"0": 1}, False],
    "object": ["x", 0, None, ["x"], True],
    "null": ["", 0, False, [], {}],
}
BAD_DATES = [
    "yesterday",
    "2026-02-30T10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-10T10:00:00Z",
    "2026-04-31T10:00:00+02:00",
    "2026-01-01T24:00:00Z",
    "2026-01-01T10:60:00Z",
    "2026-01-01T10:00:60Z",
    "2026-01-01T10:00:00+24:00",
    "2026-01-01T10:00:00+05:60",
    "2026-01-01T10:00:00",
    "2026-01-01 10:00:00Z",
    "2026-01-01T10:00Z",
    "2026-01-01T10:00:00.Z",
    "2026-1-1T10:00:00Z",
    "2026-01-01",
    "2026-02-30",
    "1900-02-29",
    "0000-01-01",
    "",
]
GOOD_DATES = [
    "2024-02-29T10:00:00Z",
    "2026-01-01t10:00:00z",
    "2026-01-01T10:00:00.123456789-11:30",
    "2000-02-29",
]
Path = tuple[str | int, ...]


def kind_of(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every place below the top, with what stands there."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        yield (*path, key), member
        if isinstance(member, dict | list):
            yield from places(member, (*path, key))


def mutations(kind: str, value: Any, path: Path) -> list[Any]:  # noqa: PLR0911 - one return for each shape
    """Return what may be put at a place; `...` takes the member away."""
    match kind:
        case "type":
            return WRONG_TYPES[kind_of(value)]
        case "presence":
            return [...] if isinstance(path[-1], str) else []
        case "null":
            return [None]
        case "enum":
            return ["no such constant", 7, "Staging", False] if path[-1] in ENUMS else []
        case "discriminator":
            return ["no such kind", None, 1, ...] if path[-1] == "kind" else []
        case "bound":
            return bounds(value, path)
        case _:
            return [*BAD_DATES, *GOOD_DATES] if path[-1] in DATES or in_date_list(path) else []


ENUMS = {"stage", "priority", "schema_version", "mixed_literal"}
DATES = {"created_at", "updated_at", "deleted_at", "birth_date", "seen_at", "judged_at", "drawn_at"}
BOUNDS: dict[str | int, list[Any]] = {
    "short_text": ["", "123456", "😀😀😀😀😀", "😀😀😀😀😀😀"],
    "product_code": ["ab-12", "AB-1", "xAB-12", "AB-12345"],
    "bounded_integer": [-1, 100, 99, 1.5, 5.0, 1e3],
    "stepped_integer": [3, 1005, -1005, 1000, 0.5],
    "unit_interval": [-0.001, 1.001, 1, 0],
    "whole_number": [0.5, 2**53 - 1, 1e300],
    "bounded_list": [[], [1, 2, 3, 4], [1.0]],
    "distinct_list": [[1, 1], [1, 2], [1, 1.0]],
    "text_set": [["a", "a"], ["a", "b"]],
    "limited_map": [{"a": 1, "b": 2, "c": 3}, {"a": 1}],
    "stage_map": [{"nowhere": 1}, {"staging": 1}],
    "code_map": [{"AB-12": "x"}, {"AB-12": 1}],
    "fixed_tuple": [[], ["a", 1], ["a", 1, "2026-01-01T00:00:00Z", 4]],
    "inner_score": [1.5, -0.5, 1],
    "radius_cm": [0, 1000, 999],
    "side_cm": [0, -1, 1e-9],
}


def bounds(value: Any, path: Path) -> list[Any]:
    del value
    return BOUNDS.get(path[-1], [])


def in_date_list(path: Path) -> bool:
    return len(path) > 1 and path[-2] in {"date_list", "date_map", "token_times"}


def replaced(payload: Any, path: Path, new: Any) -> Any:
    damaged = copy.deepcopy(payload)
    target = damaged
    for key in path[:-1]:
        target = target[key]
    if new is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = new
    return damaged


def judge_places(judge: Validator, payload: Any) -> set[str]:
    """Return the pointers of every error, those of the members of unions included."""
    found = set()
    waiting = list(judge.iter_errors(payload))
    while waiting:
        error = waiting.pop()
        pointer = child("", *error.absolute_path)
        found.add(pointer)
        if error.validator == "required":
            missing = set(error.validator_value) - set(error.instance)
            found |= {child(pointer, name) for name in missing}
        if "propertyNames" in error.absolute_schema_path:
            found.add(child(pointer, str(error.instance)))
        waiting.extend(error.context or ())
    return found


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return application.openapi()


@pytest.fixture(scope="module")
def judge(contract: dict[str, Any]) -> Validator:
    schema = {"$ref": "#/components/schemas/Everything-Output", **contract}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def generated(
    contract: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Generated]:
    # The schema refuses a date-time without offset, so this decoder does too.
    options = TypeScriptOptions(naive_dates="reject")
    with Generated(write(contract, tmp_path_factory.mktemp("strict"), options)) as running:
        yield running


KINDS = ("type", "presence", "null", "enum", "discriminator", "bound", "date")


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_is_refused_when_the_schema_refuses_it(
    kind: str, generated: Generated, judge: Validator
) -> None:
    refused = 0
    tried = 0

    @settings(
        max_examples=VALUES_PER_KIND,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(value=everything(exact=True), data=st.data())
    def check(value: Everything, data: st.DataObject) -> None:
        nonlocal refused, tried
        payload = json.loads(value.model_dump_json(by_alias=True))
        found = [(p, new) for p, old in places(payload) for new in mutations(kind, old, p)]
        size = MUTANTS_PER_VALUE
        chosen = data.draw(st.lists(st.sampled_from(found), min_size=size, max_size=size))
        for path, new in chosen:
            damaged = replaced(payload, path, new)
            answer = generated.decode("Everything", json.dumps(damaged))
            expected = judge_places(judge, damaged)
            tried += 1
            refused += bool(expected)
            assert answer["ok"] == (not expected), (path, new, expected, answer)
            for issue in answer.get("issues", ()):
                assert issue["pointer"] in expected, (path, new, expected, issue)

    check()
    assert refused >= REFUSED_PER_KIND, f"{refused} of {tried} were refused"
