"""References by anchor and to other files are followed as if all stood in one document."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockstitch.contract.algebra import Array, Enumeration, Object, Reference, Text, Union
from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.emit import emit
from lockstitch.errors import UnreadableDocument


def opening(**members: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "Parts", "version": "1"}, "paths": {}, **members}


def schemas(**named: Any) -> dict[str, Any]:
    return opening(components={"schemas": named})


def written(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(content) if path.suffix == ".yaml" else json.dumps(content)
        path.write_text(text)
    return folder / next(iter(files))


def member(document: Document, name: str, key: str) -> Any:
    schema = document.schemas[name]
    assert isinstance(schema, Object)
    found = schema.member(key)
    assert found is not None
    return found.schema


def test_an_anchor_names_the_schema_that_has_it() -> None:
    document = read_document(
        schemas(
            Tree={
                "$anchor": "tree",
                "type": "object",
                "properties": {
                    "leaf": {"$anchor": "leaf", "enum": ["green"]},
                    "children": {"type": "array", "items": {"$ref": "#tree"}},
                    "other": {"$ref": "#leaf"},
                },
            }
        )
    )

    place = "/components/schemas/Tree/properties/leaf"
    assert member(document, "Tree", "children") == Array(items=Reference("Tree"))
    assert member(document, "Tree", "other") == Reference(place)
    assert document.schemas[place] == Enumeration(("green",))


def test_an_anchor_that_nobody_has_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableDocument, match=r"^/components/schemas/A: .*anchor 'b'"):
        read_document(schemas(A={"$ref": "#b"}))


FILES = {
    "api/openapi.yaml": opening(
        paths={
            "/pets": {"$ref": "paths/pets.yaml"},
            "/owners": {
                "get": {
                    "operationId": "owners",
                    "parameters": [{"$ref": "shared.json#/parameters/limit"}],
                    "responses": {"200": {"$ref": "shared.json#/responses/owner"}},
                }
            },
        },
        components={"schemas": {"Name": {"type": "string", "maxLength": 9}}},
    ),
    "api/paths/pets.yaml": {
        "get": {
            "operationId": "pets",
            "responses": {
                "200": {
                    "description": "",
                    "content": {"application/json": {"schema": {"$ref": "../../models/Pet.yaml"}}},
                }
            },
        }
    },
    "models/Pet.yaml": {
        "oneOf": [{"$ref": "cats/Cat.yaml"}, {"$ref": "cats/Dog.yaml"}],
        "discriminator": {"propertyName": "kind", "mapping": {"c": "cats/Cat.yaml"}},
    },
    "models/cats/Cat.yaml": {
        "type": "object",
        "properties": {
            "kind": {"type": "string"},
            "name": {"$ref": "../../api/openapi.yaml#/components/schemas/Name"},
            "friends": {"type": "array", "items": {"$ref": "../Pet.yaml"}},
            "colour": {"$ref": "#/$defs/colour"},
            "note": {"type": "object", "example": {"$ref": "nowhere.yaml"}},
        },
        "$defs": {"colour": {"enum": ["red"]}},
    },
    "models/cats/Dog.yaml": {"type": "object", "properties": {"kind": {"type": "string"}}},
    "api/shared.json": {
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
        "responses": {
            "owner": {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": "#/schemas/owner"}}},
            }
        },
        "schemas": {
            "owner": {"type": "object", "properties": {"self": {"$ref": "#/schemas/owner"}}}
        },
    },
}


def test_files_that_refer_to_each_other_are_read_as_one(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, FILES))

    cat, pet = (
        "/x-lockstitch-files/..~1models~1cats~1Cat.yaml",
        "/x-lockstitch-files/..~1models~1Pet.yaml",
    )
    assert {operation.id for operation in document.operations} == {"pets", "owners"}
    assert document.schemas["Name"] == Text(max_length=9)
    assert member(document, cat, "name") == Reference("Name")
    assert member(document, cat, "friends") == Array(items=Reference(pet))
    assert member(document, cat, "colour") == Reference(f"{cat}/$defs/colour")
    union = document.schemas[pet]
    assert isinstance(union, Union)
    assert union.discriminator is not None
    assert union.discriminator.mapping == (("c", 0),)


def test_types_of_other_files_are_called_as_they_are_there(tmp_path: Path) -> None:
    types = emit(read_document(written(tmp_path, FILES)))["types.ts"]

    assert "export interface Cat {" in types
    assert "export type Pet = Cat | Dog" in types
    assert "export interface Owner {\n  self?: Owner\n}" in types


@pytest.mark.parametrize("goal", ["https://example.com/pet.yaml", "missing.yaml"])
def test_a_file_that_is_elsewhere_or_nowhere_is_refused(tmp_path: Path, goal: str) -> None:
    source = written(tmp_path, {"openapi.json": schemas(A={"$ref": goal})})

    with pytest.raises(UnreadableDocument, match=goal):
        read_document(source)


def test_a_parsed_document_has_no_files_beside_it() -> None:
    with pytest.raises(UnreadableDocument, match=r"^/components/schemas/A: .*Bundle it first"):
        read_document(schemas(A={"$ref": "pet.yaml"}))
