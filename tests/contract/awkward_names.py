"""A contract whose names are those that generated clients use themselves."""

from typing import Any

TYPES = (
    "Decoded Issue JsonObject Candidate Omit Client CallOptions Operation TransportError "
    "ProblemOf Recipe Reader QueryClient Selection AbortSignal Partial"
)
# Their constants would be called as they are.
ENUMERATIONS = ("E1", "A", "ISO4217")
FUNCTIONS = (
    "client input options signal constructor toString arg fields pageParam keys queries mutate "
    "queryOptions mocks words listXQuery listXSwr prefetchListX listXOperation listXMock listX"
)


def colliding_names() -> dict[str, Any]:
    """Return the document."""
    members = {"constructor": {"type": "string"}, "toString": {"type": "integer"}}
    schemas: dict[str, Any] = {
        name: {"type": "object", "required": ["constructor"], "properties": members}
        for name in TYPES.split()
    }
    schemas |= {name: {"enum": ["x", "y"]} for name in ENUMERATIONS}
    everything = {"type": "object", "properties": {name: _reference(name) for name in schemas}}
    paths = {
        f"/{name}": {
            "get": {
                "operationId": name,
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                **_answers(_reference("Decoded")),
            },
            "post": {
                "operationId": f"{name}_post",
                "requestBody": {"content": {"application/json": {"schema": everything}}},
                **_answers(everything),
            },
        }
        for name in FUNCTIONS.split()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Names", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "", "content": content}}}
