"""Requests: what an address, a method and a body make of a call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lockstitch.contract.usage.calls import Style
from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Engine, Handler, Invocation
from lockstitch.contract.usage.following.invocation import setting
from lockstitch.contract.usage.following.texts import METHODS, concatenated
from lockstitch.contract.usage.following.trace import Found
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    JsonText,
    Record,
    Reply,
    Request,
    Text,
    Typed,
    Value,
    joined,
    one,
    plain,
    text,
)
from lockstitch.contract.usage.urls import Target, base_of, target_of

GET: Final = text("GET")
_MAXIMUM_ADDRESSES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a library is asked to send.

    `input` is that of a generated function, all in one. `guess`: the method stands in settings
    that the code does not show.
    """

    style: Style
    url: Value
    method: Value = NOTHING
    body: Value = NOTHING
    query: Value = NOTHING
    input: Value = NOTHING
    renamed: bool = False
    has_body: bool = False
    guess: bool = False


def ask(call: Invocation, asked: Asked) -> Value:
    """Note a request and return what it is answered with."""
    engine = call.engine
    if not engine.requesting:
        return NOTHING
    answers: list[Value] = []
    for target in list(_targets(engine, asked.url))[:_MAXIMUM_ADDRESSES]:
        for method in _methods(engine, asked, target):
            found = _note(call, asked, target, method)
            _fill(engine, found, asked, target)
            answers.append(one(Answer(found.request)))
    return joined(*answers)


def _targets(engine: Engine, url: Value) -> Iterator[Target]:
    for atom in sorted(_addresses(engine, url), key=_spelled):
        target = target_of(atom)
        if target is not None:
            yield target


def _spelled(address: Text) -> list[tuple[str, bool]]:
    return [(piece.text, piece.hole) for piece in address.pieces]


def _addresses(engine: Engine, url: Value) -> Iterator[Text]:
    for atom in url:
        if isinstance(atom, Text):
            yield atom
        elif isinstance(atom, Record) and atom.kind == "URL" and "href" in atom.members:
            inner = engine.read(atom.members["href"])
            yield from (one_ for one_ in inner if isinstance(one_, Text))


def _methods(engine: Engine, asked: Asked, target: Target) -> list[str]:
    named = sorted(name.lower() for name in plain(asked.method) if name.lower() in METHODS)
    if named or not asked.guess:
        return named or ["get"]
    possible = [method.lower() for method in engine.router.methods(target)]
    if not possible or "get" in possible:
        return ["get"]
    return possible if len(possible) == 1 else []


def _note(call: Invocation, asked: Asked, target: Target, method: str) -> Found:
    engine, frame = call.engine, call.frame
    site = engine.site(frame, call.at)
    if target.site is not None and not frame.generated:
        site = target.site
    match = engine.router.find(method, target)
    request = Request(
        method=method.upper(),
        path=target.path,
        site=site,
        style=asked.style,
        operation=match.operation.id if match is not None else None,
        renamed=asked.renamed,
    )
    found = engine.trace.intern(request)
    found.bases.add(base_of(target, match.prefix if match is not None else ""))
    found.targets.setdefault(target, None)
    return found


def _fill(engine: Engine, found: Found, asked: Asked, target: Target) -> None:
    found.query_names.update(target.query)
    for value, records in ((asked.body, found.bodies), (asked.input, found.inputs)):
        for atom in _members(value):
            records.setdefault(atom, None)
    for record in _records(asked.query):
        found.query.setdefault(record, None)
    for address in _records(asked.url):
        if "searchParams" in address.members:
            inner = engine.read(address.members["searchParams"])
            found.query.update(dict.fromkeys(_records(inner)))
    known = any(isinstance(atom, Record | Typed) for atom in _members(asked.body))
    found.other_body = found.other_body or (asked.has_body and not known)


def _records(value: Value) -> list[Record]:
    return [atom for atom in value if isinstance(atom, Record)]


def _members(value: Value) -> Iterator[Record | Typed]:
    for atom in value:
        if isinstance(atom, JsonText):
            yield from _members(atom.value)
        elif isinstance(atom, Record | Typed):
            yield atom


def fetch(call: Invocation) -> Value:
    """`fetch(address, {method, body})`."""
    url, settings = call.argument(0), call.argument(1)
    for atom in url:
        if isinstance(atom, Record) and atom.kind == "Request":
            # What a request was made with is what it is sent with.
            url, settings = setting(call, one(atom), "url"), one(atom)
    body = setting(call, settings, "body")
    asked = Asked(
        style="fetch",
        url=url,
        method=setting(call, settings, "method"),
        body=body,
        has_body=bool(body) or _has(settings, "body"),
        guess=len(call.arguments) > 1 and not _is_whole(call.engine, settings),
    )
    answers = ask(call, asked)
    return one(Reply(answers)) if answers else NOTHING


def new_request(call: Invocation) -> Value:
    """`new Request(address, settings)`."""
    record = call.engine.record(call.frame, call.node, "Request")
    put(call.engine, record, "url", call.argument(0))
    call.engine.write(record.spreads, call.argument(1))
    return one(record)


def _has(settings: Value, name: str) -> bool:
    return any(isinstance(atom, Record) and name in atom.members for atom in settings)


def _is_whole(engine: Engine, settings: Value) -> bool:
    """Whether the code shows all settings: then a method that is not there is GET."""
    records = [atom for atom in settings if isinstance(atom, Record)]
    return bool(records) and all(
        record.whole and _is_whole_spread(engine, record) for record in records
    )


def _is_whole_spread(engine: Engine, record: Record) -> bool:
    spread = engine.read(record.spreads)
    return not spread or _is_whole(engine, spread)


def on_base(base: Value, url: Value) -> Value:
    """Return an address that a client's base comes before, unless it is a whole one."""
    if not base:
        return url
    found: list[Value] = []
    for atom in url:
        if isinstance(atom, Text) and not _is_absolute(atom):
            found.append(concatenated([base, text("/"), one(atom)]))
        else:
            found.append(one(atom))
    return joined(*found)


def _is_absolute(address: Text) -> bool:
    first = address.pieces[0] if address.pieces else None
    return first is not None and (first.text.startswith(("http://", "https://")))


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "fetch": fetch,
    "new Request": new_request,
    "node-fetch:default": fetch,
    "cross-fetch:default": fetch,
    "isomorphic-fetch:default": fetch,
    "undici:fetch": fetch,
}
