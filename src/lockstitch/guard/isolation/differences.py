"""What differs between answers to the same question, beyond what always differs."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from lockstitch.guard.conformance import Answer
from lockstitch.guard.verify.exchange import answered_json

# What a service may say of a request that is refused, and that tells nothing of what was asked.
_OF_THE_REQUEST: Final = frozenset({"/request_id", "/instance", "/trace_id", "/timestamp"})
_TELLING_HEADERS: Final = ("etag", "last-modified", "location", "content-type")
_STATUS: Final = "status"

Facts = Mapping[str, str]


def facts_of(answer: Answer | None, sent: Collection[str] = ()) -> dict[str, str]:
    """Return everything that an answer tells, by where it stands.

    Args:
        answer: The answer; None is that there was none.
        sent: Values that the request held: to see them again tells nothing.
    """
    if answer is None:
        return {_STATUS: "no answer"}
    facts = {_STATUS: str(answer.status)}
    facts |= {name: answer.headers[name] for name in _TELLING_HEADERS if name in answer.headers}
    value = answered_json(answer)
    if value is None:
        facts["body"] = answer.body.decode("utf-8", "replace")
    else:
        _flatten(value, "", facts)
    for one in sorted(sent, key=len, reverse=True):
        facts = {place: text.replace(one, "…") for place, text in facts.items()}
    return {place: text for place, text in facts.items() if place not in _OF_THE_REQUEST}


def differing(first: Facts, second: Facts, unstable: Collection[str] = ()) -> list[str]:
    """Return the places where two answers tell different things."""
    places = dict.fromkeys([*first, *second])
    return [
        place for place in places if place not in unstable and first.get(place) != second.get(place)
    ]


def _flatten(value: Any, place: str, facts: dict[str, str]) -> None:
    match value:
        case dict() if value:
            for name, inner in value.items():
                _flatten(inner, f"{place}/{name}", facts)
        case list() if value:
            for number, inner in enumerate(value):
                _flatten(inner, f"{place}/{number}", facts)
        case _:
            facts[place or "body"] = json.dumps(value)
