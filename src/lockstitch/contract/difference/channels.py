"""Comparing the WebSocket channels of two AsyncAPI 3 documents.

What the service sends is judged like a response, what it receives like a request.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from lockstitch.contract.algebra import Schema
from lockstitch.contract.difference.changes import Difference
from lockstitch.contract.difference.policy import DEFAULT_POLICY, Policy
from lockstitch.contract.difference.rules import SchemaSide
from lockstitch.contract.difference.version import recommended_version
from lockstitch.contract.difference.walk import Site, Walk
from lockstitch.contract.document import Document
from lockstitch.contract.pointers import child, resolve, target
from lockstitch.contract.reading import SchemaReader
from lockstitch.errors import UnreadableDocument

Raw = Mapping[str, Any]
Action = Literal["send", "receive"]

MAX_REFERENCES: Final = 32
SIDES: Final[dict[Action, SchemaSide]] = {"send": "response", "receive": "request"}
ADDED: Final[dict[Action, str]] = {"send": "message-added", "receive": "message-accepted"}
REMOVED: Final[dict[Action, str]] = {"send": "message-removed", "receive": "message-refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a channel, with the schemas of its payload and headers."""

    name: str
    payload: Schema
    headers: Schema | None
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: its address, and what is sent and received on it."""

    name: str
    address: str
    parameters: Mapping[str, Schema]
    query: Schema | None
    messages: Mapping[Action, tuple[Message, ...]]
    pointer: str


@dataclass(frozen=True, slots=True)
class Channels:
    """An AsyncAPI document: its channels, and the schemas that they use."""

    document: Document
    channels: tuple[Channel, ...] = field(default=())


def is_asyncapi(raw: Raw) -> bool:
    """Whether a parsed document is one of AsyncAPI."""
    return "asyncapi" in raw


def compare_channels(base: Raw, revision: Raw, policy: Policy = DEFAULT_POLICY) -> Difference:
    """Return what differs between two parsed AsyncAPI documents.

    Raises:
        UnreadableDocument: One of them is not AsyncAPI 3.
    """
    old, new = read_channels(base), read_channels(revision)
    walk = Walk(old.document, new.document, policy)
    twins = {one.address: one for one in new.channels}
    names = {one.name: one for one in new.channels}
    met = set()
    for channel in old.channels:
        twin = twins.get(channel.address) or names.get(channel.name)
        if twin is None:
            walk.tell("channel-removed", _site(channel), "is gone", base=channel.pointer)
            continue
        met.add(twin.name)
        _compare(walk, channel, twin)
    for channel in new.channels:
        if channel.name not in met:
            walk.tell("channel-added", _site(channel), "is new", revision=channel.pointer)
    return Difference.of(walk.changes, recommended_version(walk.changes, same=base == revision))


def _site(channel: Channel) -> Site:
    return Site(operation=channel.name, path=channel.address, spoken=f"the channel {channel.name}")


def _compare(walk: Walk, channel: Channel, twin: Channel) -> None:
    site = _site(channel)
    if channel.address != twin.address:
        words = f"has the address {twin.address}, which was {channel.address}"
        base, revision = channel.pointer, twin.pointer
        walk.tell("channel-address-changed", site, words, base=base, revision=revision)
    _compare_parameters(walk, site, channel, twin)
    for action in SIDES:
        _compare_messages(walk, site, action, (channel, twin))


def _compare_parameters(walk: Walk, site: Site, channel: Channel, twin: Channel) -> None:
    old, new = dict(channel.parameters), dict(twin.parameters)
    for name, schema in old.items():
        here = replace(site, direction="request", part=name, spoken=f"the parameter {name}")
        if name in new:
            walk.schemas("parameter", here, schema, new[name])
        else:
            walk.tell("parameter-removed", here, "is gone", base=channel.pointer)
    for name in new:
        if name not in old:
            here = replace(site, direction="request", part=name, spoken=f"the parameter {name}")
            words = "is new and required"
            walk.tell("parameter-added-required", here, words, revision=twin.pointer)
    if channel.query is not None and twin.query is not None:
        here = replace(site, direction="request", part="query", spoken="the query")
        walk.schemas("parameter", here, channel.query, twin.query)


def _compare_messages(
    walk: Walk, site: Site, action: Action, channels: tuple[Channel, Channel]
) -> None:
    old, new = ({one.name: one for one in c.messages.get(action, ())} for c in channels)
    pairs = [(old[name], new[name]) for name in old if name in new]
    gone = [one for name, one in old.items() if name not in new]
    fresh = [one for name, one in new.items() if name not in old]
    pairs += _renamed(walk, gone, fresh)
    for message, twin in pairs:
        _compare_pair(walk, _inside(site, action, message), action, message, twin)
    for message in gone:
        here = _inside(site, action, message)
        walk.tell(REMOVED[action], here, "is gone", base=message.pointer)
    for message in fresh:
        here = _inside(site, action, message)
        walk.tell(ADDED[action], here, "is new", revision=message.pointer)


def _renamed(
    walk: Walk, gone: list[Message], fresh: list[Message]
) -> list[tuple[Message, Message]]:
    """Take the messages that have only another name out of both lists: no name travels."""
    pairs = []
    if len(gone) == len(fresh) == 1 or _same_frames(walk, gone, fresh):
        pairs = list(zip(gone, fresh, strict=True))
        gone.clear()
        fresh.clear()
    return pairs


def _same_frames(walk: Walk, gone: list[Message], fresh: list[Message]) -> bool:
    """Whether each message is followed by one of the same payload, in the same order."""
    return len(gone) == len(fresh) and all(
        not walk.comparer.steps(old.payload, new.payload)
        for old, new in zip(gone, fresh, strict=True)
    )


def _compare_pair(walk: Walk, site: Site, action: Action, message: Message, twin: Message) -> None:
    walk.schemas(SIDES[action], site, message.payload, twin.payload)
    if message.headers is not None and twin.headers is not None:
        here = replace(site, spoken=f"the headers of {site.spoken}")
        walk.schemas(SIDES[action], here, message.headers, twin.headers)


def _inside(site: Site, action: Action, message: Message) -> Site:
    direction: Literal["request", "response"] = "response" if action == "send" else "request"
    return replace(
        site, direction=direction, part=message.name, spoken=f"the message {message.name}"
    )


# Reading


def read_channels(raw: Raw) -> Channels:
    """Read the channels of a parsed AsyncAPI 3 document.

    Raises:
        UnreadableDocument: It is not AsyncAPI 3, or a reference leads nowhere.
    """
    version = str(raw.get("asyncapi", ""))
    if not version.startswith("3."):
        raise UnreadableDocument(f"This is AsyncAPI {version}; version 3 can be read.")
    return _Reader(raw).read()


class _Reader:
    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._schemas = SchemaReader(raw, lambda _pointer, _message: None)

    def read(self) -> Channels:
        for name in _mapping(_mapping(self._raw.get("components")).get("schemas")):
            self._schemas.named(name)
        channels = tuple(self._channel(name) for name in _mapping(self._raw.get("channels")))
        self._schemas.finish()
        document = Document(
            version=str(self._raw["asyncapi"]),
            title=str(_mapping(self._raw.get("info")).get("title", "")),
            schemas=self._schemas.schemas,
            operations=(),
            raw=self._raw,
        )
        return Channels(document, channels)

    def _channel(self, name: str) -> Channel:
        pointer = child("/channels", name)
        words, here = self._followed(_mapping(self._raw["channels"])[name], pointer)
        ws = _mapping(_mapping(words.get("bindings")).get("ws"))
        query = child(here, "bindings", "ws", "query")
        return Channel(
            name=name,
            address=str(words.get("address") or name),
            parameters={
                key: self._parameter(one, child(here, "parameters", key))
                for key, one in _mapping(words.get("parameters")).items()
            },
            query=self._schemas.read(ws["query"], query) if "query" in ws else None,
            messages={action: tuple(self._messages(name, words, here, action)) for action in SIDES},
            pointer=here,
        )

    def _parameter(self, raw: Any, pointer: str) -> Schema:
        words, here = self._followed(raw, pointer)
        kept = {word: words[word] for word in ("enum", "default") if word in words}
        return self._schemas.read({"type": "string", **kept}, here)

    def _messages(self, name: str, channel: Raw, pointer: str, action: Action) -> Iterator[Message]:
        chosen = self._chosen(name, action)
        for key, one in _mapping(channel.get("messages")).items():
            if chosen is None or key in chosen:
                yield self._message(key, one, child(pointer, "messages", key))

    def _chosen(self, name: str, action: Action) -> frozenset[str] | None:
        """Return the messages of the operations on a channel; None for all of them.

        Where no operation speaks of a channel, the service sends on it.
        """
        found = [
            one
            for one in _mapping(self._raw.get("operations")).values()
            if str(_mapping(_mapping(one).get("channel")).get("$ref", "")).rpartition("/")[2]
            == child("", name)[1:]
        ]
        if not found:
            return None if action == "send" else frozenset()
        acting = [one for one in found if one.get("action") == action]
        if any("messages" not in one for one in acting):
            return None
        return frozenset(
            str(message.get("$ref", "")).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            for one in acting
            for message in one["messages"]
        )

    def _message(self, key: str, raw: Any, pointer: str) -> Message:
        words, here = self._followed(raw, pointer)
        return Message(
            name=str(words.get("name", key)),
            payload=self._schema(words.get("payload", True), child(here, "payload")),
            headers=self._schema(words["headers"], child(here, "headers"))
            if "headers" in words
            else None,
            pointer=here,
        )

    def _schema(self, raw: Any, pointer: str) -> Schema:
        if isinstance(raw, Mapping) and "schemaFormat" in raw:
            return self._schemas.read(raw.get("schema", True), child(pointer, "schema"))
        return self._schemas.read(raw, pointer)

    def _followed(self, node: Any, pointer: str) -> tuple[Raw, str]:
        for _ in range(MAX_REFERENCES):
            if not isinstance(node, Mapping):
                raise UnreadableDocument("An object is expected here.", pointer=pointer)
            if not isinstance(node.get("$ref"), str):
                return node, pointer
            pointer = target(node["$ref"], pointer)
            node = resolve(self._raw, pointer, pointer)
        raise UnreadableDocument('"$ref" refers to itself.', pointer=pointer)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
