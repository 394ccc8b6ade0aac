"""Events of SSE and messages of WebSocket channels, changed in both directions.

What the service sends is judged like a response, what it receives like a request.
"""

from collections.abc import AsyncIterable
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse
from pairs import contract, difference
from pydantic import create_model
from steps import INTEGER, STRING, E, I, W, listing, thing

from lockstitch.contract.difference import Change, compare_channels
from lockstitch.errors import UnreadableDocument

NUMBER = {"type": "number"}


class Payload(NamedTuple):
    """A change of a payload: its level where the service sends it, and where it receives it."""

    base: Any
    revision: Any
    sent: str | None
    received: str | None


PAYLOADS = {
    "a type changes": Payload(thing(text=STRING), thing(text=INTEGER), E, E),
    "an integer becomes a number": Payload(thing(n=INTEGER), thing(n=NUMBER), E, I),
    "a number becomes an integer": Payload(thing(n=NUMBER), thing(n=INTEGER), I, E),
    "null is new": Payload(thing(n=INTEGER), thing(n={"type": ["integer", "null"]}), E, I),
    "null is gone": Payload(thing(n={"type": ["integer", "null"]}), thing(n=INTEGER), I, E),
    "an optional member is new": Payload(thing(a=STRING), thing(a=STRING, b=STRING), I, I),
    "a required member is new": Payload(thing(a=STRING), thing(("b",), a=STRING, b=STRING), I, E),
    "a required member is gone": Payload(
        thing(("a", "b"), a=STRING, b=STRING), thing(("a",), a=STRING), E, W
    ),
    "an optional member is gone": Payload(thing(a=STRING, b=STRING), thing(a=STRING), W, W),
    "a member is renamed": Payload(
        thing(("due",), due=STRING), thing(("due_date",), due_date=STRING), E, E
    ),
    "a member becomes required": Payload(thing(a=STRING), thing(("a",), a=STRING), I, E),
    "a member becomes optional": Payload(thing(("a",), a=STRING), thing(a=STRING), E, I),
    "a list of values grows": Payload(
        thing(s={"enum": ["on"]}), thing(s={"enum": ["on", "off"]}), W, I
    ),
    "a list of values shrinks": Payload(
        thing(s={"enum": ["on", "off"]}), thing(s={"enum": ["on"]}), I, E
    ),
    "a limit is lower": Payload(
        thing(n={**INTEGER, "maximum": 9}), thing(n={**INTEGER, "maximum": 5}), I, E
    ),
    "a limit is higher": Payload(
        thing(n={**INTEGER, "maximum": 5}), thing(n={**INTEGER, "maximum": 9}), E, I
    ),
    "texts are shorter": Payload(
        thing(t={**STRING, "maxLength": 9}), thing(t={**STRING, "maxLength": 5}), I, E
    ),
    "texts are longer": Payload(
        thing(t={**STRING, "maxLength": 5}), thing(t={**STRING, "maxLength": 9}), E, I
    ),
    "a format is new": Payload(thing(t=STRING), thing(t={**STRING, "format": "date-time"}), I, E),
    "a format is gone": Payload(thing(t={**STRING, "format": "date-time"}), thing(t=STRING), E, I),
    "an alternative is new": Payload(thing(v=STRING), thing(v={"anyOf": [STRING, INTEGER]}), E, I),
    "an alternative is gone": Payload(thing(v={"anyOf": [STRING, INTEGER]}), thing(v=STRING), I, E),
    "items change": Payload(thing(l=listing()), thing(l={"type": "array", "items": INTEGER}), E, E),
    "items are needed": Payload(thing(l=listing(minItems=1)), thing(l=listing(minItems=2)), I, E),
    "fewer items are enough": Payload(
        thing(l=listing(minItems=2)), thing(l=listing(minItems=1)), E, I
    ),
    "the object is closed": Payload(
        thing(a=STRING), {**thing(a=STRING), "additionalProperties": False}, I, E
    ),
    "the object is opened": Payload(
        {**thing(a=STRING), "additionalProperties": False}, thing(a=STRING), I, I
    ),
    "values of a dictionary change": Payload(
        {"type": "object", "additionalProperties": INTEGER},
        {"type": "object", "additionalProperties": NUMBER},
        E,
        I,
    ),
    "only words change": Payload(
        thing(a=STRING), {**thing(a=STRING), "description": "A thing."}, None, None
    ),
    "members in another order": Payload(
        thing(a=STRING, b=INTEGER), thing(b=INTEGER, a=STRING), None, None
    ),
}
WORST = (E, W, I, None)


def events(*payloads: Any, textual: bool) -> dict[str, Any]:
    """Return a contract whose one operation answers events; data is JSON in a text, or bare."""
    variants = []
    for number, payload in enumerate(payloads):
        data = payload
        if textual:
            data = {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": payload,
            }
        members = {"event": {"const": f"kind{number}"}, "data": data}
        variants.append({"type": "object", "properties": members, "required": ["data"]})
    item = variants[0] if len(variants) == 1 else {"oneOf": variants}
    content = {"text/event-stream": {"itemSchema": item}}
    return contract({"responses": {"200": {"description": "", "content": content}}})


def channels(action: str = "send", address: str = "/live", **payloads: Any) -> dict[str, Any]:
    """Return an AsyncAPI document with one channel, on which these messages go one way."""
    messages = {name: {"name": name, "payload": payload} for name, payload in payloads.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Live", "version": "1.0.0"},
        "channels": {"live": {"address": address, "messages": messages}},
        "operations": {
            "go": {
                "action": action,
                "channel": {"$ref": "#/channels/live"},
                "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in payloads],
            }
        },
    }


def worst(changes: tuple[Change, ...]) -> str | None:
    return min((change.severity for change in changes), key=WORST.index, default=None)


def of_channels(base: Any, revision: Any) -> tuple[Change, ...]:
    return compare_channels(base, revision).changes


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("textual", [True, False], ids=["JSON in a text", "bare"])
def test_events(payload: Payload, textual: bool) -> None:
    changes = difference(
        events(payload.base, textual=textual), events(payload.revision, textual=textual)
    ).changes

    assert worst(changes) == payload.sent
    assert {change.direction for change in changes} <= {"response"}
    assert {change.media_type for change in changes} <= {"text/event-stream"}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_messages_that_the_service_sends(payload: Payload) -> None:
    changes = of_channels(
        channels("send", note=payload.base), channels("send", note=payload.revision)
    )

    assert worst(changes) == payload.sent
    assert {change.direction for change in changes} <= {"response"}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_messages_that_the_service_receives(payload: Payload) -> None:
    changes = of_channels(
        channels("receive", note=payload.base), channels("receive", note=payload.revision)
    )

    assert worst(changes) == payload.received
    assert {change.direction for change in changes} <= {"request"}


ONE, TWO = thing(("a",), a=STRING), thing(("b",), b=INTEGER)


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        (channels(one=ONE), channels(one=ONE, two=TWO), {"message-added": E}),
        (channels(one=ONE, two=TWO), channels(one=ONE), {"message-removed": I}),
        (
            channels("receive", one=ONE),
            channels("receive", one=ONE, two=TWO),
            {"message-accepted": I},
        ),
        (
            channels("receive", one=ONE, two=TWO),
            channels("receive", one=ONE),
            {"message-refused": E},
        ),
        (channels(one=ONE), channels(uno=ONE), {}),
        (channels(one=ONE, two=TWO), channels(uno=ONE, due=TWO), {}),
        (channels(one=ONE), channels(address="/other", one=ONE), {"channel-address-changed": E}),
        (
            channels(one=ONE),
            {**channels(one=ONE), "channels": {}, "operations": {}},
            {"channel-removed": E},
        ),
        (
            {**channels(one=ONE), "channels": {}, "operations": {}},
            channels(one=ONE),
            {"channel-added": I},
        ),
    ],
)
def test_channels_and_their_messages(base: Any, revision: Any, expected: dict[str, str]) -> None:
    assert {one.rule: one.severity for one in of_channels(base, revision)} == expected


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        ((ONE,), (ONE, TWO), {"response-alternative-added": E}),
        ((ONE, TWO), (ONE,), {"response-alternative-removed": I}),
        ((ONE, TWO), (ONE, {**TWO, "required": []}), {"response-became-optional": E}),
    ],
)
def test_kinds_of_events(base: Any, revision: Any, expected: dict[str, str]) -> None:
    found = difference(events(*base, textual=True), events(*revision, textual=True)).changes

    assert {one.rule: one.severity for one in found} == expected


def test_the_place_of_an_event_is_that_of_the_document_as_it_is_written() -> None:
    base, revision = (events(thing(a=one), TWO, textual=True) for one in (STRING, INTEGER))
    (change,) = difference(base, revision).changes

    item = "/paths/~1things/post/responses/200/content/text~1event-stream/itemSchema"
    assert change.revision_pointer == (f"{item}/oneOf/0/properties/data/contentSchema/properties/a")
    assert change.member == ("data", "a")
    assert change.witness is not None


def test_events_of_a_fastapi_application_are_compared_by_what_their_text_holds() -> None:
    def exported(kind: Any) -> dict[str, Any]:
        app = FastAPI()
        tick = create_model("Tick", n=kind)

        async def ticks() -> AsyncIterable[Any]:
            yield tick(n=1)

        ticks.__annotations__["return"] = AsyncIterable[tick]
        app.get("/ticks", response_class=EventSourceResponse)(ticks)
        return app.openapi()

    (change,) = difference(exported(int), exported(int | None)).changes

    assert (change.rule, change.severity) == ("response-became-nullable", "error")
    assert change.member == ("data", "n")
    assert change.witness is not None
    assert change.witness.value == {"data": {"n": None}}


def test_an_event_schema_may_stand_in_a_component() -> None:
    def stream(payload: Any) -> dict[str, Any]:
        whole = events(payload, textual=True)
        content = whole["paths"]["/things"]["post"]["responses"]["200"]["content"]
        item = content["text/event-stream"]["itemSchema"]
        content["text/event-stream"]["itemSchema"] = {"$ref": "#/components/schemas/Event"}
        return {**whole, "components": {"schemas": {"Event": item}}}

    (change,) = difference(stream(thing(a=STRING)), stream(thing(a=INTEGER))).changes

    assert change.severity == "error"
    assert change.revision_pointer == (
        "/components/schemas/Event/properties/data/contentSchema/properties/a"
    )


def test_a_channel_that_no_operation_names_sends() -> None:
    def silent(payload: Any) -> dict[str, Any]:
        return {**channels(note=payload), "operations": {}}

    assert worst(of_channels(silent(thing(n=INTEGER)), silent(thing(n=NUMBER)))) == E


def test_parameters_and_query_of_a_channel_are_asked_for() -> None:
    def asking(query: Any, **parameters: Any) -> dict[str, Any]:
        found = channels(note=ONE)
        live = found["channels"]["live"]
        live |= {"parameters": parameters, "bindings": {"ws": {"query": query}}}
        return found

    base = asking(thing(since=STRING), room={"enum": ["a", "b"]})

    assert worst(of_channels(base, asking(thing(since=STRING), room={"enum": ["a"]}))) == E
    assert worst(of_channels(base, asking(thing(since=INTEGER), room={"enum": ["a", "b"]}))) == W
    assert worst(of_channels(base, asking(thing(since=STRING), room={}, user={}))) == E


def test_a_breaking_message_has_a_witness() -> None:
    base, revision = channels(note=thing(n=INTEGER)), channels(note=thing(n=NUMBER))
    (change,) = of_channels(base, revision)

    assert change.witness is not None
    assert change.witness.accepted_by == "revision"
    assert isinstance(change.witness.value["n"], float)


def test_another_version_of_asyncapi_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"version 3 can be read"):
        compare_channels({"asyncapi": "2.6.0"}, channels(note=ONE))
