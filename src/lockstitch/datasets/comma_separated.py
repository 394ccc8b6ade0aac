"""CSV as rows: commas, double quotes, one header, as RFC 4180 has it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lockstitch.datasets.lines import read_lines
from lockstitch.datasets.names import check_names
from lockstitch.datasets.refusal import UnreadableDataset
from lockstitch.datasets.row import Row

_OTHER_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_csv(path: Path) -> Iterator[Row]:
    """Yield the rows below the header; an empty value is missing.

    Raises:
        UnreadableDataset: The header or a row is broken.
    """
    records = _records(path)
    number, header = next(records, (1, []))
    names = tuple(name.strip() for name in header)
    _refuse_other_delimiter(names, number)
    check_names(names, number)
    for line, values in records:
        if len(values) != len(names):
            raise UnreadableDataset(
                "ragged_row",
                f"The header has {len(names):,} columns, and the values here are {len(values):,}.",
                line,
            )
        yield Row(line, dict(zip(names, (value or None for value in values), strict=True)))


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the line that it begins on."""
    reader = csv.reader((line for _, line in read_lines(path)), strict=True)
    begins = 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as error:
        # A quote that is never closed swallows the rest: the place to look is where it opens.
        raise UnreadableDataset("malformed_csv", f"This is not CSV: {error}.", begins) from None


def _refuse_other_delimiter(names: tuple[str, ...], line: int) -> None:
    if len(names) > 1:
        return
    for delimiter, spoken in _OTHER_DELIMITERS.items():
        if delimiter in "".join(names):
            raise UnreadableDataset(
                "delimiter", f"The columns stand apart by {spoken}. Use commas.", line
            )
