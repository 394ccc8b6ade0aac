"""How long a request may take: its `X-Request-Deadline-Ms`, or else the setting."""

import asyncio
from typing import Final

from starlette.requests import Request

from lockstitch.errors import InvalidRequest, Violation
from lockstitch.settings import Settings

HEADER: Final = "X-Request-Deadline-Ms"

_LONGEST_DIGITS = 9


def read_deadline(request: Request, *, most_seconds: float | None = None) -> float:
    """Return the loop's time after which nobody waits for the answer.

    Args:
        request: The request.
        most_seconds: What holds without the header, and the most that it may ask for. Default:
            the setting `answer_seconds`.

    Raises:
        InvalidRequest: The header is no whole number of milliseconds above 0.
    """
    settings: Settings = request.app.state.lockstitch_settings
    seconds = most_seconds or settings.answer_seconds
    sent = request.headers.get(HEADER)
    if sent is not None:
        seconds = min(seconds, _milliseconds(sent) / 1000)
    return asyncio.get_running_loop().time() + seconds


def _milliseconds(sent: str) -> int:
    if sent.isascii() and sent.isdecimal() and len(sent) <= _LONGEST_DIGITS and int(sent) > 0:
        return int(sent)
    message = "Send how many milliseconds you will wait, a whole number above 0"
    raise InvalidRequest([Violation("header", f"/{HEADER.lower()}", "int_parsing", message)])
