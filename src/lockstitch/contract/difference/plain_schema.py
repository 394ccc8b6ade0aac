"""From a place in an OpenAPI document to a JSON Schema 2020-12 that stands alone.

Only spelling changes: nothing here knows the schema algebra, so that a validator which is given
the result judges independently of it.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from lockstitch.contract.pointers import resolve, target

Raw = Mapping[str, Any]
Way = Literal["read", "write"]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
# A member that is hidden this way is not demanded.
_HIDDEN: Final[dict[Way, str]] = {"write": "readOnly", "read": "writeOnly"}
_SCHEMAS: Final = frozenset(
    {
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_TABLES: Final = frozenset({"dependentSchemas", "patternProperties", "properties"})
# What only OpenAPI knows, or what would make a reference mean something else.
_DROPPED: Final = frozenset({"$anchor", "$id", "$schema", "discriminator", "example", "xml"})


def standalone(document: Raw, pointer: str, way: Way) -> dict[str, Any]:
    """Return the schema at a pointer, with all that it refers to among its `$defs`.

    Args:
        document: The parsed OpenAPI document.
        pointer: Where the schema stands.
        way: "write" for what a client sends, "read" for what it is answered.

    Raises:
        UnreadableDocument: A reference leads nowhere.
    """
    return _Translation(document, way).of(pointer)


class _Translation:
    def __init__(self, document: Raw, way: Way) -> None:
        self._document = document
        self._way: Way = way
        self._names: dict[str, str] = {}
        self._waiting: list[str] = []

    def of(self, pointer: str) -> dict[str, Any]:
        root = self._schema(resolve(self._document, pointer, pointer))
        defined = {}
        while self._waiting:
            place = self._waiting.pop()
            defined[self._names[place]] = self._schema(resolve(self._document, place, place))
        return {"$schema": DRAFT, "allOf": [root], "$defs": defined}

    def _schema(self, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return True if raw is None else raw
        found = {word: self._word(word, value) for word, value in raw.items()}
        found = {word: value for word, value in found.items() if word not in _DROPPED}
        _spell_bounds(found)
        _spell_items(found)
        self._spell_required(raw, found)
        if found.pop("nullable", False) is True:
            return {"anyOf": [found, {"type": "null"}]}
        return found

    def _word(self, word: str, value: Any) -> Any:
        if word == "$ref" and isinstance(value, str):
            return f"#/$defs/{self._name(target(value, ''))}"
        if word in _SCHEMAS and isinstance(value, Mapping):
            return self._schema(value)
        if word in _LISTS | {"items"} and isinstance(value, list):
            return [self._schema(one) for one in value]
        if word in _TABLES and isinstance(value, Mapping):
            return {name: self._schema(one) for name, one in value.items()}
        return value

    def _name(self, place: str) -> str:
        if place not in self._names:
            self._names[place] = f"{len(self._names)}"
            self._waiting.append(place)
        return self._names[place]

    def _spell_required(self, raw: Raw, found: dict[str, Any]) -> None:
        required, members = raw.get("required"), raw.get("properties")
        if not isinstance(required, list):
            found.pop("required", None)
            return
        if isinstance(members, Mapping):
            hidden = _HIDDEN[self._way]
            found["required"] = [
                name
                for name in required
                if isinstance(name, str) and not self._is_flagged(members.get(name), hidden)
            ]

    def _is_flagged(self, raw: Any, word: str, left: int = 8) -> bool:
        """Whether a member's schema, or one that it refers to, has a flag."""
        if not isinstance(raw, Mapping) or left == 0:
            return False
        if raw.get(word) is True:
            return True
        parts = [one for one in raw.get("allOf") or () if isinstance(one, Mapping)]
        if isinstance(raw.get("$ref"), str):
            place = target(raw["$ref"], "")
            parts.append(resolve(self._document, place, place))
        return any(self._is_flagged(part, word, left - 1) for part in parts)


def _spell_bounds(found: dict[str, Any]) -> None:
    """OpenAPI 3.0 says with a boolean that a bound is exclusive."""
    for word, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(strict), bool) and found.pop(strict) and word in found:
            found[strict] = found.pop(word)


def _spell_items(found: dict[str, Any]) -> None:
    """Older JSON Schema writes the items of a tuple as a list."""
    if isinstance(found.get("items"), list):
        found["prefixItems"] = found.pop("items")
        if "additionalItems" in found:
            found["items"] = found.pop("additionalItems")
