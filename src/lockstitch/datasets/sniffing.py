"""What a file is, by its first bytes: its name and its declared type can say anything."""

import json
from pathlib import Path
from typing import Final, Literal

from lockstitch.datasets.lines import read_lines
from lockstitch.datasets.refusal import UnreadableDataset

MediaType = Literal["text/csv", "application/jsonl"]

_COMPRESSED: Final = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
}
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_MARKUP: Final = ("<!doctype", "<html", "<?xml")


def sniff(path: Path) -> MediaType:
    """Return which of the two kinds of file this is.

    Raises:
        UnreadableDataset: It is neither, or it is empty.
    """
    _refuse_binary(path)
    for number, line in read_lines(path):
        if line.strip():
            return _kind_of(line.strip(), number)
    raise UnreadableDataset("empty", "The file is empty.")


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            # What it unpacks to could be of any size.
            raise UnreadableDataset("compressed", f"The file is {name}. Unpack it and send that.")
    if head.startswith(_UTF16_MARKS):
        raise UnreadableDataset("encoding", "The file is UTF-16. Save it as UTF-8.", 1)


def _kind_of(line: str, number: int) -> MediaType:
    if line.startswith("{"):
        return "application/jsonl"
    if line.lower().startswith(_MARKUP):
        raise UnreadableDataset("markup", "The file is HTML or XML, not CSV or JSON lines.")
    if line == "[" or _is_json_list(line):
        raise UnreadableDataset(
            "json_array", "This is a JSON array. Write one object on each line.", number
        )
    return "text/csv"


def _is_json_list(line: str) -> bool:
    if not line.startswith("["):
        return False
    try:
        return isinstance(json.loads(line.rstrip(",")), list)
    except (ValueError, RecursionError):
        return line.startswith(("[{", "[["))
