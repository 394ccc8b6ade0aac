"""JSON lines as rows: one object on each line."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue
from pydantic_core import from_json

from lockstitch.datasets.lines import read_lines
from lockstitch.datasets.names import check_count, check_name
from lockstitch.datasets.refusal import UnreadableDataset
from lockstitch.datasets.row import Row

# The one spelling of a NUL character that a line of text can still hold.
_SPELT_NUL = "\\u0000"


def read_json_lines(path: Path) -> Iterator[Row]:
    """Yield the object of each line that is not blank.

    Raises:
        UnreadableDataset: A line is not one JSON object, or has a name that cannot be used.
    """
    names: dict[str, None] = {}
    for number, line in read_lines(path):
        if not line.strip():
            continue
        values = _object(line, number)
        for name in values:
            if name not in names:
                names[name] = None
                check_count(names, number)
                check_name(name, len(names), number)
        yield Row(number, values)


def _object(line: str, number: int) -> dict[str, JsonValue]:
    try:
        value: JsonValue = from_json(line, allow_inf_nan=False)
    except ValueError:
        raise UnreadableDataset("malformed_json", "This is not JSON.", number) from None
    if not isinstance(value, dict):
        raise UnreadableDataset("no_object", "This is JSON and no object.", number)
    if _SPELT_NUL in line and _holds_nul(value):
        raise UnreadableDataset("nul_byte", "A text holds a NUL character.", number)
    return value


def _holds_nul(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any("\0" in name or _holds_nul(member) for name, member in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value
