r"""Inputs and outputs as JSON, made once: for the answer and for the stored row.

Postgres' jsonb has no NUL character and JSON has no NaN. Both would be found late or lost in
silence, so they are refused here. In the bytes they are easy to see: a NUL is written as
`\u0000`, and Pydantic writes a NaN as `null`. Only a text that shows one of these is searched.
"""

import math
import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from lockstitch.errors import InvalidRequest, PredictionFailed, Violation

Rule = Literal["no_nul", "finite_number"]

_PERHAPS_UNSTORABLE = re.compile(rb"\\u0000|null|NaN|Infinity")

_MESSAGES: dict[Rule, str] = {
    "no_nul": "Text must not contain the NUL character",
    "finite_number": "Input should be a finite number",
}


def encode_input(item: BaseModel) -> bytes:
    """Return a validated input as JSON with its wire names, ready to be stored.

    Raises:
        InvalidRequest: A text holds a NUL character or a number is not finite; the
            violations point to them. Call it before the model runs.
    """
    encoded = _encode(item, type(item))
    violations = [
        Violation("body", pointer, rule, _MESSAGES[rule])
        for pointer, rule in _unstorable(item, encoded)
    ]
    if violations:
        raise InvalidRequest(violations)
    return encoded


def encode_output(output: BaseModel, declared: type[BaseModel], name: str) -> bytes:
    """Return a model's output as JSON with its wire names, for the answer and the stored row.

    This is where NaN and infinity are found: on the way to bytes a look at the result costs
    almost nothing, and no answer leaves another way.

    Args:
        output: What the model returned.
        declared: Its output type; members that only a subclass has stay inside.
        name: The model's name, for the sentence of an error.

    Raises:
        PredictionFailed: A value is of another type than declared, a number is not finite, or
            a text holds a NUL character. The message never holds the value.
    """
    try:
        encoded = _encode(output, declared)
    except PydanticSerializationError:
        raise PredictionFailed(
            f"The model {name} returned a {declared.__name__} that holds a value of another "
            "type than it declares."
        ) from None
    for pointer, rule in _unstorable(output, encoded):
        what = "a NUL character" if rule == "no_nul" else "a number that is not finite"
        raise PredictionFailed(f"The model {name} returned {what} at {pointer or '/'}.")
    return encoded


def _encode(value: BaseModel, declared: type[BaseModel]) -> bytes:
    serializer = declared.__pydantic_serializer__
    return serializer.to_json(value, by_alias=True, warnings="error")


def _unstorable(value: BaseModel, encoded: bytes) -> list[tuple[str, Rule]]:
    if _PERHAPS_UNSTORABLE.search(encoded) is None:
        return []
    return list(_search(value.model_dump(by_alias=True), ""))


def _search(value: Any, pointer: str) -> Iterator[tuple[str, Rule]]:
    """Yield the JSON pointer and the rule of each value that cannot be kept as it is."""
    if isinstance(value, str):
        if "\0" in value:
            yield pointer, "no_nul"
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield pointer, "finite_number"
    elif isinstance(value, dict):
        for key, member in value.items():
            place = f"{pointer}/{_escape(str(key))}"
            if "\0" in str(key):
                yield place, "no_nul"
            yield from _search(member, place)
    elif isinstance(value, list | tuple | set | frozenset):
        for index, member in enumerate(value):
            yield from _search(member, f"{pointer}/{index}")


def _escape(key: str) -> str:
    """Spell a key in a JSON pointer (RFC 6901), with a NUL made visible."""
    return key.replace("~", "~0").replace("/", "~1").replace("\0", "\\u0000")
