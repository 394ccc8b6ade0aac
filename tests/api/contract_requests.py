"""Requests that the contract of an application allows, made from its schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from lockstitch.contract.algebra import Object, Schema
from lockstitch.contract.document import Content, Document, Operation
from lockstitch.contract.mock.recipes import Recipes
from lockstitch.contract.mock.sampling import sample
from lockstitch.contract.mock.validation import Validator
from lockstitch.contract.reading import read_document

CSV = b"text,stars\ngood,5\nbad,1\n"


@dataclass(frozen=True)
class Request:
    """What httpx2 sends as a body."""

    operation: Operation
    arguments: dict[str, Any]

    @property
    def path(self) -> str:
        return self.operation.path


class ContractRequests:
    """Requests for every operation of an application."""

    def __init__(self, app: FastAPI) -> None:
        self.document: Document = read_document(app.openapi())
        self._recipes = Recipes(Validator(self.document, "write"))

    def posts(self) -> Iterator[Operation]:
        return (one for one in self.document.operations if one.method == "post")

    def valid(self, operation: Operation, seed: str) -> Request:
        """Return a request with what is required and nothing else; another seed, another one."""
        content = content_of(operation)
        if content is None:
            return Request(operation, {})
        schema = content.schema
        assert schema is not None, operation.id
        recipe = self._recipes.of(schema)
        assert recipe is not None, operation.id
        value = sample(recipe, seed, self._recipes.cookbook)
        required = {one.name for one in self.object(schema).properties if one.required}
        body = {
            # One item of a list, so that two requests have equally many effects.
            name: given[:1] if isinstance(given, list) else given
            for name, given in value.items()
            if name in required
        }
        if content.kind != "multipart":
            return Request(operation, {"json": body})
        files = {
            one.name: ("r.csv", CSV + f"{seed},3\n".encode())
            for one in self.object(schema).properties
            if getattr(one.schema, "format", None) == "binary"
        }
        texts = {name: given for name, given in body.items() if name not in files}
        return Request(operation, {"data": texts, "files": files})

    def object(self, schema: Schema) -> Object:
        """Return the object that a body is."""
        resolved = self.document.resolve(schema)
        assert isinstance(resolved, Object), resolved
        return resolved


def content_of(operation: Operation) -> Content | None:
    return operation.body.contents[0] if operation.body is not None else None
