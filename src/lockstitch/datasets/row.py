"""One row of a dataset."""

from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Row:
    """The values of a row by column, and the line of the file that it begins on."""

    line: int
    values: dict[str, JsonValue]
