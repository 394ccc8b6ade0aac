"""The platform: JSON, objects, promises, addresses and forms."""

from collections.abc import Mapping
from typing import Final

from lockstitch.contract.usage.following import access
from lockstitch.contract.usage.following.binding import put
from lockstitch.contract.usage.following.engine import Handler, Invocation
from lockstitch.contract.usage.following.essence import sequence
from lockstitch.contract.usage.following.invocation import call_back
from lockstitch.contract.usage.following.natives.objects import group_by, new_map, record_method
from lockstitch.contract.usage.following.texts import concatenated, spelled
from lockstitch.contract.usage.following.values import (
    NOTHING,
    Answer,
    JsonText,
    Native,
    Record,
    Reply,
    Sequence,
    Shape,
    Text,
    Typed,
    Value,
    joined,
    one,
    text,
)


def stringify(call: Invocation) -> Value:
    """`JSON.stringify(value)`."""
    value = call.argument(0)
    kept = frozenset(atom for atom in value if isinstance(atom, Record | Typed | Answer))
    return one(JsonText(kept)) if kept else NOTHING


def parse(call: Invocation) -> Value:
    """`JSON.parse(text)`: the value that the text was written from."""
    return joined(*(atom.value for atom in call.argument(0) if isinstance(atom, JsonText)))


def same(call: Invocation) -> Value:
    """A function that returns what it is given."""
    return call.argument(0)


def renaming(call: Invocation) -> Value:
    """`camelcaseKeys(answer)`: from here on the members are spelled in camelCase."""
    return frozenset(
        Answer(atom.request, atom.path, atom.side, renamed=True)
        if isinstance(atom, Answer)
        else atom
        for atom in call.argument(0)
    )


def values_of(call: Invocation) -> Value:
    """`Object.values(map)`."""
    return one(sequence([], _each(call)))


def entries_of(call: Invocation) -> Value:
    """`Object.entries(map)`."""
    return one(Sequence((), one(Sequence((NOTHING, _each(call))))))


def from_entries(call: Invocation) -> Value:
    """`Object.fromEntries(pairs)`."""
    return new_map(call)


def _each(call: Invocation) -> Value:
    found: list[Value] = [access.items_of(call.engine, call.argument(0))]
    for atom in call.argument(0):
        if isinstance(atom, Record):
            found += [call.engine.read(cell) for cell in atom.members.values()]
        elif isinstance(atom, Shape):
            found += [value for _, value in atom.members]
    return joined(*found)


def assign(call: Invocation) -> Value:
    """`Object.assign(target, ...sources)`."""
    for atom in call.argument(0):
        if isinstance(atom, Record):
            for source in call.arguments[1:]:
                if not source:
                    atom.whole = False
                call.engine.write(atom.spreads, source)
    return call.argument(0)


def all_of(call: Invocation) -> Value:
    """`Promise.all(promises)`: promises are worth what they resolve to."""
    return call.argument(0)


def all_settled(call: Invocation) -> Value:
    """`Promise.allSettled(promises)`."""
    found: list[Value] = []
    for atom in call.argument(0):
        if isinstance(atom, Sequence):
            items = [one(Shape((("value", item),))) for item in atom.items]
            rest = one(Shape((("value", atom.rest),))) if atom.rest else NOTHING
            found.append(one(Sequence(tuple(items), rest)))
    return joined(*found)


def any_of(call: Invocation) -> Value:
    """`Promise.race(promises)`."""
    return access.items_of(call.engine, call.argument(0))


def new_promise(call: Invocation) -> Value:
    """`new Promise((resolve) => ...)`: worth what it is resolved with."""
    cell = call.engine.cell(call.frame, call.node)
    call_back(call, call.argument(0), one(Native("set", (cell,))), NOTHING)
    return call.engine.read(cell)


def array_from(call: Invocation) -> Value:
    """`Array.from(iterable, function)`."""
    items = access.items_of(call.engine, call.argument(0))
    if call.argument(1):
        items = call_back(call, call.argument(1), items)
    return one(sequence([], items)) if items else NOTHING


def new_collection(call: Invocation) -> Value:
    """`new Set(items)`."""
    items = access.items_of(call.engine, call.argument(0))
    return one(sequence([], items)) if items else NOTHING


def spelled_out(call: Invocation) -> Value:
    """`String(value)`, `encodeURIComponent(value)`: a text is that text."""
    return spelled(call.argument(0))


def new_url(call: Invocation) -> Value:
    """`new URL(path, base)`."""
    path, base = call.argument(0), call.argument(1)
    if len(call.arguments) < 2:  # noqa: PLR2004 - the base is the second argument
        address = path
    else:
        address = joined(*(_against(atom, base) for atom in path if isinstance(atom, Text)))
    record = call.engine.record(call.frame, call.node, "URL")
    put(call.engine, record, "href", address)
    search = call.engine.record(call.frame, (call.node, "search"), "URLSearchParams")
    put(call.engine, record, "searchParams", one(search))
    return one(record)


def _against(path: Text, base: Value) -> Value:
    pieces = path.pieces
    absolute = bool(pieces) and not pieces[0].hole and "://" in pieces[0].text
    rooted = bool(pieces) and pieces[0].text.startswith("/")
    joint = [] if rooted else [text("/")]
    return one(path) if absolute else concatenated([_origin(base), *joint, one(path)])


def _origin(base: Value) -> Value:
    """A rooted path replaces that of the base; a slash at the end of a base says nothing."""
    found = []
    for atom in base:
        if isinstance(atom, Text) and atom.pieces:
            last = atom.pieces[-1]
            trimmed = type(last)(last.text.rstrip("/"), last.hole, last.site)
            found.append(one(Text((*atom.pieces[:-1], trimmed))))
    return joined(*found)


def new_form(call: Invocation) -> Value:
    """`new FormData()` and `new URLSearchParams(members)`."""
    kind = "FormData" if "FormData" in str(call.target) else "URLSearchParams"
    record = call.engine.record(call.frame, call.node, kind)
    given = call.argument(0)
    if given and kind == "URLSearchParams":
        call.engine.write(record.spreads, given)
    elif call.arguments:
        record.whole = False
    return one(record)


def reply_method(call: Invocation) -> Value:
    """Methods of the response of `fetch`."""
    reply = call.target
    if not isinstance(reply, Reply):
        return NOTHING
    if call.name == "clone":
        return one(reply)
    if call.name not in {"json", "text"}:
        return NOTHING
    body = frozenset(_sided(atom, failing=call.failing) for atom in reply.body)
    return body if call.name == "json" else one(JsonText(body))


def _sided(atom: object, *, failing: bool) -> Answer:
    if not isinstance(atom, Answer):
        raise TypeError(atom)
    return Answer(atom.request, atom.path, "problem") if failing else atom


def text_method(call: Invocation) -> Value:
    """Methods of texts that leave an address an address."""
    if call.name == "concat":
        return concatenated([one(call.target), *call.arguments])
    kept = {"toString", "trim", "replace", "replaceAll", "slice", "substring", "valueOf"}
    return one(call.target) if call.name in kept | {"toLowerCase", "toUpperCase"} else NOTHING


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "JSON.stringify": stringify,
    "JSON.parse": parse,
    "Object.values": values_of,
    "Object.entries": entries_of,
    "Object.assign": assign,
    "Object.fromEntries": from_entries,
    "Object.freeze": same,
    "structuredClone": same,
    "camelcaseKeys": renaming,
    "camelcase-keys:default": renaming,
    "camelizeKeys": renaming,
    "camelize": renaming,
    "Promise.all": all_of,
    "Promise.allSettled": all_settled,
    "Promise.race": any_of,
    "Promise.any": any_of,
    "Promise.resolve": same,
    "new Promise": new_promise,
    "Array.from": array_from,
    "new Set": new_collection,
    "new Map": new_map,
    "Object.groupBy": group_by,
    "Map.groupBy": group_by,
    "groupBy": group_by,
    "keyBy": group_by,
    "String": spelled_out,
    "encodeURIComponent": spelled_out,
    "encodeURI": spelled_out,
    "new URL": new_url,
    "new FormData": new_form,
    "new URLSearchParams": new_form,
    "cloneDeep": same,
    "sortBy": same,
    "orderBy": same,
    "uniqBy": same,
    "lodash:cloneDeep": same,
    "server-only:cache": same,
}
METHODS: Final[Mapping[type, Handler]] = {
    Record: record_method,
    Reply: reply_method,
    Text: text_method,
}
