"""Schemas of OpenAPI 3.0 in the words of JSON Schema 2020-12, for a validator to read.

A response may leave out what is only written, so such members are not required here.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

Raw = dict[str, Any]

_ONE: Final = ("not", "items", "additionalProperties", "contains", "propertyNames", "if", "then")
_MANY: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_BOUNDS: Final = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def modern_document(document: Mapping[str, Any]) -> Raw:
    """Return a copy of a document whose schemas a validator of answers can read as they are."""
    modern: Raw = copy.deepcopy(dict(document))
    for schema in _schemas_of(modern):
        _rewrite(schema)
    return modern


def _schemas_of(node: Any) -> Iterator[Raw]:
    """Yield every schema outside of other schemas."""
    if isinstance(node, list):
        for member in node:
            yield from _schemas_of(member)
        return
    if not isinstance(node, dict):
        return
    for name, member in node.items():
        if name in {"schema", "itemSchema"} and isinstance(member, dict):
            yield member
        elif name == "schemas" and isinstance(member, dict):
            yield from (schema for schema in member.values() if isinstance(schema, dict))
        elif name not in {"example", "examples"}:
            yield from _schemas_of(member)


def _rewrite(schema: Raw) -> None:
    for inner in _inner(schema):
        _rewrite(inner)
    for word, bound in _BOUNDS:
        if isinstance(schema.get(word), bool):
            exclusive = schema.pop(word)
            if exclusive and bound in schema:
                schema[word] = schema.pop(bound)
    _require_only_what_is_read(schema)
    if schema.pop("nullable", False) is True:
        whole = {name: schema.pop(name) for name in list(schema)}
        schema["anyOf"] = [whole, {"type": "null"}]


def _inner(schema: Raw) -> Iterator[Raw]:
    found = [schema.get(word) for word in (*_ONE, "else")]
    for word in _MANY:
        members = schema.get(word)
        found += members if isinstance(members, list) else []
    for word in _NAMED:
        members = schema.get(word)
        found += list(members.values()) if isinstance(members, dict) else []
    return (one for one in found if isinstance(one, dict))


def _require_only_what_is_read(schema: Raw) -> None:
    required, members = schema.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(members, dict):
        return
    written = {
        name
        for name, member in members.items()
        if isinstance(member, dict) and member.get("writeOnly") is True
    }
    if written & set(required):
        schema["required"] = [name for name in required if name not in written]
