"""What changes around the schemas: operations, parameters, bodies, statuses, headers, security."""

from datetime import date
from typing import Any

import pytest
from pairs import JSON, answering, asking, contract, difference, only, requesting, told
from steps import INTEGER, STRING, thing

from lockstitch.contract.difference import Policy
from lockstitch.errors import ConfigurationError

TODAY = date(2026, 6, 1)
POLICY = Policy(today=TODAY)


def at(path: str, **operations: Any) -> dict[str, Any]:
    return {**contract(), "paths": {path: operations}}


def stated(words: dict[str, Any]) -> dict[str, Any]:
    return contract(words)


def lifecycle(base: dict[str, Any] | None, revision: dict[str, Any] | None) -> dict[str, str]:
    other = {"/other": {"get": {"responses": {}}}}
    documents = [
        {**contract(), "paths": {**other, **({} if one is None else contract(one)["paths"])}}
        for one in (base, revision)
    ]
    found = difference(documents[0], documents[1], POLICY).changes
    return {change.rule: change.severity for change in found}


# Operations


def test_a_removed_operation_is_breaking() -> None:
    assert lifecycle({}, None) == {"operation-removed": "error"}


def test_a_new_operation_is_not() -> None:
    assert lifecycle(None, {}) == {"operation-added": "information"}


@pytest.mark.parametrize(
    ("words", "rule", "level"),
    [
        ({}, "operation-removed-after-deprecation", "information"),
        ({"x-sunset": "2026-05-31"}, "operation-removed-after-deprecation", "information"),
        ({"x-sunset": "2026-06-02"}, "operation-removed-before-sunset", "error"),
        ({"x-sunset": "soon"}, "sunset-invalid", "error"),
    ],
)
def test_a_deprecated_operation_goes_on_its_day(
    words: dict[str, Any], rule: str, level: str
) -> None:
    assert lifecycle({"deprecated": True, **words}, None) == {rule: level}


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        ({}, {"deprecated": True}, {"operation-deprecated": "information"}),
        ({"deprecated": True}, {}, {"operation-reactivated": "information"}),
        (
            {},
            {"deprecated": True, "x-sunset": "2026-05-01"},
            {"operation-deprecated": "information", "sunset-too-soon": "error"},
        ),
        (
            {"deprecated": True, "x-sunset": "2027-01-01"},
            {"deprecated": True},
            {"sunset-removed": "error"},
        ),
        (
            {"deprecated": True, "x-sunset": "2027-01-01"},
            {"deprecated": True, "x-sunset": "2026-12-01"},
            {"sunset-too-soon": "error"},
        ),
        (
            {"deprecated": True, "x-sunset": "2027-01-01"},
            {"deprecated": True, "x-sunset": "2027-02-01"},
            {},
        ),
        ({"x-stability-level": "beta"}, {}, {"stability-increased": "information"}),
        ({}, {"x-stability-level": "alpha"}, {"stability-decreased": "error"}),
        ({}, {"x-stability-level": "rock"}, {"stability-invalid": "error"}),
        ({"x-stability-level": "alpha"}, None, {}),
    ],
)
def test_lifecycle(base: Any, revision: Any, expected: dict[str, str]) -> None:
    assert lifecycle(base, revision) == expected


def test_a_policy_can_ask_for_time_before_a_sunset() -> None:
    policy = Policy(today=TODAY, sunset_days=90)
    soon = stated({"deprecated": True, "x-sunset": "2026-07-01"})
    never = stated({"deprecated": True})

    rules = [
        {one.rule for one in difference(contract(), to, policy).breaking} for to in (soon, never)
    ]

    assert rules == [{"sunset-too-soon"}, {"sunset-missing"}]


def test_the_name_of_a_path_parameter_does_not_travel() -> None:
    def read(name: str) -> dict[str, Any]:
        parameter = {"name": name, "in": "path", "required": True, "schema": STRING}
        return at(f"/things/{{{name}}}", get={"parameters": [parameter], "responses": {}})

    assert told(read("id"), read("thing_id")) == {}


def test_tags_and_ids_are_only_told() -> None:
    base = stated({"operationId": "makeThing", "tags": ["a"]})
    revision = stated({"operationId": "createThing", "tags": ["b"]})

    assert told(base, revision) == {
        "operation-id-changed": "information",
        "tag-added": "information",
        "tag-removed": "information",
    }
    assert difference(base, revision).version == "patch"


# Parameters


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        (contract(), asking(STRING), {"parameter-added-optional": "information"}),
        (contract(), asking(STRING, required=True), {"parameter-added-required": "error"}),
        (asking(STRING), contract(), {"parameter-removed": "warning"}),
        (
            asking(STRING, deprecated=True),
            contract(),
            {"parameter-removed-after-deprecation": "information"},
        ),
        (asking(STRING), asking(STRING, required=True), {"parameter-now-required": "error"}),
        (asking(STRING, required=True), asking(STRING), {"parameter-now-optional": "information"}),
        (asking(STRING), asking(STRING, deprecated=True), {"parameter-deprecated": "information"}),
        (
            asking({"type": "array", "items": STRING}),
            asking({"type": "array", "items": STRING}, explode=False),
            {"parameter-serialization-changed": "error"},
        ),
        (asking(STRING), asking(STRING, explode=False), {}),
        (
            asking(thing(a=INTEGER)),
            asking(thing(a=STRING)),
            {"parameter-property-type-changed": "warning"},
        ),
    ],
)
def test_parameters(base: Any, revision: Any, expected: dict[str, str]) -> None:
    assert told(base, revision) == expected


def test_parameters_of_the_path_belong_to_its_operations() -> None:
    shared = {"name": "limit", "in": "query", "schema": INTEGER}
    whole = contract()
    whole["paths"]["/things"]["parameters"] = [shared]

    assert told(asking(INTEGER), whole) == {}
    assert told(asking({**INTEGER, "maximum": 9}), whole) == {"parameter-max-unset": "information"}


# Bodies and answers


def test_bodies() -> None:
    needed = requesting(STRING)
    free = contract({"requestBody": {"content": {JSON: {"schema": STRING}}}})

    assert told(contract(), needed) == {"request-body-added-required": "error"}
    assert told(contract(), free) == {"request-body-added-optional": "information"}
    assert told(needed, contract()) == {"request-body-removed": "error"}
    assert told(free, needed) == {"request-body-now-required": "error"}
    assert told(needed, free) == {"request-body-now-optional": "information"}


def test_media_types() -> None:
    def body(*types: str) -> dict[str, Any]:
        return contract({"requestBody": {"content": {one: {"schema": STRING} for one in types}}})

    def answer(*types: str) -> dict[str, Any]:
        content = {one: {"schema": STRING} for one in types}
        return contract({"responses": {"200": {"description": "", "content": content}}})

    assert told(body(JSON), body(JSON, "text/plain")) == {"request-media-type-added": "information"}
    assert told(body(JSON, "text/plain"), body(JSON)) == {"request-media-type-removed": "error"}
    assert told(answer(JSON), answer("application/json; charset=utf-8")) == {}
    assert told(answer(JSON), answer("application/problem+json")) == {
        "response-media-type-specialized": "information"
    }
    assert told(answer(JSON, "text/csv"), answer(JSON)) == {"response-media-type-removed": "error"}


def test_a_schema_where_there_was_none() -> None:
    free = contract({"requestBody": {"required": True, "content": {JSON: {}}}})
    silent = contract({"responses": {"200": {"description": "", "content": {JSON: {}}}}})

    change = only(free, requesting(STRING))
    assert (change.rule, change.severity) == ("request-schema-added", "error")
    assert change.witness is not None
    assert told(answering(STRING), silent) == {"response-schema-removed": "warning"}


def test_statuses() -> None:
    def answers(*statuses: str) -> dict[str, Any]:
        return contract({"responses": {one: {"description": ""} for one in statuses}})

    assert told(answers("200"), answers("201")) == {
        "response-success-status-removed": "error",
        "response-status-added": "information",
    }
    assert told(answers("200", "409"), answers("200")) == {
        "response-error-status-removed": "information"
    }
    assert told(answers("200", "404"), answers("200", "4XX")) == {}


def test_headers() -> None:
    def answer(**headers: Any) -> dict[str, Any]:
        named = {name.replace("_", "-"): words for name, words in headers.items()}
        return contract({"responses": {"200": {"description": "", "headers": named}}})

    needed, free = {"schema": STRING, "required": True}, {"schema": STRING}

    assert told(answer(X_Total=needed), answer()) == {"header-removed-required": "error"}
    assert told(answer(X_Total=free), answer()) == {"header-removed-optional": "warning"}
    assert told(answer(), answer(X_Total=free)) == {"header-added": "information"}
    assert told(answer(X_Total=needed), answer(X_Total=free)) == {"header-now-optional": "error"}
    assert told(answer(X_Total=free), answer(x_total=needed)) == {
        "header-now-required": "information"
    }
    assert told(answer(X_Total=free), answer(X_Total={"schema": INTEGER})) == {
        "header-type-changed": "error"
    }


def test_limits_of_a_header_are_only_told() -> None:
    def answer(**words: Any) -> dict[str, Any]:
        headers = {"X-Total": {"schema": {**INTEGER, **words}}}
        return contract({"responses": {"200": {"description": "", "headers": headers}}})

    assert told(answer(maximum=5), answer(maximum=9)) == {"header-max-increased": "information"}


# Security


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        ([{"key": []}], [], {"security-widened": "information"}),
        ([], [{"key": []}], {"security-required": "warning"}),
        ([{"key": []}], [{"key": []}, {"token": []}], {"security-widened": "information"}),
        ([{"key": []}, {"token": []}], [{"key": []}], {"security-narrowed": "error"}),
        (
            [{"token": ["read"]}],
            [{"token": ["read", "write"]}],
            {"security-scope-added": "warning"},
        ),
        (
            [{"token": ["read", "write"]}],
            [{"token": ["read"]}],
            {"security-widened": "information"},
        ),
        ([{"key": []}], [{"key": [], "token": []}], {"security-narrowed": "error"}),
        ([{"key": []}], [{}, {"key": []}], {"security-widened": "information"}),
        ([{"key": []}, {"token": []}], [{"token": []}, {"key": []}], {}),
    ],
)
def test_security(base: Any, revision: Any, expected: dict[str, str]) -> None:
    assert told(stated({"security": base}), stated({"security": revision})) == expected


def test_inherited_security_counts_like_own() -> None:
    whole = contract(security=[{"key": []}])

    assert told(stated({"security": [{"key": []}]}), whole) == {}


def test_security_schemes_are_only_told() -> None:
    def schemes(**found: Any) -> dict[str, Any]:
        return contract(components={"securitySchemes": found})

    key = {"type": "apiKey", "in": "header", "name": "X-Key"}

    assert told(schemes(), schemes(key=key)) == {"security-scheme-added": "information"}
    assert told(schemes(key=key), schemes()) == {"security-scheme-removed": "information"}
    assert told(schemes(key=key), schemes(key={**key, "name": "Key"})) == {
        "security-scheme-changed": "information"
    }


# The document


def test_webhooks_and_named_schemas() -> None:
    hook = {"post": {"responses": {}}}
    unused = {"components": {"schemas": {"Unused": STRING}}}

    assert told(contract(webhooks={"made": hook}), contract()) == {"webhook-removed": "error"}
    assert told(contract(), contract(webhooks={"made": hook})) == {"webhook-added": "information"}
    assert told(contract(**unused), contract()) == {"component-schema-removed": "information"}


def test_the_version_follows_the_worst_change() -> None:
    base = requesting(STRING)

    assert difference(base, requesting(INTEGER)).version == "major"
    assert difference(base, requesting({"type": ["string", "integer"]})).version == "minor"
    assert difference(base, {**base, "info": {"title": "Other", "version": "2"}}).version == "patch"
    assert difference(base, base).version == "none"


def test_a_part_that_cannot_be_read_hides_no_other() -> None:
    broken = thing(a=STRING, b={"type": "strange"})
    found = told(requesting(broken), requesting(thing(a=INTEGER, b={"type": "strange"})))

    assert found == {"part-unreadable": "warning", "request-type-changed": "error"}


def test_an_openapi_document_is_not_compared_with_one_of_asyncapi() -> None:
    with pytest.raises(ConfigurationError, match="AsyncAPI document, the other is not"):
        difference(contract(), {"asyncapi": "3.0.0", "channels": {}})
