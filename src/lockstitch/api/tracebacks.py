"""Tracebacks that do not repeat what exceptions say: it may quote what a model was asked."""

import sys
import traceback
from collections.abc import Iterator
from typing import Any, Final

import structlog

from lockstitch.errors import LockstitchError, ModelError, RequestRefused

_CAUSE: Final = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT: Final = "\nDuring handling of the above exception, another exception occurred:\n\n"
_MOST_EXCEPTIONS: Final = 10


def is_our_text(error: BaseException) -> bool:
    """Return whether what an error says was written here, and therefore quotes no values.

    Whoever writes a model or a route chooses the words of the other ones.
    """
    return isinstance(error, LockstitchError) and not isinstance(error, ModelError | RequestRefused)


def safe_traceback(error: BaseException, *, quote: bool = False) -> str:
    """Return types, files, lines and source of an error and of those behind it.

    Args:
        error: The error.
        quote: Whether to repeat what foreign exceptions say, too.
    """
    chain = list(_chain(error))
    return "".join(piece for one, link in reversed(chain) for piece in (*_lines(one, quote), link))


class ExceptionRenderer:
    """A processor of structlog that puts `safe_traceback` in place of an exception.

    Args:
        quote: Whether to repeat what foreign exceptions say, too.
    """

    def __init__(self, *, quote: bool) -> None:
        self._quote = quote

    def __call__(
        self, logger: object, method: str, event: structlog.types.EventDict
    ) -> structlog.types.EventDict:
        """Render `exc_info`, however it was given."""
        del logger, method
        error = _error_of(event.pop("exc_info", None))
        if error is not None:
            event["exception"] = safe_traceback(error, quote=self._quote)
        return event


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield the error and those behind it, each with the sentence that leads to the one before."""
    seen: set[int] = set()
    here: BaseException | None = error
    link = ""
    while here is not None and id(here) not in seen and len(seen) < _MOST_EXCEPTIONS:
        seen.add(id(here))
        yield here, link
        link = _CAUSE if here.__cause__ is not None else _CONTEXT
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)


def _lines(error: BaseException, quote: bool) -> Iterator[str]:  # noqa: FBT001
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    said = f": {error}" if quote or is_our_text(error) else ""
    yield f"{name}{said}\n"
    if isinstance(error, BaseExceptionGroup):
        for number, member in enumerate(error.exceptions[:_MOST_EXCEPTIONS], 1):
            yield f"--- {number} of the group ---\n"
            yield safe_traceback(member, quote=quote)


def _error_of(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        error: BaseException | None = given[1]
        return error
    return sys.exc_info()[1] if given else None
