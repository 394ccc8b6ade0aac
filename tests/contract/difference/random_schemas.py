"""Random raw schemas and random edits of them, the same for the same seed."""

import copy
import random
from typing import Any

WORDS = ("amber", "birch", "cedar", "delta")
FORMATS = ("date", "date-time", "uuid", "ipv4", None, None)
SCALARS = ("number", "integer", "string", "enum", "boolean")
SHAPES = ("object", "object", "array", "map", "tuple", "ref")
UNIONS = ("nullable", "any_of", "one_of")
PATTERNS = ("^[a-z]+$", "^[A-Z]", "[0-9]")


class Maker:
    """Makes schemas that refer to `#/components/schemas/Tree` now and then."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def schema(self, depth: int = 3) -> dict[str, Any]:
        kinds = [*SCALARS, *(SHAPES if depth > 0 else ()), *(UNIONS if depth > 0 else ())]
        return self._of(kinds, depth)

    def _of(self, kinds: list[str], depth: int) -> dict[str, Any]:
        return getattr(self, f"_{self._random.choice(kinds)}")(depth)

    def edited(self, schema: Any) -> Any:
        """Return a copy with one to three changes."""
        changed = copy.deepcopy(schema)
        for _ in range(self._random.randint(1, 3)):
            nodes = list(_nodes(changed))
            self._edit(self._random.choice(nodes))
        return changed

    def _edit(self, node: dict[str, Any]) -> None:
        choice = self._random.random()
        if "$ref" in node or choice < 0.1:
            replacement = self.schema(1)
            node.clear()
            node.update(replacement)
        elif choice < 0.25 and node.get("required"):
            node["required"].pop()
        elif choice < 0.4 and node.get("properties"):
            name = self._random.choice(list(node["properties"]))
            node["required"] = sorted({*node.get("required", []), name})
        elif choice < 0.5 and node.get("properties"):
            name = self._random.choice(list(node["properties"]))
            del node["properties"][name]
            if "required" in node:
                node["required"] = [one for one in node["required"] if one != name]
        elif choice < 0.6 and node.get("type") == "object":
            node["additionalProperties"] = self._random.random() < 0.5
        elif "enum" in node:
            node["enum"] = self._random.sample([*WORDS, 1, 2], self._random.randint(1, 4))
        else:
            self._edit_limits(node)

    def _edit_limits(self, node: dict[str, Any]) -> None:
        limits = {
            "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
            "number": ("minimum", "maximum", "multipleOf"),
            "string": ("minLength", "maxLength"),
            "array": ("minItems", "maxItems"),
            "object": ("minProperties", "maxProperties"),
        }.get(str(node.get("type")))
        if limits is None:
            return
        word = self._random.choice(limits)
        if word in node and self._random.random() < 0.3:
            del node[word]
        else:
            node[word] = self._random.randint(1, 6)

    def _limited(self, schema: dict[str, Any], *words: str) -> dict[str, Any]:
        low, high = sorted(self._random.sample(range(9), 2))
        limits = zip(words, (low, high), strict=True)
        return schema | {word: limit for word, limit in limits if self._random.random() < 0.4}

    def _number(self, depth: int) -> dict[str, Any]:
        found = self._limited({"type": "number"}, "minimum", "maximum")
        if self._random.random() < 0.2:
            found["multipleOf"] = self._random.choice([0.5, 2, 3])
        return found

    def _integer(self, depth: int) -> dict[str, Any]:
        return self._limited({"type": "integer"}, "exclusiveMinimum", "maximum")

    def _string(self, depth: int) -> dict[str, Any]:
        found = self._limited({"type": "string"}, "minLength", "maxLength")
        if self._random.random() < 0.2:
            return {"type": "string", "pattern": self._random.choice(PATTERNS)}
        format_ = self._random.choice(FORMATS)
        return {"type": "string", "format": format_} if format_ else found

    def _enum(self, depth: int) -> dict[str, Any]:
        return {"enum": self._random.sample([*WORDS, 1, 2], self._random.randint(1, 4))}

    def _boolean(self, depth: int) -> dict[str, Any]:
        return {"type": "boolean"}

    def _nullable(self, depth: int) -> dict[str, Any]:
        return {"type": [self._random.choice(["string", "integer", "boolean"]), "null"]}

    def _object(self, depth: int) -> dict[str, Any]:
        names = self._random.sample(WORDS, self._random.randint(1, 3))
        found: dict[str, Any] = {
            "type": "object",
            "properties": {name: self.schema(depth - 1) for name in names},
            "required": [name for name in names if self._random.random() < 0.5],
        }
        if self._random.random() < 0.3:
            found["additionalProperties"] = False
        return found

    def _map(self, depth: int) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.schema(depth - 1)}

    def _array(self, depth: int) -> dict[str, Any]:
        found = {"type": "array", "items": self.schema(depth - 1)}
        return self._limited(found, "minItems", "maxItems")

    def _tuple(self, depth: int) -> dict[str, Any]:
        prefix = [self.schema(depth - 1) for _ in range(2)]
        return {"type": "array", "prefixItems": prefix, "items": False, "minItems": 2}

    def _any_of(self, depth: int) -> dict[str, Any]:
        return {"anyOf": self._alternatives(depth)}

    def _one_of(self, depth: int) -> dict[str, Any]:
        return {"oneOf": self._alternatives(depth)}

    def _alternatives(self, depth: int) -> list[dict[str, Any]]:
        # A union directly in a union is read as one union, whichever word either of them has.
        return [self._of([*SCALARS, *SHAPES], depth - 1) for _ in range(2)]

    def _ref(self, depth: int) -> dict[str, Any]:
        return {"$ref": "#/components/schemas/Tree"}


def _nodes(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [node for one in schema for node in _nodes(one)]
    if not isinstance(schema, dict):
        return []
    inner = [schema.get(word) for word in ("items", "additionalProperties", "anyOf", "oneOf")]
    inner += [schema.get("prefixItems"), *schema.get("properties", {}).values()]
    return [schema, *(node for one in inner for node in _nodes(one))]


def document(schema: Any, leaf: str = "string") -> dict[str, Any]:
    """Return a document in which the schema is `Root`, and `Tree` contains itself."""
    tree = {
        "type": "object",
        "properties": {
            "leaf": {"type": leaf},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
        "required": ["leaf"],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Random", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Root": schema, "Tree": tree}},
    }
