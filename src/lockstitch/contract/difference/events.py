"""Event streams: the JSON in the `data` of an event is compared, not the text that carries it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lockstitch.contract.document import Document
from lockstitch.contract.pointers import child, resolve, split, target
from lockstitch.contract.reading import read_document
from lockstitch.errors import UnreadableDocument

EVENT_STREAM: Final = "text/event-stream"
MAX_REFERENCES: Final = 32

Raw = Mapping[str, Any]


def with_open_events(document: Document) -> Document:
    """Return the document with the `contentSchema` of each event's data in place of the data."""
    opened = open_events(document.raw)
    return document if opened is document.raw else read_document(opened)


def open_events(raw: Raw) -> Raw:
    """Return the parsed document with open events; the same one when there is nothing to open."""
    contents = list(_event_contents(raw))
    if not contents:
        return raw
    changed: dict[str, Any] = dict(raw)
    for pointer, content in contents:
        item = _opened(raw, content["itemSchema"])
        if item is not content["itemSchema"]:
            _put(changed, pointer, {**content, "itemSchema": item})
    return changed


def _event_contents(raw: Raw) -> Iterator[tuple[str, Raw]]:
    components = _mapping(raw.get("components"))
    owners = [
        (child("/components", kind, name), one)
        for kind in ("responses", "requestBodies")
        for name, one in _mapping(components.get(kind)).items()
    ]
    for path, item in _mapping(raw.get("paths")).items():
        for method, operation in _mapping(item).items():
            here = child("/paths", path, method)
            words = _mapping(operation)
            owners.append((child(here, "requestBody"), words.get("requestBody")))
            owners += [
                (child(here, "responses", status), one)
                for status, one in _mapping(words.get("responses")).items()
            ]
    for pointer, owner in owners:
        for media_type, content in _mapping(_mapping(owner).get("content")).items():
            essence = media_type.partition(";")[0].strip().lower()
            if essence == EVENT_STREAM and isinstance(_mapping(content).get("itemSchema"), Mapping):
                yield child(pointer, "content", media_type), content


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}


def _opened(raw: Raw, schema: Any, left: int = MAX_REFERENCES) -> Any:
    """Return the schema of an event with its data open, or the very same where it has none."""
    words = _mapping(schema)
    if isinstance(words.get("$ref"), str) and left:
        place = target(words["$ref"], "")
        behind = resolve(raw, place, place)
        opened = _opened(raw, behind, left - 1)
        return schema if opened is behind else opened
    for word in ("oneOf", "anyOf", "allOf"):
        if isinstance(words.get(word), list):
            parts = [_opened(raw, one, left - 1) for one in words[word]]
            if any(one is not part for one, part in zip(parts, words[word], strict=True)):
                schema = {**words, word: parts}
                words = schema
    members = _mapping(words.get("properties"))
    data = _mapping(members.get("data"))
    if "contentSchema" not in data:
        return schema
    return {**words, "properties": {**members, "data": data["contentSchema"]}}


def _put(document: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value at a pointer; only what lies on the way is copied."""
    node: Any = document
    *way, last = split(pointer)
    for token in way:
        node[token] = dict(node[token])
        node = node[token]
    node[last] = value


def written(raw: Any, pointer: str | None) -> str | None:
    """Return where in the document as it is written a pointer into the open one leads.

    A part that is not there stands for the nearest one around it.
    """
    if pointer is None:
        return None
    here, node = "", raw
    for token in split(pointer):
        found = _step(raw, here, node, token)
        if found is None:
            return here
        here, node = found
    return here


def _step(raw: Any, here: str, node: Any, token: str) -> tuple[str, Any] | None:
    for _ in range(MAX_REFERENCES):
        if isinstance(node, Mapping) and token in node:
            return child(here, token), node[token]
        if isinstance(node, list):
            inside = token.isdecimal() and int(token) < len(node)
            return (child(here, token), node[int(token)]) if inside else None
        if isinstance(node, Mapping) and isinstance(node.get("contentSchema"), Mapping):
            here, node = child(here, "contentSchema"), node["contentSchema"]
        elif isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            try:
                here = target(node["$ref"], here)
                node = resolve(raw, here, here)
            except UnreadableDocument:
                return None
        else:
            return None
    return None
