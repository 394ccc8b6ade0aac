"""What is told of an answer, and what is not."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstitch.guard.conformance import Answer, Conformance, Fault
from lockstitch.guard.event_stream import Event, EventParser
from lockstitch.guard.verify.rules import FIXES, RULES

SCHEMAS = {
    "Row": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "at": {"type": "string", "format": "time"},
            "secret": {"type": "string", "writeOnly": True},
        },
        "required": ["id", "secret"],
        "additionalProperties": False,
    }
}
INTEGER = {"type": "integer"}
ROW = {"id": "0f0e0d0c-0b0a-4908-8706-050403020100"}


def contract(responses: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "Rows", "version": "1"},
        "paths": {"/rows": {"get": {"operationId": "rows", "responses": responses}}},
        "components": {"schemas": {**SCHEMAS, **schemas}},
    }


def json_of(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": "", "content": {media_type: {"schema": schema}}}


def faults(document: dict[str, Any], status: int, body: Any, **headers: str) -> list[Fault]:
    conformance = Conformance(document)
    operation = conformance.find("GET", "/rows")
    assert operation is not None
    sent = {"content-type": "application/json", **headers}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(conformance.faults(operation, Answer(status, sent, raw)))


def told(document: dict[str, Any], status: int, body: Any, **headers: str) -> list[tuple[str, str]]:
    return [(one.rule, one.subject) for one in faults(document, status, body, **headers)]


ROWS = contract({"200": json_of({"$ref": "#/components/schemas/Row"})})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"due": None}, []),
        ({"due": "2026-02-28"}, []),
        ({"at": "12:30:00"}, []),
        ({"due": "28.2.2026"}, [("response-format", "/due")]),
        ({"id": "7"}, [("response-format", "/id")]),
        ({"id": 7}, [("response-schema", "/id")]),
        ({"more": 1}, [("response-schema", "")]),
    ],
)
def test_a_body_is_held_against_its_schema(
    change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert told(ROWS, 200, {**ROW, **change}) == expected


def test_a_fault_points_into_the_contract_and_does_not_show_the_value() -> None:
    (fault,) = faults(ROWS, 200, {"id": "hunter2"})

    assert fault.pointer == "/components/schemas/Row/properties/id/format"
    assert "hunter2" not in fault.message


def test_places_within_lists_do_not_tell_faults_apart() -> None:
    document = contract({"200": json_of({"type": "array", "items": {"type": "integer"}})})

    assert set(told(document, 200, [1, "a", "b"])) == {("response-schema", "/-")}


@pytest.mark.parametrize("body", [b"{", b'{"id": NaN}', b"", b"\xff"])
def test_what_is_no_json_is_told(body: bytes) -> None:
    assert told(ROWS, 200, body) == [("response-schema", "syntax")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"1\n\n2\r\n", []),
        (b'1\n"two"\n3', [("response-schema", "")]),
        (b"1\n{\n", [("response-schema", "line")]),
        (b"1\n{", []),
    ],
)
def test_every_line_of_a_stream_is_held_against_the_item_schema(
    body: bytes, expected: list[tuple[str, str]]
) -> None:
    lines = {"description": "", "content": {"application/jsonl": {"itemSchema": INTEGER}}}
    headers = {"content-type": "application/jsonl"}

    assert told(contract({"200": lines}, version="3.2.0"), 200, body, **headers) == expected


@pytest.mark.parametrize(
    ("documented", "status", "expected"),
    [
        ("4XX", 404, []),
        ("default", 404, []),
        ("200", 404, [("undocumented-status", "404")]),
        ("500", 500, [("server-error", "500")]),
        ("503", 503, []),
        ("200", 502, [("server-error", "502")]),
    ],
)
def test_a_status_is_documented_exactly_as_a_class_or_by_default(
    documented: str, status: int, expected: list[tuple[str, str]]
) -> None:
    assert told(contract({documented: json_of(True)}), status, {}) == expected


def test_schemas_of_3_0_are_read_as_they_are_meant() -> None:
    number = {"type": "number", "nullable": True, "minimum": 0, "exclusiveMinimum": True}
    document = contract({"200": json_of(number)}, version="3.0.3")

    assert told(document, 200, None) == []
    assert told(document, 200, 1) == []
    assert told(document, 200, 0) == [("response-schema", "")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", []), ("twelve", ["response-header"]), (None, ["response-header"])],
)
def test_a_header_is_read_as_its_schema_says(text: str | None, expected: list[str]) -> None:
    header = {"X-Total": {"required": True, "schema": {"type": "integer"}}}
    document = contract({"200": {**json_of(True), "headers": header}})
    headers = {} if text is None else {"x-total": text}

    assert [rule for rule, _ in told(document, 200, 1, **headers)] == expected


@pytest.mark.parametrize(
    ("problem", "subjects"),
    [
        ({"type": "about:blank", "status": 404}, []),
        ({"status": 400}, ["status differs"]),
        ({"status": "404"}, ["status"]),
        ({"title": ["Not found"], "detail": None}, ["title", "detail"]),
        ([], [""]),
    ],
)
def test_a_problem_is_what_rfc_9457_says(problem: Any, subjects: list[str]) -> None:
    document = contract({"404": json_of(True, "application/problem+json")})
    found = told(document, 404, problem, **{"content-type": "application/problem+json"})

    assert found == [("problem-shape", subject) for subject in subjects]


def test_a_success_may_speak_of_tracebacks() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>'

    assert told(contract({"200": json_of(True)}), 200, text) == []
    assert told(contract({"400": json_of(True)}), 400, text) == [("internals-shown", "")]


EVENTS = b"event: tick\r\ndata: 1\r\ndata: 2\r\n\r\n: beat\n\nid: 7\ndata:3\n\ndata: cut off"


@given(st.lists(st.integers(0, len(EVENTS)), max_size=8))
def test_events_are_the_same_in_whatever_pieces_they_arrive(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(EVENTS)]
    parser = EventParser()
    found = [event for start, end in pairwise(places) for event in parser.feed(EVENTS[start:end])]

    assert found == [Event("tick", "1\n2"), Event("message", "3")]


def test_an_event_without_end_does_not_fill_the_memory() -> None:
    parser = EventParser(max_bytes=10)
    found = [event for _ in range(5) for event in parser.feed(b"data: 123456")]
    found += parser.feed(b"\n\ndata: 1\n\n")

    assert found == [Event("message", "1")]


def test_every_rule_has_a_fix() -> None:
    assert [rule.id for rule in RULES] == list(FIXES)
