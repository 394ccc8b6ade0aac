"""How deeply the arrays and objects of a JSON text are nested, told without reading it."""

import re
from itertools import accumulate
from typing import Final

# Possessive: a text of quotes and backslashes alone must not be read again from each of them.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_OPENING: Final = b"[{"
_CLOSING: Final = b"]}"
_NO_BRACKET: Final = bytes(set(range(256)) - set(_OPENING + _CLOSING))
_STEP: Final = [1 if byte in _OPENING else -1 if byte in _CLOSING else 0 for byte in range(256)]


def is_deeper(body: bytes, limit: int) -> bool:
    """Return whether a JSON text is nested more deeply than `limit` levels.

    Of a text that is no JSON the answer is about what its brackets look like.
    """
    # Most bodies have fewer brackets altogether.
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKET)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > limit
