"""Names in TypeScript follow from names on the wire, in one way only."""

import pytest

from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript import names
from lockstitch.contract.typescript.emit import emit
from lockstitch.contract.typescript.options import TypeScriptOptions
from lockstitch.errors import NameCollision


@pytest.mark.parametrize(
    ("wire", "camel"),
    [
        ("created_at", "createdAt"),
        ("If-Match", "ifMatch"),
        ("X-Request-ID", "xRequestId"),
        ("API_KEY", "apiKey"),
        ("pageSize", "pageSize"),
        ("PageSize", "PageSize"),
        ("ID", "ID"),
        ("_links", "_links"),
        ("__type_name", "__typeName"),
        ("class_", "class_"),
        ("sha_256", "sha256"),
        ("+1", "+1"),
        ("-1", "-1"),
        ("filter[name]", "filter[name]"),
        ("DateCreated<", "DateCreated<"),
        ("", ""),
        ("größe_in_cm", "größe_in_cm"),
    ],
)
def test_a_member_is_called(wire: str, camel: str) -> None:
    assert names.member_name(wire) == camel


@pytest.mark.parametrize(
    ("schema", "pascal"),
    [
        ("Prediction[Sentiment]", "PredictionSentiment"),
        ("Body_upload_x_post", "BodyUploadXPost"),
        ("HTTPValidationError", "HTTPValidationError"),
        ("video.v1.room", "VideoV1Room"),
        ("2fa-code", "Schema2faCode"),
        ("Error", "ErrorModel"),
        ("Date", "DateModel"),
        ("日本", "Schema"),
    ],
)
def test_a_type_is_called(schema: str, pascal: str) -> None:
    assert names.type_name(schema) == pascal


@pytest.mark.parametrize(
    ("operation", "camel"),
    [("delete", "deleteOperation"), ("get /a/{b}", "getAB"), ("session.list", "sessionList")],
)
def test_a_function_is_called(operation: str, camel: str) -> None:
    assert names.function_name(operation) == camel


def contract(**properties: object) -> dict[str, object]:
    schema = {"type": "object", "properties": properties}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Thing": schema}},
    }


def test_members_that_collide_are_an_error_that_names_both() -> None:
    document = read_document(contract(user_id={}, userId={}))

    with pytest.raises(NameCollision, match=r"/components/schemas/Thing.*'user_id' and 'userId'"):
        emit(document)
    assert (
        "user_id?: unknown\n  userId?: unknown"
        in emit(document, TypeScriptOptions(names="wire"))["types.ts"]
    )


def test_keys_of_dictionaries_are_data() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    modules = emit(read_document(contract(free_map=schema)))

    assert "freeMap?: Record<string, number>" in modules["types.ts"]


def test_types_that_would_be_called_the_same_are_numbered() -> None:
    raw = contract()
    raw["components"] = {"schemas": {"foo_bar": {"type": "null"}, "FooBar": {"type": "string"}}}
    types = emit(read_document(raw))["types.ts"]

    assert "export type FooBar = null" in types
    assert "export type FooBar2 = string" in types


def test_the_two_sides_of_a_model_are_one_type_unless_they_differ() -> None:
    same = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Same-Input"}}}
    raw = contract()
    raw["components"] = {
        "schemas": {
            "Same-Input": same,
            "Same-Output": {
                "type": "object",
                "properties": {"child": {"$ref": "#/components/schemas/Same-Output"}},
            },
            "Other-Input": {"type": "string"},
            "Other-Output": {"type": "number"},
        }
    }
    types = emit(read_document(raw))["types.ts"]

    assert "SameInput" not in types
    assert "interface Same {\n  child?: Same\n}" in types
    assert "export type OtherInput = string" in types
    assert "export type Other = number" in types


def test_what_only_one_side_may_carry_is_left_out_of_the_other() -> None:
    pet = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "password": {"type": "string", "writeOnly": True},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
    operation = {
        "operationId": "put_pet",
        "requestBody": {"content": content},
        "responses": {"200": {"description": "", "content": content}},
    }
    raw = {**contract(), "paths": {"/pet": {"put": operation}}}
    raw["components"] = {"schemas": {"Pet": pet}}
    types = emit(read_document(raw))["types.ts"]

    assert "export interface Pet {\n  id: string\n}" in types
    assert "export interface PetInput {\n  password: string\n}" in types
