"""Documents are read as meant; what cannot be read says where and why."""

from pathlib import Path
from typing import Any

import pytest

from lockstitch.contract.algebra import (
    Anything,
    Array,
    Boolean,
    Discriminator,
    Enumeration,
    Nothing,
    Null,
    Number,
    Object,
    Property,
    Reference,
    Schema,
    Text,
    Union,
)
from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from lockstitch.errors import UndecodableSchema, UnreadableDocument


def document(version: str = "3.1.0", **schemas: Any) -> Document:
    return read_document(
        {
            "openapi": version,
            "info": {"title": "Test", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }
    )


def read(schema: Any, version: str = "3.1.0", **others: Any) -> Schema:
    return document(version, It=schema, **others).schemas["It"]


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schema", "meaning"),
    [
        ({}, Anything()),
        (True, Anything()),
        (False, Nothing()),
        ({"type": "null"}, Null()),
        ({"type": "boolean"}, Boolean()),
        ({"type": "integer", "format": "int64"}, Number(integer=True, format="int64")),
        ({"type": "number", "minimum": 0}, Number(minimum=0)),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": 3},
            Number(minimum=3, exclusive_minimum=True),
        ),
        (
            {"type": "number", "minimum": 5, "exclusiveMinimum": 3},
            Number(minimum=5),
        ),
        ({"type": "string", "pattern": "^a", "maxLength": 3}, Text(max_length=3, patterns=("^a",))),
        ({"type": ["string", "null"]}, Union(members=(Text(), Null()))),
        ({"const": 1}, Enumeration((1,))),
        ({"enum": [1, True, "x"]}, Enumeration((1, True, "x"))),
        ({"enum": ["a", None]}, Union(members=(Enumeration(("a",)), Null()))),
        ({"type": "string", "enum": ["a", 1]}, Enumeration(("a",))),
        (
            {"const": {"a": [1]}},
            Object(
                properties=(
                    Property(
                        name="a",
                        schema=Array(prefix=(Enumeration((1,)),), items=Nothing(), min_items=1),
                        required=True,
                    ),
                ),
                additional=Nothing(),
            ),
        ),
        ({"type": "array", "items": {"type": "string"}}, Array(items=Text())),
        (
            {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "null"}],
                "minItems": 2,
                "maxItems": 2,
            },
            Array(prefix=(Text(), Null()), items=Nothing(), min_items=2),
        ),
        ({"type": "object", "additionalProperties": False}, Object(additional=Nothing())),
        (
            {"type": "object", "required": ["unnamed"]},
            Object(properties=(Property(name="unnamed", schema=Anything(), required=True),)),
        ),
        ({"anyOf": [{"type": "string"}]}, Text()),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            Union(members=(Text(), Null()), exclusive=True),
        ),
        (
            {"allOf": [{"type": "string", "maxLength": 5}, {"minLength": 2}]},
            Text(min_length=2, max_length=5),
        ),
        ({"allOf": [{"type": "string"}, {"type": "number"}]}, Nothing()),
        (
            {"type": "number", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}]},
            Number(multiple_of=12),
        ),
    ],
)
def test_a_schema_means(schema: Any, meaning: Schema) -> None:
    assert read(schema) == meaning


def test_true_and_one_are_different_constants() -> None:
    assert Enumeration((True,)) != Enumeration((1,))
    assert Enumeration((1.0,)) == Enumeration((1,))


def test_all_of_joins_objects_and_keeps_what_each_requires() -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    own = {"properties": {"a": {"maxLength": 3}, "c": {"type": "null"}}, "required": ["a", "b"]}

    joined = read({"allOf": [to("Part")], **own}, Part=part)

    assert isinstance(joined, Object)
    assert [(m.name, m.required) for m in joined.properties] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]
    assert joined.properties[0].schema == Text(max_length=3)


def test_members_beside_any_of_belong_to_each_alternative() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }

    union = read(schema)

    assert isinstance(union, Union)
    required = [
        {m.name for m in member.properties if m.required}
        for member in union.members
        if isinstance(member, Object)
    ]
    assert required == [{"a"}, {"b"}]


def test_recursion_passes_through_references() -> None:
    tree = read(
        {"type": "object", "properties": {"children": {"type": "array", "items": to("It")}}}
    )

    assert isinstance(tree, Object)
    assert tree.properties[0].schema == Array(items=Reference("It"))


def test_a_reference_may_point_anywhere_with_escapes() -> None:
    schemas = document(
        **{
            "a/b~c": {"type": "object", "properties": {"x y": {"type": "boolean"}}},
            "It": {"$ref": "#/components/schemas/a~1b~0c/properties/x%20y"},
        }
    ).schemas

    assert isinstance(schemas["It"], Reference)
    assert schemas[schemas["It"].key] == Boolean()


def test_the_discriminator_maps_values_to_members() -> None:
    cat = {"type": "object", "properties": {"kind": {"const": "cat"}}}
    union = read(
        {
            "oneOf": [to("Cat"), to("Dog")],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"dog": "#/components/schemas/Dog", "tom": "Cat"},
            },
        },
        Cat=cat,
        Dog=cat,
    )

    assert isinstance(union, Union)
    assert union.discriminator == Discriminator(property="kind", mapping=(("dog", 1), ("tom", 0)))


@pytest.mark.parametrize(
    ("schema", "meaning", "word"),
    [
        ({"type": "string", "nullable": True}, Union(members=(Text(), Null())), "nullable"),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            Number(minimum=0, exclusive_minimum=True),
            "exclusiveMinimum",
        ),
        ({"properties": {}}, Object(), "type"),
        ({"type": "string", "not": {"const": "x"}}, Text(), "not"),
        (None, Anything(), "null"),
        ({"type": "object", "discriminator": {"propertyName": "kind"}}, Object(), "union"),
    ],
)
def test_an_old_spelling_is_read_as_meant_with_a_warning(
    schema: Any, meaning: Schema, word: str
) -> None:
    found = document(It=schema)

    assert found.schemas["It"] == meaning
    assert [w for w in found.warnings if word in w.message and w.pointer.startswith("/components")]


def test_openapi_3_0_spells_null_without_a_warning() -> None:
    found = document("3.0.3", It={"type": "string", "nullable": True, "enum": ["a"]})

    assert found.schemas["It"] == Union(members=(Enumeration(("a",)), Null()))
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("schema", "error", "words"),
    [
        ({"type": "strnig"}, UnreadableDocument, "/components/schemas/It/type"),
        ({"type": "string", "minLength": "1"}, UnreadableDocument, "/minLength"),
        ({"$ref": "#/components/schemas/No"}, UnreadableDocument, "/components/schemas/No"),
        ({"$ref": "other.yaml#/a"}, UnreadableDocument, "Bundle it first"),
        (
            {"allOf": [{"$ref": "#/components/schemas/It"}, {"type": "object"}]},
            UndecodableSchema,
            "It",
        ),
        ({"$ref": "#/components/schemas/It"}, UndecodableSchema, "only itself"),
        ({"anyOf": {}}, UnreadableDocument, "/anyOf"),
        ([], UnreadableDocument, "/components/schemas/It"),
    ],
)
def test_an_unreadable_schema_says_where(schema: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read(schema)


def test_yaml_is_read_as_json_would_be(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "openapi: 3.1.0\n"
        "info: {title: Norway, version: 2024-01-01}\n"
        "paths: {}\n"
        "components:\n"
        "  schemas:\n"
        "    Country: {type: string, enum: [no, yes, on, 1:30, 2024-01-01, 0o17]}\n",
        encoding="utf-8",
    )

    schema = read_document(path).schemas["Country"]

    assert schema == Enumeration(("no", "yes", "on", "1:30", "2024-01-01", "0o17"))


@pytest.mark.parametrize("text", ["[]", "{", "swagger: '2.0'", "openapi: 4.0.0", "\t- x"])
def test_what_is_no_contract_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableDocument):
        read_document(path)


def test_operations_carry_parameters_bodies_and_responses() -> None:
    found = read_document(
        {
            "openapi": "3.2.0",
            "info": {"title": "T", "version": "1"},
            "servers": [{"url": "https://example.org"}],
            "security": [{"key": []}],
            "components": {
                "parameters": {
                    "Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}
                },
                "responses": {"Gone": {"description": "gone"}},
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            },
            "paths": {
                "/items/{id}": {
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        },
                        {"name": "page", "in": "query", "schema": {"type": "string"}},
                    ],
                    "post": {
                        "operationId": "post_item",
                        "x-extra": 1,
                        "parameters": [
                            {"$ref": "#/components/parameters/Page"},
                            {"name": "Authorization", "in": "header", "schema": {}},
                            {
                                "name": "filter",
                                "in": "query",
                                "style": "deepObject",
                                "explode": True,
                                "schema": {"type": "object"},
                            },
                        ],
                        "requestBody": {
                            "required": True,
                            "content": {"multipart/form-data": {"schema": {"type": "object"}}},
                        },
                        "responses": {
                            "200": {
                                "description": "events",
                                "content": {
                                    "text/event-stream": {"itemSchema": {"type": "string"}}
                                },
                            },
                            "4xx": {"$ref": "#/components/responses/Gone"},
                        },
                    },
                }
            },
        }
    )

    (operation,) = found.operations
    query = {p.name: p for p in operation.parameters_in("query")}
    assert [p.name for p in operation.parameters] == ["id", "page", "filter"]
    assert query["page"].schema == Number(integer=True)
    assert (query["filter"].style, query["filter"].explode) == ("deepObject", True)
    assert operation.body is not None
    assert operation.body.contents[0].kind == "multipart"
    assert [r.status for r in operation.responses] == ["200", "4XX"]
    assert operation.responses[0].contents[0].item == Text()
    assert operation.security == ({"key": ()},)
    assert operation.extensions == {"x-extra": 1}


def test_a_repeated_operation_id_is_replaced_with_a_warning() -> None:
    operation = {"operationId": "same", "responses": {}}
    found = read_document(
        {"openapi": "3.1.0", "info": {}, "paths": {"/a": {"get": operation, "put": operation}}}
    )

    assert [one.id for one in found.operations] == ["same", "put /a"]
    assert "renamed" in found.warnings[0].message


def test_a_schema_may_extend_itself_in_one_of_its_members() -> None:
    extended = {"allOf": [to("It"), {"type": "object", "properties": {"depth": {"type": "null"}}}]}
    node = {"type": "object", "properties": {"name": {"type": "string"}, "child": extended}}

    found = document(It=node)

    child = found.schemas["It"]
    assert isinstance(child, Object)
    inner = found.resolve(child.properties[1].schema)
    assert isinstance(inner, Object)
    assert [member.name for member in inner.properties] == ["name", "child", "depth"]


def test_a_member_may_be_narrowed_to_the_schema_that_extends() -> None:
    base = {"type": "object", "properties": {"parent": to("Base")}}
    special = {"allOf": [to("Base"), {"properties": {"parent": to("It"), "x": {"type": "null"}}}]}

    found = document(It=special, Base=base)

    it = found.schemas["It"]
    assert isinstance(it, Object)
    parent = found.resolve(it.properties[0].schema)
    assert isinstance(parent, Object)
    assert {member.name for member in parent.properties} == {"parent", "x"}


def test_an_old_tuple_and_a_required_flag_are_read_as_meant() -> None:
    pair = read({"type": "array", "items": [{"type": "string"}], "additionalItems": False})
    flagged = read({"type": "object", "required": True, "properties": {"a": {"type": "null"}}})

    assert pair == Array(prefix=(Text(),), items=Nothing())
    assert flagged == Object(properties=(Property(name="a", schema=Null()),))


def test_keys_of_yaml_are_strings(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "openapi: 3.0.3\ninfo: {title: 7, version: 1}\npaths:\n  /a:\n    get:\n"
        "      responses:\n        200:\n          description: 1\n"
        "          content:\n            application/json:\n",
        encoding="utf-8",
    )

    (operation,) = read_document(path).operations

    assert operation.responses[0].status == "200"
    assert operation.responses[0].contents[0].schema is None


def test_unevaluated_properties_are_additional_ones_after_the_merge() -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}}
    mine = {"type": "object", "properties": {"b": {"type": "string"}}}
    found = document(
        Base=base,
        Both={"allOf": [to("Base"), mine], "unevaluatedProperties": False},
        Map={**base, "unevaluatedProperties": {"type": "integer"}},
        Open={**base, "additionalProperties": True, "unevaluatedProperties": False},
        Either={"oneOf": [to("Base"), mine], "unevaluatedProperties": False},
    )

    both, either = found.schemas["Both"], found.schemas["Either"]
    assert isinstance(both, Object)
    assert isinstance(either, Union)
    assert [member.name for member in both.properties] == ["a", "b"]
    assert both.additional == Nothing()
    assert [one.additional for one in either.members if isinstance(one, Object)] == [Nothing()] * 2
    assert found.schemas["Map"] == Object(
        properties=(Property(name="a", schema=Text()),),
        additional=Number(integer=True),
        declared=True,
    )
    assert found.schemas["Open"] == Object(
        properties=(Property(name="a", schema=Text()),), declared=True
    )
    assert [one.pointer for one in found.warnings if one.rule == "not-checked"] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [to("A"), to("B")], "unevaluatedProperties": False},
        {"type": "object", "if": {}, "then": to("A"), "unevaluatedProperties": False},
    ],
)
def test_unevaluated_properties_that_depend_on_alternatives_are_a_warning(schema: Any) -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}}}
    other = {"type": "object", "properties": {"b": {"type": "string"}}}

    found = document(A=part, B=other, Thing=schema)

    places = {one.pointer for one in found.warnings if one.rule == "not-checked"}
    assert "/components/schemas/Thing/unevaluatedProperties" in places


def document_of(**schemas: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"schemas": schemas}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_union_of_itself_and_others_is_the_others() -> None:
    document = read_document(document_of(A={"anyOf": [reference("A"), {"type": "string"}]}))

    assert document.schemas["A"] == Text()


def test_unions_of_each_other_are_refused() -> None:
    first = {"oneOf": [reference("B"), {"type": "integer"}]}
    second = {"oneOf": [reference("A"), {"type": "string"}]}

    with pytest.raises(UndecodableSchema, match=r"/components/schemas/A: .* A → B → A"):
        read_document(document_of(A=first, B=second))


def test_too_many_alternatives_are_refused() -> None:
    unions = [
        {"oneOf": [{"type": "object", "required": [f"{one}{member}"]} for member in range(4)]}
        for one in range(9)
    ]

    with pytest.raises(UndecodableSchema, match=r"/components/schemas/A: .* 1,000 alternatives"):
        read_document(document_of(A={"allOf": unions}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("? [a, b]\n: 1\n", "a key must be a string"),
        ("info: &a\n  b: *a\n", "Circular reference"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_what_no_json_could_hold_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text)

    with pytest.raises(UnreadableDocument, match=words):
        read_document(path)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999"])
def test_a_number_that_json_does_not_have_is_refused_with_its_place(
    tmp_path: Path, text: str
) -> None:
    source = tmp_path / "openapi.json"
    schema = f'{{"type": "number", "default": {text}}}'
    source.write_text(f'{{"openapi": "3.1.0", "components": {{"schemas": {{"A": {schema}}}}}}}')

    with pytest.raises(UnreadableDocument, match="is no number of JSON") as refused:
        read_document(source)
    with pytest.raises(UnreadableDocument, match="is no number of JSON"):
        document(A={"default": float(text)})

    assert refused.value.pointer == "/components/schemas/A/default"


@pytest.mark.parametrize(
    ("schema", "meaning", "message"),
    [
        ({"type": "string", "oneOf": []}, Text(), '"oneOf" lists no schema; ignored.'),
        ({"type": "string", "pattern": 0}, Text(), '"pattern" is no string; ignored.'),
    ],
)
def test_what_says_nothing_is_ignored_with_a_warning(
    schema: Any, meaning: Schema, message: str
) -> None:
    found = document(It=schema)

    assert found.schemas["It"] == meaning
    assert [warn.message for warn in found.warnings] == [message]
