"""What no log line may hold: secrets, and what models were asked and answered.

A field is taken out when its name says what it is, a piece of text when it has the shape of a
secret, and any object that is not plain data, since its text may quote anything.
"""

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

import structlog

REDACTED: Final = "[redacted]"

_NAMES: Final = frozenset(
    {
        *("authorization", "body", "completion", "cookie", "cookies", "credentials", "dsn"),
        *("features", "form", "header", "headers", "input", "inputs", "item"),
        *("items", "key", "output", "outputs", "passphrase", "passwd", "password", "payload"),
        *("prediction", "predictions", "prompt", "pwd", "secret", "set_cookie", "text", "token"),
    }
)
_ENDINGS: Final = ("_cookie", "_dsn", "_hash", "_key", "_password", "_secret", "_token", "apikey")
_PLAIN: Final = (int, float, Decimal, UUID, date, time, timedelta, PurePath)

_SECRET: Final = re.compile(
    r"""
    \b lsk_[0-9A-Za-z]{12,}                                             # an API key
  | \b sb_(?:secret|publishable)_[\w-]+                                 # a key of Supabase
  | \b eyJ[\w-]{4,} \. [\w-]* (?: \. [\w-]* )?                          # a JWT
  | (?<! [\w-] ) (?= [\w-]* [a-z] ) (?= [\w-]* [A-Z] )                 # 24 or 32 bytes to base 64
    (?: [\w-]{43} | [\w-]{32} ) (?! [\w-] )
  | (?<= :// ) (?P<user> [^\s:/@]* ) : [^\s@]+ (?= @ )                  # a password in a URL
  | \b (?P<scheme> (?i: bearer | basic ) ) \s+ [\w.~+/=-]{8,}
  | \b (?P<cookie> (?: __Host- )? lockstitch (?: -\d+ )? ) = [^\s;,"']+
  | (?P<header> \b (?i: authorization | (?: set- )? cookie ) ["']? \s* [=:] \s* ) [^\n]+
  | (?P<name>
      (?i: password | passwd | secret | token | api [_-]? key )
      ["']? \s* [=:] \s*
    ) (?: "[^"]*" | '[^']*' | [^\s"',;&}\])]+ )
  | (?P<given> \b input_value= ) .*? (?= ,\s input_type= | $ )           # Pydantic
  | (?P<task> \b exception= \w+ ) \( .* \) (?= > )                      # asyncio
    """,
    re.VERBOSE,
)


# Without one of these no text that is short, or without capitals, has any of the shapes.
_PERHAPS: Final = re.compile(r"[=:\s_]|eyJ")
_TOKEN_CHARACTERS: Final = 32

# Our own processors wrote these.
_OURS: Final = frozenset({"duration_seconds", "level", "logger", "timestamp"})


def redact_event(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Take out of a log line what must not be in it."""
    del logger, method
    for name, value in event.items():
        if name not in _OURS:
            event[name] = _value(name, value)
    return event


def redact_text(text: str) -> str:
    """Return a text without the pieces that have the shape of a secret."""
    if (len(text) < _TOKEN_CHARACTERS or text.islower()) and _PERHAPS.search(text) is None:
        return text
    return _SECRET.sub(_without_secret, text)


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    return REDACTED if _is_private(name) else _shown(value)


def _shown(value: Any) -> Any:
    if isinstance(value, Enum):
        return _shown(value.value)
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {str(key): _value(str(key), member) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", member) for member in value]
    if isinstance(value, _PLAIN):
        return value
    return f"<{type(value).__qualname__}>"


@lru_cache(maxsize=1024)
def _is_private(name: str) -> bool:
    name = name.lower().replace("-", "_")
    return name in _NAMES or name.endswith(_ENDINGS)


def _without_secret(match: re.Match[str]) -> str:
    """Return what stands instead: the name of the secret, where the text gives one."""
    if match["user"] is not None:
        return f"{match['user']}:{REDACTED}"
    if match["scheme"] is not None:
        return f"{match['scheme']} {REDACTED}"
    if match["cookie"] is not None:
        return f"{match['cookie']}={REDACTED}"
    if match["task"] is not None:
        return f"{match['task']}({REDACTED})"
    return f"{match['name'] or match['header'] or match['given'] or ''}{REDACTED}"
