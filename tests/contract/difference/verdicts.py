"""Pairs of operations, each with the worst level that other judges of contracts agree on.

An operation is that of `POST /things/{id}`; where it is None, the path is gone.
"""

from typing import Any, NamedTuple

from pairs import JSON
from steps import INTEGER, STRING, thing

E, W, I, N = "error", "warning", "information", None  # noqa: E741 - the columns of a table
ID = {"name": "id", "in": "path", "required": True, "schema": STRING}


class Pair(NamedTuple):
    """What changes in an operation, and the worst level of it."""

    name: str
    base: Any
    revision: Any
    level: str | None


def operation(**words: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "Done."}}, **words}


def body(schema: Any, media_type: str = JSON, **words: Any) -> dict[str, Any]:
    content = {media_type: {"schema": schema}}
    return operation(requestBody={"required": True, "content": content, **words})


def answer(schema: Any, media_type: str = JSON, status: str = "200") -> dict[str, Any]:
    content = {media_type: {"schema": schema}}
    return operation(responses={status: {"description": "Done.", "content": content}})


def statuses(*names: str) -> dict[str, Any]:
    return operation(responses={name: {"description": "So."} for name in names})


def header(schema: Any = None, **words: Any) -> dict[str, Any]:
    headers = {"X-Left": {"schema": schema or INTEGER, **words}}
    return operation(responses={"200": {"description": "Done.", "headers": headers}})


def given(place: str = "query", schema: Any = None, **words: Any) -> dict[str, Any]:
    one = {"name": "limit", "in": place, "schema": schema or STRING, **words}
    return operation(parameters=[one])


def stable(level: str | None, **words: Any) -> dict[str, Any]:
    return operation(**({"x-stability-level": level} if level else {}), **words)


def leaving(sunset: str | None = None, **words: Any) -> dict[str, Any]:
    return operation(deprecated=True, **({"x-sunset": sunset} if sunset else {}), **words)


def string(**words: Any) -> dict[str, Any]:
    return {**STRING, **words}


PAST, SOON, LATER = "2020-01-31", "2990-01-31", "2999-01-31"
KEY, OAUTH = {"key": []}, {"oauth": ["read"]}
CAT = thing(("purrs",), purrs={"type": "boolean"})
DOG = thing(("barks",), barks={"type": "boolean"})

PAIRS = [
    # Nothing that a caller notices
    Pair("summary", operation(summary="One."), operation(summary="Other."), N),
    Pair("description of a member", body(thing(a=STRING)), body(thing(a=string(title="A"))), N),
    Pair("example", body(string(example="a")), body(string(example="b")), N),
    Pair("servers", operation(servers=[{"url": "/a"}]), operation(servers=[{"url": "/b"}]), N),
    Pair(
        "order of required",
        body(thing(("a", "b"), a=STRING, b=STRING)),
        body(thing(("b", "a"), b=STRING, a=STRING)),
        N,
    ),
    Pair("order of an enum", body(string(enum=["a", "b"])), body(string(enum=["b", "a"])), N),
    # Operations
    Pair("removed", operation(), None, E),
    Pair("removed, was deprecated", leaving(), None, I),
    Pair("removed after its sunset", leaving(PAST), None, I),
    Pair("removed before its sunset", leaving(SOON), None, E),
    Pair("removed with a broken sunset", leaving("soon"), None, E),
    Pair("added", None, operation(), I),
    Pair("deprecated", operation(), leaving(), I),
    Pair("deprecated with a sunset", operation(), leaving(SOON), I),
    Pair("deprecated with a sunset in the past", operation(), leaving(PAST), E),
    Pair("deprecated with a broken sunset", operation(), leaving("soon"), E),
    Pair("reactivated", leaving(), operation(), I),
    Pair("sunset put off", leaving(SOON), leaving(LATER), N),
    Pair("sunset brought forward", leaving(LATER), leaving(PAST), E),
    Pair("sunset removed", leaving(SOON), leaving(), E),
    Pair("operation id removed", operation(operationId="a"), operation(), I),
    Pair("tag removed", operation(tags=["a"]), operation(), I),
    # Stability
    Pair("stable to beta", stable("stable"), stable("beta"), E),
    Pair("beta to alpha", stable("beta"), stable("alpha"), E),
    Pair("alpha to draft", stable("alpha"), stable("draft"), E),
    Pair("draft to alpha", stable("draft"), stable("alpha"), N),
    Pair("unknown stability", stable("beta"), stable("solid"), E),
    Pair("removed alpha", stable("alpha"), None, N),
    Pair("removed beta", stable("beta"), None, E),
    Pair(
        "required member in alpha",
        stable("alpha", requestBody=body(thing())["requestBody"]),
        stable("alpha", requestBody=body(thing(("a",), a=STRING))["requestBody"]),
        N,
    ),
    # Parameters
    Pair("required query", operation(), given(required=True), E),
    Pair("optional query", operation(), given(), I),
    Pair("required header", operation(), given("header", required=True), E),
    Pair("required cookie", operation(), given("cookie", required=True), E),
    Pair("parameter removed", given(), operation(), W),
    Pair("deprecated parameter removed", given(deprecated=True), operation(), I),
    Pair(
        "parameter removed before its sunset",
        given(deprecated=True, **{"x-sunset": SOON}),
        operation(),
        E,
    ),
    Pair("parameter deprecated", given(), given(deprecated=True), I),
    Pair("parameter moved", given("query"), given("cookie"), W),
    Pair("parameter required", given(), given(required=True), E),
    Pair("parameter optional", given(required=True), given(), I),
    Pair("parameter default added", given(), given(schema=string(default="a")), E),
    Pair(
        "parameter default changed",
        given(schema=string(default="a")),
        given(schema=string(default="b")),
        E,
    ),
    Pair(
        "parameter enum value removed",
        given(schema=string(enum=["a", "b"])),
        given(schema=string(enum=["a"])),
        E,
    ),
    Pair("parameter became enum", given(), given(schema=string(enum=["a"])), E),
    Pair("parameter type", given(), given(schema=INTEGER), E),
    Pair("parameter generalized", given(schema=INTEGER), given(), I),
    Pair("parameter number", given(schema=INTEGER), given(schema={"type": "number"}), I),
    Pair("parameter format added", given(), given(schema=string(format="uuid")), E),
    Pair("parameter format removed", given(schema=string(format="uuid")), given(), I),
    Pair(
        "parameter int64",
        given(schema={**INTEGER, "format": "int32"}),
        given(schema={**INTEGER, "format": "int64"}),
        I,
    ),
    Pair(
        "parameter idn-email",
        given(schema=string(format="email")),
        given(schema=string(format="idn-email")),
        I,
    ),
    Pair(
        "parameter iri", given(schema=string(format="uri")), given(schema=string(format="iri")), I
    ),
    Pair(
        "parameter idn-hostname",
        given(schema=string(format="hostname")),
        given(schema=string(format="idn-hostname")),
        I,
    ),
    Pair("parameter pattern", given(), given(schema=string(pattern="^a")), E),
    Pair(
        "parameter other pattern",
        given(schema=string(pattern="^a")),
        given(schema=string(pattern="^b")),
        W,
    ),
    Pair("parameter pattern removed", given(schema=string(pattern="^a")), given(), I),
    Pair("parameter max length set", given(), given(schema=string(maxLength=5)), W),
    Pair("parameter min length", given(), given(schema=string(minLength=5)), E),
    Pair("parameter max set", given(schema=INTEGER), given(schema={**INTEGER, "maximum": 5}), W),
    Pair(
        "parameter extensible enum",
        given(schema=string(**{"x-extensible-enum": ["a", "b"]})),
        given(schema=string(**{"x-extensible-enum": ["a"]})),
        E,
    ),
    # Request bodies
    Pair("required body", operation(), body(STRING), E),
    Pair("optional body", operation(), body(STRING, required=False), I),
    Pair("body now required", body(STRING, required=False), body(STRING), E),
    Pair("body now optional", body(STRING), body(STRING, required=False), I),
    Pair("body media type", body(STRING), body(STRING, "application/xml"), E),
    Pair("new required member", body(thing()), body(thing(("a",), a=STRING)), E),
    Pair("new optional member", body(thing()), body(thing(a=STRING)), I),
    Pair(
        "new required read-only member",
        body(thing()),
        body(thing(("a",), a=string(readOnly=True))),
        I,
    ),
    Pair("member removed", body(thing(a=STRING)), body(thing()), W),
    Pair("member nullable", body(thing(a=STRING)), body(thing(a={"type": ["string", "null"]})), I),
    Pair(
        "member not nullable", body(thing(a={"type": ["string", "null"]})), body(thing(a=STRING)), E
    ),
    Pair("member default", body(thing(a=STRING)), body(thing(a=string(default="b"))), I),
    Pair(
        "member extensible enum removed",
        body(thing(a=string(**{"x-extensible-enum": ["a", "b"]}))),
        body(thing(a=string(**{"x-extensible-enum": ["a"]}))),
        E,
    ),
    Pair(
        "read-only enum value removed",
        body(thing(a=string(readOnly=True, enum=["a", "b"]))),
        body(thing(a=string(readOnly=True, enum=["a"]))),
        I,
    ),
    Pair(
        "read-only max decreased",
        body(thing(a={**INTEGER, "readOnly": True, "maximum": 9})),
        body(thing(a={**INTEGER, "readOnly": True, "maximum": 5})),
        I,
    ),
    Pair(
        "deep member required",
        body(thing(a={"type": "array", "items": thing(b=STRING)})),
        body(thing(a={"type": "array", "items": thing(("b",), b=STRING)})),
        E,
    ),
    Pair("oneOf added", body({"oneOf": [CAT]}), body({"oneOf": [CAT, DOG]}), I),
    Pair("oneOf removed", body({"oneOf": [CAT, DOG]}), body({"oneOf": [CAT]}), E),
    Pair("anyOf removed", body({"anyOf": [CAT, DOG]}), body({"anyOf": [CAT]}), E),
    Pair(
        "discriminator",
        body({"oneOf": [CAT, DOG]}),
        body({"oneOf": [CAT, DOG], "discriminator": {"propertyName": "kind"}}),
        I,
    ),
    # Responses
    Pair("success removed", statuses("200", "201"), statuses("200"), E),
    Pair("failure removed", statuses("200", "404"), statuses("200"), I),
    Pair("success added", statuses("200"), statuses("200", "202"), I),
    Pair("failure added", statuses("200"), statuses("200", "409"), I),
    Pair("answer's media type", answer(STRING), answer(STRING, "text/plain"), E),
    Pair("answer's required member removed", answer(thing(("a",), a=STRING)), answer(thing()), E),
    Pair("answer's optional member removed", answer(thing(a=STRING)), answer(thing()), W),
    Pair(
        "answer's required write-only member removed",
        answer(thing(("a",), a=string(writeOnly=True))),
        answer(thing()),
        I,
    ),
    Pair("answer's member optional", answer(thing(("a",), a=STRING)), answer(thing(a=STRING)), E),
    Pair("answer's member required", answer(thing(a=STRING)), answer(thing(("a",), a=STRING)), I),
    Pair("answer's new required member", answer(thing()), answer(thing(("a",), a=STRING)), I),
    Pair(
        "answer nullable", answer(thing(a=STRING)), answer(thing(a={"type": ["string", "null"]})), E
    ),
    Pair(
        "answer's enum value added",
        answer(thing(a=string(enum=["a"]))),
        answer(thing(a=string(enum=["a", "b"]))),
        W,
    ),
    Pair(
        "answer's enum value removed",
        answer(thing(a=string(enum=["a", "b"]))),
        answer(thing(a=string(enum=["a"]))),
        I,
    ),
    Pair(
        "answer's write-only enum value added",
        answer(thing(a=string(enum=["a"], writeOnly=True))),
        answer(thing(a=string(enum=["a", "b"], writeOnly=True))),
        I,
    ),
    Pair("answer's number", answer(INTEGER), answer({"type": "number"}), E),
    Pair("answer's integer", answer({"type": "number"}), answer(INTEGER), I),
    Pair("answer's max length unset", answer(string(maxLength=5)), answer(STRING), E),
    Pair(
        "answer's max length decreased", answer(string(maxLength=5)), answer(string(maxLength=4)), I
    ),
    Pair(
        "answer's min items unset",
        answer({"type": "array", "items": STRING, "minItems": 1}),
        answer({"type": "array", "items": STRING}),
        E,
    ),
    Pair("answer's pattern changed", answer(string(pattern="^a")), answer(string(pattern="^b")), I),
    Pair("answer's oneOf added", answer({"oneOf": [CAT]}), answer({"oneOf": [CAT, DOG]}), E),
    Pair("answer's oneOf removed", answer({"oneOf": [CAT, DOG]}), answer({"oneOf": [CAT]}), I),
    Pair("answer's default", answer(STRING), answer(string(default="a")), I),
    Pair("optional header removed", header(), operation(), W),
    Pair("required header removed", header(required=True), operation(), E),
    Pair("header optional", header(required=True), header(), E),
    Pair("header required", header(), header(required=True), I),
    Pair(
        "failure's required member removed",
        answer(thing(("a",), a=STRING), status="400"),
        answer(thing(), status="400"),
        E,
    ),
    # Security
    Pair("security removed", operation(security=[KEY]), operation(security=[]), I),
    Pair("another way to sign in", operation(security=[KEY]), operation(security=[KEY, OAUTH]), I),
    Pair(
        "scope removed",
        operation(security=[{"oauth": ["read", "write"]}]),
        operation(security=[OAUTH]),
        I,
    ),
]
