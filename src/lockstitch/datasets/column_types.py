"""What type a column has, as far as its values tell."""

import re
from datetime import date, datetime
from typing import Final, Literal

from pydantic import JsonValue

ColumnType = Literal["boolean", "integer", "number", "date", "date-time", "text", "json", "mixed"]

# A leading zero is part of a name, such as a postal code; beyond 18 digits int64 may overflow.
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_NUMBER: Final = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")


class TypeGuess:
    """The narrowest type that all values so far have; an untold type is that of no value yet."""

    def __init__(self) -> None:
        self._type: ColumnType | None = None

    @property
    def type(self) -> ColumnType:
        """The type; a column without any value is text."""
        return self._type or "text"

    def see_text(self, value: str) -> None:
        """Take a value of a CSV file into account, where everything is spelt as text."""
        # Nothing narrows a text again, and most of the time goes into reading texts.
        if self._type != "text":
            found = _type_of_text(value)
            self._type = _join(self._type, found, otherwise="text")

    def see(self, value: JsonValue) -> None:
        """Take a JSON value into account, other than null."""
        if self._type == "text" and isinstance(value, str):
            return
        self._type = _join(self._type, _type_of(value), otherwise="mixed")


def _join(
    before: ColumnType | None, found: ColumnType, *, otherwise: Literal["text", "mixed"]
) -> ColumnType:
    if before is None or before == found:
        return found
    if {before, found} == {"integer", "number"}:
        return "number"
    if {before, found} <= {"date", "date-time", "text"}:
        return "text"
    return otherwise


def _type_of(value: JsonValue) -> ColumnType:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return _moment_type(value) or "text"
        case _:
            return "json"


def _type_of_text(value: str) -> ColumnType:
    if _INTEGER.fullmatch(value):
        return "integer"
    if _NUMBER.fullmatch(value):
        return "number"
    if value.lower() in {"true", "false"}:
        return "boolean"
    return _moment_type(value) or "text"


def _moment_type(value: str) -> Literal["date", "date-time"] | None:
    if not _MOMENT.fullmatch(value):
        return None
    try:
        if len(value) == len("2026-01-31"):
            date.fromisoformat(value)
            return "date"
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return "date-time"
