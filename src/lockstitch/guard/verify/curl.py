"""A request as a line for a shell, with secrets as variables."""

import re
import shlex
from collections.abc import Collection, Iterator
from typing import Final

from lockstitch.guard.verify.exchange import Request

_OF_THE_CLIENT: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "transfer-encoding",
        "user-agent",
        "x-schemathesis-testcaseid",
    }
)
_PRINTABLE: Final = re.compile(r"[\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]*")


def curl_line(request: Request, secrets: Collection[str] = ()) -> str:
    """Return the command that repeats a request.

    Args:
        request: The request.
        secrets: Names of headers, in lower case, whose values are not shown: the line takes them
            from variables of the shell, such as $AUTHORIZATION.
    """
    return " ".join(_words(request, secrets))


def _words(request: Request, secrets: Collection[str]) -> Iterator[str]:
    yield "curl -i"
    if request.method != "GET":
        yield f"-X {request.method}"
    yield shlex.quote(request.url)
    for name, value in request.headers.items():
        if name in secrets:
            variable = re.sub(r"\W", "_", name).upper()
            yield f'-H "{name}: ${variable}"'
        elif name not in _OF_THE_CLIENT:
            yield f"-H {_quoted(f'{name}: {value}'.encode())}"
    if request.body:
        yield f"--data-binary {_quoted(request.body)}"


def _quoted(data: bytes) -> str:
    """Return bytes as one word of a POSIX shell, or of bash where they are no plain text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if _PRINTABLE.fullmatch(text):
        return shlex.quote(text)
    return "$'" + "".join(_escaped(byte) for byte in data) + "'"


def _escaped(byte: int) -> str:
    character = chr(byte)
    return character if character.isascii() and (character.isalnum()) else f"\\x{byte:02x}"
