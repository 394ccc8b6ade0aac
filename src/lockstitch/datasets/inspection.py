"""Reading a whole file once: what it is, its columns, its rows, and the first of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from pydantic import JsonValue
from pydantic_core import to_json

from lockstitch.datasets.column_types import ColumnType, TypeGuess
from lockstitch.datasets.comma_separated import read_csv
from lockstitch.datasets.json_lines import read_json_lines
from lockstitch.datasets.refusal import UnreadableDataset
from lockstitch.datasets.row import Row
from lockstitch.datasets.sniffing import MediaType, sniff

PREVIEW_ROWS: Final = 20
PREVIEW_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: As the file spells it.
        type: The narrowest type that all of its values have.
        missing_count: In how many rows it is empty, null or not there.
    """

    name: str
    type: ColumnType
    missing_count: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file was found to be."""

    media_type: MediaType
    columns: tuple[Column, ...]
    row_count: int


def inspect_file(path: Path) -> Inspection:
    """Read a file to its end; memory grows with the columns, never with the rows.

    Raises:
        UnreadableDataset: It is no dataset; the message names the line.
    """
    media_type = sniff(path)
    found: dict[str, _Seen] = {}
    row_count = 0
    as_text = media_type == "text/csv"
    for row in read_rows(path, media_type):
        row_count += 1
        _look_at(row.values, found, as_text=as_text)
    if not row_count:
        raise UnreadableDataset("empty", "The file has no rows below its header.")
    columns = tuple(
        Column(name, seen.guess.type, row_count - seen.count) for name, seen in found.items()
    )
    return Inspection(media_type, columns, row_count)


def read_rows(path: Path, media_type: str) -> Iterator[Row]:
    """Yield the rows of a file of this kind.

    Raises:
        UnreadableDataset: A row is broken.
    """
    return read_csv(path) if media_type == "text/csv" else read_json_lines(path)


def first_rows(path: Path, media_type: str, columns: Iterable[str]) -> list[list[str | None]]:
    """Return the first rows: each value as text, cut, in the order of the columns."""
    order = list(columns)
    return [
        [_shown(row.values.get(name)) for name in order]
        for row in islice(read_rows(path, media_type), PREVIEW_ROWS)
    ]


@dataclass(slots=True)
class _Seen:
    guess: TypeGuess
    count: int = 0


def _look_at(values: Mapping[str, JsonValue], found: dict[str, _Seen], *, as_text: bool) -> None:
    for name, value in values.items():
        seen = found.get(name)
        if seen is None:
            seen = found[name] = _Seen(TypeGuess())
        if value is None:
            continue
        seen.count += 1
        if as_text and isinstance(value, str):
            seen.guess.see_text(value)
        else:
            seen.guess.see(value)


def _shown(value: JsonValue) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else to_json(value).decode()
    return text if len(text) <= PREVIEW_CHARACTERS else f"{text[: PREVIEW_CHARACTERS - 1]}…"
