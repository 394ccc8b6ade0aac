"""A validator that knows nothing of our reading: the raw document, judged by `jsonschema`."""

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

HERE = "urn:contract"


class Independent:
    """Validates answers against the schemas of a raw OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        plain = _as_2020(copy.deepcopy(dict(document)))
        self._registry = Registry().with_resource(HERE, DRAFT202012.create_resource(plain))

    def at(self, pointer: str) -> Validator:
        """Return the validator of the schema at a JSON pointer."""
        reference = {"$ref": f"{HERE}#{quote(pointer)}"}
        return Draft202012Validator(
            reference,
            registry=self._registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )


def _as_2020(raw: Any) -> Any:
    """Spell what OpenAPI 3.0 says, and what only requests demand, as JSON Schema 2020-12."""
    if isinstance(raw, list):
        return [_as_2020(one) for one in raw]
    if not isinstance(raw, dict):
        return raw
    found = {name: _as_2020(value) for name, value in raw.items()}
    for word, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(strict), bool) and found.pop(strict) and word in found:
            found[strict] = found.pop(word)
    properties, required = found.get("properties"), found.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        found["required"] = [
            name
            for name in required
            if not (isinstance(properties.get(name), dict) and properties[name].get("writeOnly"))
        ]
    if found.get("nullable") is True:
        del found["nullable"]
        return {"anyOf": [found, {"type": "null"}]}
    return found
