"""What the generated functions do with values that are on the edge."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated import Generated, write

from lockstitch.contract.typescript.options import TypeScriptOptions

Start = Callable[..., Generated]


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def contract(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a contract that both sends and takes each of the schemas."""
    paths = {}
    for name in schemas:
        content = {"application/json": {"schema": to(name)}}
        paths[f"/{name}"] = {
            "put": {
                "operationId": f"put{name}",
                "requestBody": {"content": content},
                "responses": {"200": {"description": "", "content": content}},
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Edges", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Generated] = []

    def begin(options: TypeScriptOptions | None = None, **schemas: Any) -> Generated:
        folder = write(contract(schemas), tmp_path / str(len(running)), options)
        running.append(Generated(folder))
        return running[-1]

    yield begin
    for one in running:
        one.__exit__(None, None, None)


def struct(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def pointers(answer: dict[str, Any]) -> list[str]:
    assert not answer["ok"], answer
    return [issue["pointer"] for issue in answer["issues"]]


DATE_TIME = {"type": "string", "format": "date-time"}


def test_every_issue_is_told_with_its_escaped_pointer(start: Start) -> None:
    inner = struct(**{"a/b": {"type": "integer"}, "c~d": {"type": "string"}})
    running = start(Thing=struct(items={"type": "array", "items": inner}, name={"type": "string"}))
    value = {"items": [{"a/b": 1, "c~d": "x"}, {"a/b": "1"}], "name": None}

    answer = running.decode("Thing", json.dumps(value))

    assert pointers(answer) == ["/items/1/a~1b", "/items/1/c~0d", "/name"]
    assert answer["issues"][0]["message"] == "Should be an integer below 2^53, not a string."
    assert answer["issues"][1]["message"] == "Should be a string, not missing."


def test_an_issue_never_holds_the_value(start: Start) -> None:
    answer = start(Thing=struct(at=DATE_TIME)).decode("Thing", '{"at": "secret-value"}')

    assert "secret-value" not in json.dumps(answer)


def test_unknown_members_are_ignored_and_inherited_ones_are_not_seen(start: Start) -> None:
    running = start(Thing=struct(constructor={"type": "string"}, name={"type": "string"}))

    assert running.decode("Thing", '{"name": "x", "constructor": "y", "more": 1}') == {
        "ok": True,
        "value": {"constructor_": "y", "name": "x"},
    }
    assert pointers(running.decode("Thing", '{"name": "x"}')) == ["/constructor"]


def test_a_dictionary_keeps_the_key_proto(start: Start) -> None:
    running = start(Thing={"type": "object", "additionalProperties": DATE_TIME})
    text = '{"__proto__":"2026-01-01T00:00:00.000Z","snake_key":"2026-01-01T00:00:00.000Z"}'

    answer = running.round_trip("Thing", "Thing", text)

    assert list(answer["value"]) == ["__proto__", "snake_key"]


@pytest.mark.parametrize(
    ("step", "fitting", "refused"),
    [
        (0.01, ["19.99", "-0.29", "0", "1e21", "0.07"], ["19.995", "1e-7", "1e999"]),
        (1e-7, ["3e-7", "0.1"], ["1e-8"]),
        (2.5, ["7.5", "-5"], ["7", "1"]),
    ],
)
def test_multiples_are_those_of_the_decimal_text(
    start: Start, step: float, fitting: list[str], refused: list[str]
) -> None:
    running = start(Thing=struct(price={"type": "number", "multipleOf": step}))

    for text in fitting:
        assert running.decode("Thing", f'{{"price": {text}}}')["ok"], text
    for text in refused:
        assert pointers(running.decode("Thing", f'{{"price": {text}}}')) == ["/price"], text


def test_integers_that_javascript_cannot_hold_are_refused(start: Start) -> None:
    running = start(Thing=struct(count={"type": "integer"}))

    assert running.decode("Thing", '{"count": 9007199254740991}')["ok"]
    assert pointers(running.decode("Thing", '{"count": 9007199254740993}')) == ["/count"]
    assert pointers(running.decode("Thing", '{"count": 1e999}')) == ["/count"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T10:00:00.123456+05:30", "2026-01-31T04:30:00.123Z"),
        ("2026-01-31t10:00:00z", "2026-01-31T10:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("2024-02-29T00:00:00-23:59", "2024-02-29T23:59:00.000Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
    ],
)
def test_a_date_time_becomes_that_instant(text: str, utc: str, start: Start) -> None:
    running = start(Thing=struct(at=DATE_TIME))

    answer = running.round_trip("Thing", "Thing", json.dumps({"at": text}))

    assert answer["value"] == {"at": utc}


def test_a_date_time_without_offset_is_utc_or_refused(start: Start) -> None:
    text = '{"at": "2026-01-31T10:00:00"}'
    lenient = start(Thing=struct(at=DATE_TIME))
    strict = start(TypeScriptOptions(naive_dates="reject"), Thing=struct(at=DATE_TIME))

    assert lenient.decode("Thing", text)["value"] == {"at": "2026-01-31T10:00:00.000Z"}
    assert pointers(strict.decode("Thing", text)) == ["/at"]


def test_formats_told_to_stay_plain_are_strings(start: Start) -> None:
    options = TypeScriptOptions(plain=frozenset({"date-time", "uuid"}))
    running = start(options, Thing=struct(at=DATE_TIME, id={"type": "string", "format": "uuid"}))

    assert running.decode("Thing", '{"at": "yesterday", "id": "7"}')["ok"]


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        ("date", ["2024-02-29"], ["2026-02-29", "2026-2-1", "2026-02-01T00:00:00Z"]),
        ("time", ["10:00:00", "23:59:59.5Z", "10:00:00+02:00"], ["24:00:00", "10:00", "10:60:00"]),
        ("duration", ["P1D", "PT0.5S", "-P1DT2H", "P2W"], ["P", "PT", "1D", "P1S"]),
        ("decimal", ["12.50", "-0.1", "1E+3", "0"], ["", "1,5", "NaN", "."]),
        ("int64", ["9223372036854775807", "-9223372036854775808"], ["9223372036854775808", "1.0"]),
        ("uuid", ["12345678-1234-1234-1234-123456789ABC"], ["12345678123412341234123456789abc"]),
    ],
)
def test_a_format_is_checked(format_: str, good: list[str], bad: list[str], start: Start) -> None:
    running = start(Thing=struct(it={"type": "string", "format": format_}))

    for text in good:
        assert running.decode("Thing", json.dumps({"it": text}))["ok"], text
    for text in bad:
        assert not running.decode("Thing", json.dumps({"it": text}))["ok"], text


def test_a_union_without_tag_takes_the_member_that_drops_least(start: Start) -> None:
    small = struct(first_name={"type": "string"})
    large = struct(first_name={"type": "string"}, last_name={"type": "string"})
    running = start(
        Small=small, Large=large, Thing={"anyOf": [to("Small"), to("Large"), {"type": "string"}]}
    )

    answer = running.decode("Thing", '{"first_name": "Ada", "last_name": "Lovelace"}')

    assert answer["value"] == {"firstName": "Ada", "lastName": "Lovelace"}
    assert running.decode("Thing", '"x"')["value"] == "x"
    assert pointers(running.decode("Thing", '{"last_name": 1}')) == [""]


def test_a_tag_that_the_contract_does_not_declare_is_found(start: Start) -> None:
    cat = struct(kind={"const": "cat"}, lives={"type": "integer"})
    dog = struct(kind={"enum": ["dog", "wolf"]}, born_at=DATE_TIME)
    running = start(Cat=cat, Dog=dog, Thing={"anyOf": [to("Cat"), to("Dog"), {"type": "null"}]})

    bad = running.decode("Thing", '{"kind": "wolf", "born_at": "yesterday"}')
    unknown = running.decode("Thing", '{"kind": "cow"}')

    assert pointers(bad) == ["/born_at"]
    assert pointers(unknown) == ["/kind"]
    assert running.decode("Thing", "null") == {"ok": True, "value": None}


def test_an_invalid_request_is_refused_with_its_path_on_the_wire(start: Start) -> None:
    running = start(
        Thing=struct(
            at=DATE_TIME,
            short_name={"type": "string", "maxLength": 2},
            unit_score={"type": "number"},
        )
    )

    answer = running.encode(
        "Thing", "({ at: new Date(NaN), shortName: 'abc', unitScore: Infinity })"
    )

    assert pointers(answer) == ["/at", "/short_name", "/unit_score"]


def test_other_members_come_back_under_their_own_names(start: Start) -> None:
    schema = {**struct(known_name={"type": "string"}), "additionalProperties": DATE_TIME}
    running = start(Thing=schema)
    text = '{"known_name":"x","other_key":"2026-01-01T00:00:00.000Z"}'

    assert running.decode("Thing", text)["value"] == {
        "knownName": "x",
        "additionalProperties": {"other_key": "2026-01-01T00:00:00.000Z"},
    }
    assert running.round_trip("Thing", "Thing", text)["value"] == json.loads(text)
    clash = "({ knownName: 'x', additionalProperties: { known_name: new Date(0) } })"
    assert pointers(running.encode("Thing", clash)) == ["/known_name"]


def test_a_deep_value_leaves_no_trace_in_the_next_one(start: Start) -> None:
    tree = {"type": "object", "properties": {"child": to("Tree"), "at": DATE_TIME}}
    running = start(Tree=tree)

    assert pointers(running.decode("Tree", '{"child": {"child": {"at": 1}}}')) == [
        "/child/child/at"
    ]
    assert pointers(running.decode("Tree", '{"at": 1}')) == ["/at"]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (
            {"type": "string", "minLength": 3, "maxLength": 5},
            "ab",
            "of length from 3 to 5, not of length 2",
        ),
        (
            {"type": "string", "maxLength": 1},
            "\U0001f9f5\U0001f9f5",
            "from 0 to 1, not of length 2",
        ),
        ({"type": "string", "minLength": 3}, 7, "a string, not a number"),
        ({"type": "string", "pattern": "^a"}, "secret", "that matches /^a/u, not another string"),
        ({"type": "string", "format": "date-time"}, "secret", "a date-time, not another string"),
        ({"type": "string", "format": "uuid"}, 5, "a UUID, not a number"),
        ({"enum": ["a", "b"]}, "secret", '"a" | "b", not another string'),
        ({"enum": ["a", "b"]}, None, '"a" | "b", not null'),
        ({"enum": [1, 2]}, 41, "1 | 2, not another number"),
        ({"type": "number", "minimum": 0, "maximum": 5}, 41, "from 0 to 5, not a greater one"),
        ({"type": "number", "minimum": 0}, -41, "from 0, not a lower one"),
        ({"type": "integer", "minimum": 0}, 0.41, "an integer from 0, not another number"),
        ({"type": "integer"}, 0.41, "an integer below 2^53, not another number"),
        ({"type": "number", "multipleOf": 2}, 41, "a multiple of 2, not another number"),
        (
            {"type": "array", "maxItems": 1},
            [1, 2],
            "an array of length from 0 to 1, not of length 2",
        ),
        ({"type": "array", "uniqueItems": True}, [1, 1], "different items, not with equal ones"),
        ({"type": "object", "maxProperties": 1}, {"a": 1, "b": 2}, "from 0 to 1, not 2"),
        ({"type": "boolean"}, "secret", "a boolean, not a string"),
    ],
)
def test_an_issue_says_what_is_wrong_and_never_the_value(
    start: Start, schema: Any, value: Any, message: str
) -> None:
    answer = start(It=struct(it=schema)).decode("It", json.dumps({"it": value}))

    (issue,) = answer["issues"]
    assert issue["message"].endswith(f"{message}.")
    assert "secret" not in issue["message"]
    assert "41" not in issue["message"]


def test_a_union_inside_a_candidate_may_fit_by_its_last_member(start: Start) -> None:
    inner = {"oneOf": [struct(a={"type": "integer"}), struct(b={"type": "integer"})]}
    outer = {"anyOf": [struct(inner=inner), struct(inner=inner, more={"type": "string"})]}
    made = start(It=outer)

    first = made.decode("It", json.dumps({"inner": {"b": 1}}))
    second = made.decode("It", json.dumps({"inner": {"b": 1}, "more": "x"}))
    neither = made.decode("It", json.dumps({"inner": {"c": 1}}))

    assert first["value"] == {"inner": {"b": 1}}
    assert second["value"] == {"inner": {"b": 1}, "more": "x"}
    assert pointers(neither) == [""]
