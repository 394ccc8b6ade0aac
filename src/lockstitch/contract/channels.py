"""WebSocket channels: an AsyncAPI 3 document read beside the OpenAPI document of the same service.

Each channel becomes an operation with an event stream, so that one reader and one generator serve
both; `x-lockstitch-channel` marks it.
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

from lockstitch.contract.extensions import PREFIX, Channel, Events
from lockstitch.contract.pointers import child, resolve, target
from lockstitch.errors import UnreadableDocument

SCHEMAS: Final = "#/components/schemas/"
MAX_REFERENCES: Final = 32

Raw = Mapping[str, Any]


def join_channels(openapi: Raw, asyncapi: Raw) -> dict[str, Any]:
    """Return the OpenAPI document with the channels that the service sends on.

    Raises:
        UnreadableDocument: It is not AsyncAPI 3, or a channel lacks what is needed.
    """
    version = str(asyncapi.get("asyncapi", ""))
    if not version.startswith("3."):
        found = f"AsyncAPI {version}" if version else "no AsyncAPI document"
        raise UnreadableDocument(f"The channels are in {found}; version 3 can be read.")
    joined: dict[str, Any] = copy.deepcopy(dict(openapi))
    channels = copy.deepcopy(dict(asyncapi))
    if not isinstance(joined.get("paths", {}), dict):
        raise UnreadableDocument('"paths" must be an object.', pointer="/paths")
    _join_schemas(joined, channels)
    ids = {
        operation.get("operationId")
        for item in joined.get("paths", {}).values()
        if isinstance(item, dict)
        for operation in item.values()
        if isinstance(operation, dict)
    }
    paths = joined.setdefault("paths", {})
    for name in _sending(channels):
        operation = _operation(channels, name)
        operation["operationId"] = f"{name}Channel" if name in ids else name
        paths[f"/x-channels/{name}"] = {"get": operation}
    return joined


def _join_schemas(openapi: dict[str, Any], asyncapi: dict[str, Any]) -> None:
    """Put the channels' schemas beside the others; one of the same name but another meaning moves.

    Both documents come from one application, so the same name most often is the same schema.
    """
    own = openapi.setdefault("components", {}).setdefault("schemas", {})
    others = asyncapi.get("components", {}).get("schemas", {})
    moved = {}
    for name, schema in others.items():
        if name in own and own[name] != schema:
            moved[SCHEMAS + name] = f"{SCHEMAS}{name}Message"
    _rename(asyncapi, moved)
    for name, schema in others.items():
        own[moved.get(SCHEMAS + name, SCHEMAS + name).removeprefix(SCHEMAS)] = schema


def _rename(node: Any, moved: Mapping[str, str]) -> None:
    if isinstance(node, list):
        for member in node:
            _rename(member, moved)
    elif isinstance(node, dict):
        if node.get("$ref") in moved:
            node["$ref"] = moved[node["$ref"]]
        for member in node.values():
            _rename(member, moved)


def _sending(document: Raw) -> list[str]:
    """Return the channels that the service sends on: all, where no operation says otherwise."""
    channels = dict(document.get("channels", {}))
    senders = [
        str(operation["channel"]["$ref"]).rpartition("/")[2]
        for operation in document.get("operations", {}).values()
        if isinstance(operation, dict) and operation.get("action") == "send"
    ]
    return [name for name in channels if name in senders] if senders else list(channels)


def _operation(document: Raw, name: str) -> dict[str, Any]:
    pointer = child("/channels", name)
    channel = document["channels"][name]
    messages = channel.get("messages", {})
    if not messages:
        raise UnreadableDocument("A channel needs at least one message.", pointer=pointer)
    address = channel.get("address") or name
    wholes = [_message(document, key, messages[key], pointer) for key in messages]
    item = wholes[0] if len(wholes) == 1 else {"oneOf": wholes}
    return {
        **{word: channel[word] for word in ("summary", "description") if word in channel},
        "parameters": [
            _parameter(key, words) for key, words in channel.get("parameters", {}).items()
        ],
        "responses": {"200": {"content": {"text/event-stream": {"itemSchema": item}}}},
        f"{PREFIX}{Channel.name}": {"address": address},
        f"{PREFIX}{Events.name}": "whole",
    }


def _parameter(name: str, words: Raw) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    if "enum" in words:
        schema["enum"] = words["enum"]
    kept = {"description": words["description"]} if "description" in words else {}
    return {"name": name, "in": "path", "required": True, "schema": schema, **kept}


def _message(document: Raw, key: str, message: Any, pointer: str) -> dict[str, Any]:
    """Return the schema of `{type, data}` of one message.

    A payload that has both members is the frame itself; any other is the data, and the message's
    name the type.
    """
    here = child(pointer, "messages", key)
    message = _followed(document, message)
    payload = message.get("payload", True)
    if isinstance(payload, dict) and "schemaFormat" in payload:
        payload = payload.get("schema", True)
    frame = _followed(document, payload)
    members = frame.get("properties", {}) if isinstance(frame, dict) else {}
    type_: Any = {"const": message.get("name", key)}
    if "type" in members and "data" in members:
        type_, payload = _followed(document, members["type"]), members["data"]
    if not isinstance(type_, dict):
        raise UnreadableDocument("The type of a frame must be a string.", pointer=here)
    return {
        "type": "object",
        "title": message.get("name", key),
        "properties": {"type": type_, "data": payload},
        "required": ["type", "data"],
    }


def _followed(document: Raw, node: Any) -> Any:
    for _ in range(MAX_REFERENCES):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        place = target(node["$ref"], "")
        node = resolve(document, place, place)
    return node
