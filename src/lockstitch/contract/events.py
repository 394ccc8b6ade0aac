"""Event streams: from what a document says of events to what a reader of events is given.

A document describes server-sent events as the HTML standard has them: `event`, and `data` as a
string that holds JSON. A reader is given `{type, data}` with the data parsed.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lockstitch.contract.extensions import PREFIX, Events, Stream
from lockstitch.contract.pointers import resolve, target

EVENT_STREAM: Final = "text/event-stream"
MAX_REFERENCES: Final = 32
# Frames of the transport: what a reader learns of them does not depend on the contract.
TRANSPORT_FRAMES: Final = frozenset({"gap", "end", "ping"})

Raw = Mapping[str, Any]


def describe_events(document: Raw) -> Raw:
    """Return the document with each `itemSchema` of events as the schema of `data` or of both.

    The operation's `x-lockstitch-events` tells which of the two it is.
    """
    if not _has_items(document):
        return document
    described: dict[str, Any] = copy.deepcopy(dict(document))
    for operation in _operations(described):
        framed = f"{PREFIX}{Stream.name}" in operation
        for content in _event_contents(described, operation):
            if "itemSchema" not in content:
                continue
            found = _Items(described, framed=framed).of(content.pop("itemSchema"))
            if found is not None:
                content["itemSchema"], operation[f"{PREFIX}{Events.name}"] = found
    return described


def _has_items(node: Any) -> bool:
    if isinstance(node, list):
        return any(_has_items(member) for member in node)
    return isinstance(node, dict) and (
        "itemSchema" in node or any(_has_items(member) for member in node.values())
    )


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in _mapping(document.get("paths")).values():
        for operation in _mapping(item).values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation


def _event_contents(document: Raw, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    responses = _mapping(operation["responses"])
    for status, response in responses.items():
        if isinstance(response, dict) and isinstance(response.get("$ref"), str):
            place = target(response["$ref"], "")
            responses[status] = copy.deepcopy(resolve(document, place, place))
        for media_type, content in _mapping(_mapping(responses[status]).get("content")).items():
            if media_type.partition(";")[0].strip().lower() == EVENT_STREAM:
                yield content


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Items:
    """Reads one item schema."""

    def __init__(self, document: Raw, *, framed: bool) -> None:
        self._document = document
        self._framed = framed

    def of(self, item: Any) -> tuple[Any, str] | None:
        """Return the new schema and what it describes, or None when it tells nothing."""
        pairs = [pair for variant in self._variants(item) for pair in self._pairs(variant)]
        if not pairs or any(data is None for _, data in pairs):
            return None
        if all(name is None for name, _ in pairs):
            datas = [data for _, data in pairs]
            return (datas[0] if len(datas) == 1 else {"anyOf": datas}), "data"
        wholes = [_whole(name, data) for name, data in pairs]
        return (wholes[0] if len(wholes) == 1 else {"oneOf": wholes}), "whole"

    def _variants(self, schema: Any) -> list[Any]:
        schema = self._resolved(schema)
        for word in ("oneOf", "anyOf"):
            if isinstance(schema, dict) and isinstance(schema.get(word), list):
                return [one for member in schema[word] for one in self._variants(member)]
        return [schema]

    def _resolved(self, schema: Any) -> Any:
        for _ in range(MAX_REFERENCES):
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                break
            place = target(schema["$ref"], "")
            schema = resolve(self._document, place, place)
        return schema

    def _pairs(self, variant: Any) -> Iterator[tuple[Any, Any]]:
        """Yield schemas of type and data; a type of None says nothing, data of None is unknown."""
        members = _mapping(_mapping(variant).get("properties"))
        if "data" not in members:
            yield None, variant
            return
        name = _constant(members.get("event"))
        data = _content(members["data"])
        if not self._framed:
            yield name, data
            return
        if _mapping(name).get("const") in TRANSPORT_FRAMES:
            return
        for frame in self._variants(data):
            inner = _mapping(_mapping(frame).get("properties"))
            if "data" in inner:
                yield (
                    _constant(self._resolved(inner.get("type"))) or {"type": "string"},
                    inner["data"],
                )
            else:
                yield {"type": "string"}, frame


def _constant(schema: Any) -> Any:
    words = _mapping(schema)
    if "const" in words:
        return {"const": words["const"]}
    return {"enum": words["enum"]} if "enum" in words else None


def _content(data: Any) -> Any:
    words = _mapping(data)
    if "contentSchema" in words:
        return words["contentSchema"]
    if words.get("contentMediaType") == "application/json":
        return True
    return None if words.get("type") == "string" else data


def _whole(name: Any, data: Any) -> dict[str, Any]:
    name = name or {"type": "string"}
    members = {"type": name, "data": data}
    whole = {"type": "object", "properties": members, "required": ["type", "data"]}
    return whole | ({"title": str(name["const"])} if "const" in name else {})
