"""Which requests are refused beyond doubt."""

import json
from typing import Any

import pytest

from lockstitch.contract.mock.requests import Received
from lockstitch.contract.reading import read_document
from lockstitch.guard.verify.leniency import RequestJudge


def received(schema: dict[str, Any], value: Any) -> tuple[RequestJudge, Any, Received]:
    body = {"content": {"application/json": {"schema": schema}}, "required": True}
    operation = {"operationId": "send", "requestBody": body, "responses": {}}
    document = read_document(
        {"openapi": "3.1.0", "info": {}, "paths": {"/rows": {"post": operation}}}
    )
    sent = Received(path={}, media_type="application/json", body=json.dumps(value).encode())
    return RequestJudge(document), document.operations[0], sent


INTEGER = {"type": "integer", "minimum": 1}
TEXT = {"type": "string", "minLength": 2, "maxLength": 4}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (INTEGER, "5"),
        (INTEGER, 5.0),
        (INTEGER, True),
        ({"type": "boolean"}, "yes"),
        ({"type": "boolean"}, 1),
        ({"type": "string", "format": "date-time"}, 1_700_000_000),
        ({"type": "string", "format": "date"}, "2026-01-01T00:00:00"),
        ({"type": "string", "format": "uuid"}, "{0F0E0D0C0B0A49088706050403020100}"),
        ({"type": "string", "format": "made-up"}, "anything"),
        ({"type": "array", "items": INTEGER, "uniqueItems": True}, [1, 1]),
        (TEXT, " ab  "),
        ({"type": "number", "multipleOf": 0.1}, 0.30000000000000004),
        ({"enum": [1, 2]}, "2"),
        ({"anyOf": [INTEGER, {"type": "null"}]}, "7"),
    ],
)
def test_what_a_framework_may_read_is_not_refused(schema: dict[str, Any], value: Any) -> None:
    judge, operation, sent = received(schema, value)

    assert judge.refuses(operation, sent) == []


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        (INTEGER, "five", "type"),
        (INTEGER, "0", "bound"),
        (INTEGER, 5.5, "type"),
        (INTEGER, [5], "type"),
        ({"type": "boolean"}, "perhaps", "type"),
        ({"type": "string", "format": "date-time"}, "soon", "format"),
        ({"type": "string", "format": "uuid"}, "7", "format"),
        ({"type": "string", "format": "email"}, "nobody", "format"),
        (TEXT, "abcde", "length"),
        (TEXT, 12, "type"),
        ({"enum": [1, 2]}, 3, "enumeration"),
        ({"type": "object", "required": ["a"]}, {}, "missing"),
        ({"type": "object", "additionalProperties": False}, {"a": 1}, "unexpected"),
    ],
)
def test_what_nobody_may_read_is_refused(schema: dict[str, Any], value: Any, rule: str) -> None:
    judge, operation, sent = received(schema, value)

    assert [violation.rule for violation in judge.refuses(operation, sent)] == [rule]
    assert not judge.allows(operation, sent)


@pytest.mark.parametrize(("values", "refused"), [(["x"], True), (["x", "1"], False)])
def test_a_parameter_that_comes_twice_is_undecided(values: list[str], refused: bool) -> None:
    parameter = {"name": "limit", "in": "query", "schema": INTEGER}
    operation = {"operationId": "list", "parameters": [parameter], "responses": {}}
    document = read_document(
        {"openapi": "3.1.0", "info": {}, "paths": {"/rows": {"get": operation}}}
    )
    sent = Received(path={}, query_string="&".join(f"limit={value}" for value in values))

    assert bool(RequestJudge(document).refuses(document.operations[0], sent)) == refused


def test_an_empty_text_in_a_query_may_be_a_text_or_nothing() -> None:
    def asked(schema: dict[str, Any], *, required: bool) -> list[str]:
        parameter = {"name": "q", "in": "query", "required": required, "schema": schema}
        operation = {"operationId": "ask", "parameters": [parameter], "responses": {}}
        document = read_document(
            {"openapi": "3.1.0", "info": {}, "paths": {"/rows": {"get": operation}}}
        )
        empty = Received(path={}, query_string="q=")
        return [one.rule for one in RequestJudge(document).refuses(document.operations[0], empty)]

    assert asked({"type": "string"}, required=True) == []
    assert asked(INTEGER, required=False) == []
    assert asked(INTEGER, required=True) == ["missing"]
