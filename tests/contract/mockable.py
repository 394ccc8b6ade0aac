"""A contract with what is hard to mock, beside what everything.py holds."""

from typing import Any

from everything import application


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def struct(*optional: str, **properties: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def answer(schema: Any, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"description": "", "content": {media_type: {"schema": schema, **more}}}


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
PROBLEM = struct("detail", type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT)

SCHEMAS: dict[str, Any] = {
    "Problem": PROBLEM,
    # Values that only few shapes have.
    "Texts": struct(
        pattern={"type": "string", "pattern": r"^(?:v\d{1,3}\.){2}[^\W_]+-(?:alpha|beta)?$"},
        looking={"type": "string", "pattern": r"^(?=.*\d)(?!0)[a-z0-9]{6,}$"},
        two={"allOf": [{"type": "string", "pattern": "^[a-f]+"}, {"pattern": "[0-9]$"}]},
        somewhere={"type": "string", "pattern": "x-[0-9a-f]{4}"},
        long={"type": "string", "minLength": 300},
        padded={"type": "string", "pattern": "^[A-Z]+$", "minLength": 40, "maxLength": 42},
        tiny={"type": "string", "maxLength": 1},
        empty={"type": "string", "maxLength": 0},
        host={"type": "string", "format": "hostname", "maxLength": 40},
        shortMail={"type": "string", "format": "email", "maxLength": 20},
        day={"type": "string", "format": "date"},
        id={"type": "string", "format": "uuid"},
        example={"type": "string", "examples": ["sku-1", "sku-2"], "pattern": "^sku-"},
        wrongExample={"type": "string", "example": "nothing", "pattern": "^sku-[0-9]$"},
        endless={"type": "string", "example": "a" * 40 + "!", "pattern": "^(a+)+b?$"},
    ),
    "Numbers": struct(
        open_=NUMBER,
        cents={"type": "number", "multipleOf": 0.01, "minimum": 0.29, "maximum": 5},
        sevens={"type": "integer", "multipleOf": 7, "minimum": -100, "maximum": -50},
        narrow={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        single={"type": "integer", "minimum": 41, "exclusiveMaximum": 42},
        below={"type": "number", "maximum": -1000000},
        small={"type": "integer", "format": "int32"},
        exact={"type": "number", "minimum": 0.123456789, "maximum": 0.123456789},
    ),
    "Collections": struct(
        "maybe",
        unique={"type": "array", "uniqueItems": True, "minItems": 2, "items": {"type": "boolean"}},
        pair={"type": "array", "prefixItems": [TEXT, NUMBER], "items": False, "minItems": 2},
        rest={"type": "array", "prefixItems": [TEXT], "items": NUMBER, "minItems": 3},
        codes={"type": "object", "patternProperties": {"^x_": NUMBER}, "minProperties": 2},
        named={
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{2}$"},
            "additionalProperties": NUMBER,
            "minProperties": 4,
        },
        few={"type": "object", "properties": {"a": TEXT, "b": TEXT, "c": TEXT}, "maxProperties": 1},
        some={"type": "object", "properties": {"a": TEXT, "b": TEXT}, "minProperties": 1},
        nothing={"type": "array", "items": False},
        maybe=TEXT,
    ),
    # Exclusive alternatives that overlap.
    "Overlap": {
        "oneOf": [
            struct("b", a=TEXT, b=TEXT),
            struct("a", b=NUMBER, a=TEXT),
            {"type": "integer"},
            {"type": "number", "minimum": 500},
        ]
    },
    # Recursion through every way out, and one without.
    "Tree": struct(
        "left",
        "right",
        label=TEXT,
        left=to("Tree"),
        right={"oneOf": [to("Tree"), {"type": "null"}]},
    ),
    "Expression": {
        "oneOf": [to("Sum"), to("Literal")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                "sum": "#/components/schemas/Sum",
                "literal": "#/components/schemas/Literal",
            },
        },
    },
    "Sum": struct(
        kind=TEXT,
        terms={"type": "array", "minItems": 2, "items": to("Expression")},
    ),
    "Literal": struct(kind=TEXT, value=NUMBER),
    # What must hold itself can be empty.
    "Forest": struct(
        trees={"type": "array", "items": to("Forest")},
        named={"type": "object", "additionalProperties": to("Forest")},
    ),
    "Endless": struct(next=to("Endless")),
    "MaybeEndless": struct("endless", name=TEXT, endless=to("Endless")),
    # No text has the pattern, which is seen only when one is made.
    "Impossible": struct(it={"type": "string", "pattern": "^a(?=b)c$"}),
    "MaybeImpossible": struct("it", name=TEXT, it=to("Impossible")),
    "AroundImpossible": struct(name=to("Exemplary"), inner=to("MaybeImpossible")),
    "Secretive": struct(name=TEXT, password={**TEXT, "writeOnly": True}),
    "Exemplary": {**struct(name=TEXT), "examples": [{"name": "Ada"}]},
    "Event": struct(
        "event",
        "id",
        data={
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": struct(token=TEXT),
        },
        event={"enum": ["token", "end"]},
        id=TEXT,
    ),
}
PAIR = {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 2}
LISTS = {"flat": "form", "spaces": "spaceDelimited", "pipes": "pipeDelimited"}
ROOTS = (
    "Forest",
    "Texts",
    "Numbers",
    "Collections",
    "Overlap",
    "Tree",
    "Expression",
    "AroundImpossible",
    "MaybeEndless",
    "Secretive",
    "Exemplary",
)


def contract() -> dict[str, Any]:
    """Return an OpenAPI document that answers each of the schemas, and everything.py's."""
    document = application.openapi()
    schemas = {**document["components"]["schemas"], **SCHEMAS}
    paths = {**document["paths"]}
    for name in (*ROOTS, "Endless"):
        paths[f"/{name.lower()}/{{name}}"] = {
            "get": {
                "operationId": f"get_{name.lower()}",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": TEXT},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 5}},
                ],
                "responses": {
                    "200": answer(to(name)),
                    "404": answer(to("Problem"), "application/problem+json"),
                    "4XX": answer(struct(message=TEXT)),
                    "default": {"description": "Nothing to say."},
                },
            },
        }
    paths["/lists"] = {
        "get": {
            "operationId": "lists",
            "parameters": [
                {"name": name, "in": "query", "schema": PAIR, "style": style, "explode": False}
                for name, style in LISTS.items()
            ],
            "responses": {"200": answer(TEXT)},
        }
    }
    paths["/events"] = {
        "get": {
            "operationId": "watch",
            "responses": {
                "200": {
                    "description": "",
                    "content": {"text/event-stream": {"itemSchema": to("Event")}},
                }
            },
        }
    }
    return {**document, "paths": paths, "components": {"schemas": schemas}}
