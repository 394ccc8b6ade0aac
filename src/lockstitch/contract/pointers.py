"""JSON pointers (RFC 6901) into a document."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from lockstitch.errors import UnreadableDocument


def child(pointer: str, *tokens: str | int) -> str:
    """Return the pointer of a member further down."""
    escaped = (str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
    return "/".join((pointer, *escaped))


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of a pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def target(reference: str, pointer: str) -> str:
    """Return the pointer that a local `$ref` (standing at `pointer`) names."""
    if not reference.startswith("#/"):
        raise UnreadableDocument(
            f'"$ref" {reference!r} is not a place in this document. Only local references, '
            'such as "#/components/schemas/Pet", can be read: bundle the document first.',
            pointer=pointer,
        )
    return unquote(reference[1:])


def resolve(document: Mapping[str, Any], place: str, pointer: str) -> Any:
    """Return what stands at `place`; `pointer` is who asks, for the error."""
    value: Any = document
    for token in split(place):
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, Sequence) and not isinstance(value, str) and _is_index(token, value):
            value = value[int(token)]
        else:
            raise UnreadableDocument(
                f'"$ref" leads to {place}, which is not there.', pointer=pointer
            )
    return value


def _is_index(token: str, value: Sequence[Any]) -> bool:
    return token.isdecimal() and int(token) < len(value)
