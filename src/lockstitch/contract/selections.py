"""Answers that a caller may cut down: the schemas of what is then left.

An operation with `x-lockstitch-fields` answers an item, or a page of items, of which the caller
chooses members. For each such item `Model` a schema `SelectedModel` is added in which no member is
required, and for a page of them one that says nothing of its items.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lockstitch.contract.extensions import PREFIX, Fields, Pages
from lockstitch.contract.pointers import child
from lockstitch.errors import UnreadableDocument

SELECTED: Final = "Selected"
SCHEMAS: Final = "#/components/schemas/"

Raw = Mapping[str, Any]


def add_selections(document: Raw) -> Raw:
    """Return the document with the schemas of what is left of each answer.

    Raises:
        UnreadableDocument: An answer is no named object, nor a page of one.
    """
    found = list(_selecting(document))
    if not found:
        return document
    extended = copy.deepcopy(dict(document))
    schemas = extended.get("components", {}).get("schemas", {})
    for pointer, operation in found:
        answer = _answer(operation)
        member = _items_member(operation, schemas.get(answer, {}))
        item = answer if member is None else _item(schemas[answer], member)
        if item is None or "properties" not in schemas.get(item, {}):
            raise UnreadableDocument(
                "What can be cut down must be a named object, or a page with a list of them.",
                pointer=child(pointer, PREFIX + Fields.name),
            )
        schemas[SELECTED + item] = _optional(schemas[item])
        if member is not None:
            schemas[SELECTED + answer] = _around(schemas[answer], member)
    return extended


def _selecting(document: Raw) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        if not isinstance(item, dict):
            continue
        for method, operation in item.items():
            if isinstance(operation, dict) and PREFIX + Fields.name in operation:
                yield child("/paths", path, method), operation


def _answer(operation: Raw) -> str:
    """Return the name of the schema of the success, or nothing when it has none."""
    for status, response in operation.get("responses", {}).items():
        if str(status).startswith("2"):
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            return _name(schema) or ""
    return ""


def _name(schema: Any) -> str | None:
    reference = str(schema.get("$ref", "")) if isinstance(schema, dict) else ""
    return reference.removeprefix(SCHEMAS) if reference.startswith(SCHEMAS) else None


def _items_member(operation: Raw, answer: Raw) -> str | None:
    pages = operation.get(PREFIX + Pages.name)
    name = str(pages.get("items", "items")) if isinstance(pages, dict) else "items"
    return name if _item(answer, name) is not None else None


def _item(page: Any, member: str) -> str | None:
    listed = page.get("properties", {}).get(member, {}) if isinstance(page, dict) else {}
    return _name(listed.get("items")) if listed.get("type") == "array" else None


def _optional(schema: Raw) -> dict[str, Any]:
    optional = {name: value for name, value in schema.items() if name not in {"required", "title"}}
    return copy.deepcopy(optional)


def _around(page: Raw, member: str) -> dict[str, Any]:
    around = copy.deepcopy({name: value for name, value in page.items() if name != "title"})
    around["properties"][member] = {"type": "array", "items": True}
    around["required"] = sorted({*around.get("required", ()), member})
    return around
