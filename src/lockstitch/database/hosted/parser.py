"""Postgres's own parser, as the library `pgparse` carries it."""

from types import ModuleType
from typing import Any

from lockstitch.errors import ConfigurationError


class Unreadable(Exception):
    """The text is not SQL of Postgres.

    Attributes:
        line: Where the parser stopped.
        reason: What it said.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse(text: str, first_line: int = 1) -> list[dict[str, Any]]:
    """Return the statements of a text, each with its place in bytes.

    Args:
        text: SQL.
        first_line: The line of the file on which it begins.

    Raises:
        ConfigurationError: The library is not there.
        Unreadable: The text does not parse.
    """
    library = _library()
    try:
        found: list[dict[str, Any]] = library.parse(text)
    except library.PGQueryError as error:
        # Counted in characters from 1.
        before = text[: max(int(error.position or 1) - 1, 0)]
        raise Unreadable(first_line + before.count("\n"), str(error.message)) from None
    return found


def parse_procedure(text: str) -> list[dict[str, Any]]:
    """Return the procedure of a statement that makes a function of PL/pgSQL, or runs a block.

    Raises:
        Unreadable: The body does not parse.
    """
    library = _library()
    try:
        found: list[dict[str, Any]] = library.parse_pgsql(text)
    except library.PGQueryError as error:
        raise Unreadable(1, str(error.message)) from None
    return found


def _library() -> ModuleType:
    try:
        import pgparse
    except ModuleNotFoundError:
        raise ConfigurationError(
            "Migrations are read by the library pgparse, which has no wheel for this machine. "
            "Leave the stage out with --skip hosted, or build it: pip install pgparse."
        ) from None
    library: ModuleType = pgparse
    return library
