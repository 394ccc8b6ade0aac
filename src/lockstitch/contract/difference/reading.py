"""Reading a document for a comparison: a part that cannot be read must not hide the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lockstitch.contract.difference.changes import Side
from lockstitch.contract.document import Document
from lockstitch.contract.pointers import split
from lockstitch.contract.reading import read_document
from lockstitch.errors import ContractError, UnreadableDocument

Raw = Mapping[str, Any]

MAX_PARTS: Final = 100


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a document that is not compared, and why."""

    side: Side
    pointer: str
    message: str


def read_what_can_be(raw: Raw, side: Side = "base") -> tuple[Document, tuple[LeftOut, ...]]:
    """Return the document, and the parts of it that were taken as empty to read the rest.

    Raises:
        UnreadableDocument: The document as a whole cannot be read; the message names the side.
    """
    try:
        return _read(raw, side)
    except ContractError as error:
        raise UnreadableDocument(f"The {side} cannot be compared: {error}") from error


def _read(raw: Raw, side: Side) -> tuple[Document, tuple[LeftOut, ...]]:
    left: dict[str, LeftOut] = {}
    for _ in range(MAX_PARTS):
        try:
            return read_document(raw), tuple(left.values())
        except ContractError as error:
            place = error.pointer
            # What was emptied already is still wrong, so what is around it has to go.
            while place in left or not _is_there(raw, place):
                place = place.rpartition("/")[0]
            if not place.strip("/"):
                raise
            inner = [one for one in left if one.startswith(f"{place}/")]
            messages = [left.pop(one).message for one in inner]
            left[place] = LeftOut(side, place, next(iter(messages), str(error)))
            raw = _emptied(raw, place)
    return read_document(raw), tuple(left.values())


def _is_there(raw: Any, pointer: str) -> bool:
    for token in split(pointer):
        if isinstance(raw, list) and token.isdecimal() and int(token) < len(raw):
            raw = raw[int(token)]
        elif isinstance(raw, Mapping) and token in raw:
            raw = raw[token]
        else:
            return not pointer
    return True


def _emptied(raw: Raw, pointer: str) -> Raw:
    """Return the document with nothing at the pointer; only what lies on the way is copied."""
    *way, last = split(pointer)
    copy: Any = dict(raw)
    node = copy
    for token in way:
        key: Any = int(token) if isinstance(node, list) else token
        node[key] = list(node[key]) if isinstance(node[key], list) else dict(node[key])
        node = node[key]
    node[int(last) if isinstance(node, list) else last] = {}
    return copy  # type: ignore[no-any-return]
