"""How often somebody may call, as settings spell it."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer
from pydantic_settings import NoDecode

_MOST_REQUESTS: Final = 1_000_000_000
_LONGEST_WINDOW_SECONDS: Final = 86_400
_UNITS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds; as text `600/minute`."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        """Return the text that is read as this quota again."""
        unit = _UNITS.get(self.seconds, f"{self.seconds} second")
        return f"{self.requests}/{unit}"

    def times(self, factor: int) -> "Quota":
        """Return so many times as many requests in the same time."""
        return Quota(self.requests * factor, self.seconds)


def _read_quota(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    # Only who sets a limit waits for the library that reads it.
    from limits import parse_many

    try:
        (item,) = parse_many(given)
    except ValueError:
        raise ValueError("write one limit, such as 600/minute") from None
    if not 1 <= item.amount <= _MOST_REQUESTS or item.get_expiry() > _LONGEST_WINDOW_SECONDS:
        raise ValueError("allow at least one request, in a window of at most a day")
    return Quota(item.amount, item.get_expiry())


# What people and programs do not reach unless something is wrong.
USUAL_REQUESTS = {"key": Quota(3000, 60), "person": Quota(1200, 60), "address": Quota(6000, 60)}
# Where only this machine calls, much is a benchmark and nothing an attack.
TIMES_ON_LOOPBACK = 1000

Requests = Annotated[
    Quota | None,
    NoDecode,
    BeforeValidator(_read_quota),
    PlainSerializer(str, when_used="unless-none"),
]
