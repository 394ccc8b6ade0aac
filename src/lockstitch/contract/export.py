"""The contract of a FastAPI application, exported deterministically."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch.contract.versions import tell_deprecations

AUDIENCE = "x-lockstitch-audience"
SECURITY_SCHEME = "session"
KEY_SCHEME = "key"
BEARER_SCHEME = "token"

Document = dict[str, Any]


def export_document(app: FastAPI, problem: type[BaseModel]) -> Document:
    """Return the application's OpenAPI document.

    Operations that declare an audience refuse members that their request bodies do not name, and
    say so; they answer errors as `problem`. The owner's other operations stand as FastAPI
    describes them.
    """
    document = FastAPI.openapi(app)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(_schemas_of(problem))
    components["schemas"] = dict(sorted(schemas.items()))
    components.setdefault("securitySchemes", {})[SECURITY_SCHEME] = {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-lockstitch",
        "description": "The session cookie; on loopback over http it is lockstitch-PORT.",
    }
    components["securitySchemes"][KEY_SCHEME] = {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of an organisation.",
    }
    components["securitySchemes"][BEARER_SCHEME] = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": (
            "A token of an issuer that the service trusts. The header Lockstitch-Organisation may "
            "name the organisation to act for; else it is the one that the person joined first."
        ),
    }
    for operation in _own_operations(document):
        for name in _reachable(operation.get("requestBody", {}), components["schemas"], set()):
            _close(components["schemas"][name])
    tell_deprecations(app, document)
    return document


def document_text(document: Document) -> str:
    """Return the one spelling in which a contract is committed and compared."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def is_stale(document: Document, committed: Path) -> bool:
    """Return whether the committed contract differs from the application's."""
    return not committed.is_file() or committed.read_text() != document_text(document)


def _schemas_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    nested: dict[str, Any] = schema.pop("$defs", {})
    return {**nested, model.__name__: schema}


def _own_operations(document: Document) -> Iterator[Document]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and AUDIENCE in operation:
                yield operation


def _reachable(node: Any, schemas: dict[str, Any], seen: set[str]) -> set[str]:
    """Return the names of all component schemas that a part of the document leads to."""
    if isinstance(node, list):
        for member in node:
            _reachable(member, schemas, seen)
    elif isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
        if name in schemas and name not in seen:
            seen.add(name)
            _reachable(schemas[name], schemas, seen)
        for member in node.values():
            _reachable(member, schemas, seen)
    return seen


def _close(schema: dict[str, Any]) -> None:
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
