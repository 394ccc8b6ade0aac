"""The lines of a file, one at a time, so that no file is ever held whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lockstitch.datasets.refusal import UnreadableDataset

MAX_LINE_BYTES: Final = 1_048_576

_UTF8_MARK: Final = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number of each line, from 1, and its text with the line break.

    Raises:
        UnreadableDataset: A line is too long, is not UTF-8 or holds a NUL byte.
    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            yield number, _text(line.removeprefix(_UTF8_MARK) if number == 1 else line, number)


def _text(line: bytes, number: int) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise UnreadableDataset(
            "long_line", f"A line may have at most {MAX_LINE_BYTES:,} bytes.", number
        )
    if b"\0" in line:
        raise UnreadableDataset("nul_byte", "This is a NUL byte, so the file is no text.", number)
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise UnreadableDataset(
            "encoding", "This is not UTF-8. Save the file as UTF-8 and send it again.", number
        ) from None
