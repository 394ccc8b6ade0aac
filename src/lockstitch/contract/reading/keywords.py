"""The keywords of JSON Schema: which type each belongs to, and reading one safely."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lockstitch.contract.algebra import ABSENT, JsonType, Notes
from lockstitch.contract.pointers import child, resolve, target
from lockstitch.errors import UnreadableDocument

Raw = Mapping[str, Any]
MAX_REFERENCES: Final = 32

BY_TYPE: Final[Mapping[JsonType, frozenset[str]]] = {
    "object": frozenset(
        {
            "additionalProperties",
            "maxProperties",
            "minProperties",
            "patternProperties",
            "properties",
            "propertyNames",
            "required",
            "unevaluatedProperties",
        }
    ),
    "array": frozenset({"items", "maxItems", "minItems", "prefixItems", "uniqueItems"}),
    "string": frozenset(
        {"contentEncoding", "contentMediaType", "maxLength", "minLength", "pattern"}
    ),
    "number": frozenset(
        {"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"}
    ),
}

# What the algebra does not express. A decoder then accepts more than the schema does, never
# another type than it declares.
UNCHECKED: Final = (
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "then",
    "unevaluatedItems",
)

NUMBER_FORMATS: Final = frozenset({"double", "float", "int32", "int64"})
STRING_FORMATS: Final = frozenset(
    {
        "binary",
        "byte",
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "password",
        "time",
        "uri",
        "uuid",
    }
)


def inferred_types(raw: Raw) -> list[str]:
    """Return the types that a schema without `type` means, by the keywords that it uses."""
    types: list[str] = [name for name, own in BY_TYPE.items() if not own.isdisjoint(raw)]
    if types:
        return types
    kind = words(raw, "format")
    if kind in STRING_FORMATS:
        return ["string"]
    return ["number"] if kind in NUMBER_FORMATS else []


def is_marked(document: Raw, raw: Any, word: str, left: int = MAX_REFERENCES) -> bool:
    """Whether a schema, what it refers to, or a part of it has a flag such as `readOnly`."""
    if not isinstance(raw, Mapping) or left == 0:
        return False
    if raw.get(word) is True:
        return True
    reference = raw.get("$ref")
    if isinstance(reference, str):
        place = target(reference, "")
        return is_marked(document, resolve(document, place, place), word, left - 1)
    parts = raw.get("allOf")
    return isinstance(parts, list) and any(
        is_marked(document, part, word, left - 1) for part in parts
    )


def notes_of(raw: Raw, pointer: str) -> Notes:
    """Return what a raw schema says to people."""
    examples = raw.get("examples", ())
    if not isinstance(examples, list):
        examples = ()
    if "example" in raw:
        examples = (raw["example"], *examples)
    return Notes(
        title=words(raw, "title"),
        description=words(raw, "description"),
        default=raw.get("default", ABSENT),
        examples=tuple(examples),
        deprecated=raw.get("deprecated") is True,
        pointer=pointer,
        unchecked=tuple(
            (word, json.dumps(raw[word], sort_keys=True)) for word in UNCHECKED if word in raw
        ),
    )


def words(raw: Raw, word: str) -> str | None:
    """Return a keyword that only people read; YAML may have made it a number."""
    value = raw.get(word)
    return str(value) if isinstance(value, str | int | float) else None


def text(raw: Raw, word: str, pointer: str) -> str | None:
    """Return a keyword that must be a string."""
    value = raw.get(word)
    if value is None or isinstance(value, str):
        return value
    raise wrong(raw, word, pointer, "a string")


def count(raw: Raw, word: str, pointer: str) -> int | None:
    """Return a keyword that must be a whole number of at least 0."""
    value = number(raw, word, pointer)
    if value is None or (value >= 0 and value == int(value)):
        return None if value is None else int(value)
    raise wrong(raw, word, pointer, "a whole number of at least 0")


def number(raw: Raw, word: str, pointer: str) -> int | float | None:
    """Return a keyword that must be a number."""
    value = raw.get(word)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise wrong(raw, word, pointer, "a number")


def mapping(raw: Raw, word: str, pointer: str) -> Raw:
    """Return a keyword that must be an object, or an empty one."""
    value = raw.get(word)
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise wrong(raw, word, pointer, "an object")


def sequence(raw: Raw, word: str, pointer: str) -> list[Any]:
    """Return a keyword that must be an array, or an empty one."""
    value = raw.get(word)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise wrong(raw, word, pointer, "an array")


def wrong(raw: Raw, word: str, pointer: str, expected: str) -> UnreadableDocument:
    """Return the error of a keyword that has the wrong type."""
    return UnreadableDocument(
        f'"{word}" must be {expected}, not {json.dumps(raw.get(word))[:80]}.',
        pointer=child(pointer, word),
    )
