"""Keywords that JSON Schema only notes, as checks: what a text holds, and how wide a number is.

A validator leaves `contentEncoding`, `contentMediaType`, `contentSchema` and the formats of OpenAPI
alone unless it is told otherwise. Whoever writes them down relies on them, so that a witness may be
found by asserting them; it says so then.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final
from xml.parsers import expat

import jsonschema_rs

from lockstitch.contract.difference.plain_schema import DRAFT

Raw = Mapping[str, Any]

ENCODING: Final = "contentEncoding"
MEDIA_TYPE: Final = "contentMediaType"
SCHEMA: Final = "contentSchema"
KEYWORDS: Final = frozenset({ENCODING, MEDIA_TYPE, SCHEMA})

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
# Printable characters, and an equals sign only before two digits or at the end of a line.
_QUOTED: Final = re.compile(r"(?:[\t\r\n -<>-~]|=[0-9A-F]{2}|=\r?\n)*")
_SIGNATURES: Final = {
    "application/pdf": b"%PDF-",
    "application/zip": b"PK\x03\x04",
    "image/gif": b"GIF8",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_SAMPLES: Final = (b"amber", b'{"birch": 1}', b"<birch/>", b"\x00\xff", *_SIGNATURES.values())

# What OpenAPI's formats of numbers hold.
RANGES: Final = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "float": (-3.4028235e38, 3.4028235e38),
}
# Words below which there are values, not schemas.
_VALUES: Final = frozenset({"const", "default", "enum", "examples"})


# Encodings


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_base64url(text: str) -> bytes:
    if re.search(r"[+/]", text):
        raise ValueError
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _from_hex(text: str) -> bytes:
    if not _HEX.fullmatch(text):
        raise ValueError
    return bytes.fromhex(text)


def _from_quoted_printable(text: str) -> bytes:
    if not _QUOTED.fullmatch(text):
        raise ValueError
    return binascii.a2b_qp(text)


def _as_written(text: str) -> bytes:
    return text.encode()


_DECODERS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "7bit": lambda text: text.encode("ascii"),
    "base16": _from_hex,
    "base32": base64.b32decode,
    "base64": _from_base64,
    "base64url": _from_base64url,
    "quoted-printable": _from_quoted_printable,
}
_ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "base16": base64.b16encode,
    "base32": base64.b32encode,
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "quoted-printable": binascii.b2a_qp,
}


def _decoded(text: str, encoding: object) -> bytes | None:
    """Return what a text holds, or None where it is not in its encoding."""
    decode = _DECODERS.get(str(encoding).lower(), _as_written)
    try:
        return decode(text)
    except ValueError:
        return None


# Media types


def _is_of(content: bytes, media_type: object) -> bool:
    """Whether some bytes may be of a media type; of unknown ones all may be."""
    name = str(media_type).partition(";")[0].strip().lower()
    try:
        if name == "application/json" or name.endswith("+json"):
            json.loads(content)
        elif name in {"application/xml", "text/xml"} or name.endswith("+xml"):
            expat.ParserCreate().Parse(content, True)
        elif name.startswith("text/"):
            content.decode()
    except (ValueError, expat.ExpatError):
        return False
    return content.startswith(_SIGNATURES.get(name, b""))


# Checks


class _Encoding:
    def __init__(self, parent: Raw, value: Any, path: Any) -> None:
        del parent, path
        self._encoding = value

    def validate(self, value: Any) -> None:
        if isinstance(value, str) and _decoded(value, self._encoding) is None:
            raise ValueError(f"{json.dumps(value)} is not in {self._encoding}")


class _MediaType:
    def __init__(self, parent: Raw, value: Any, path: Any) -> None:
        del path
        self._encoding = parent.get(ENCODING)
        self._media_type = value

    def validate(self, value: Any) -> None:
        content = _decoded(value, self._encoding) if isinstance(value, str) else None
        if content is not None and not _is_of(content, self._media_type):
            raise ValueError(f"{json.dumps(value)} holds no {self._media_type}")


class _Schema:
    """Checks the JSON that a text holds; `definitions` are those of the whole schema."""

    definitions: ClassVar[Raw] = {}

    def __init__(self, parent: Raw, value: Any, path: Any) -> None:
        del path
        self._encoding = parent.get(ENCODING)
        whole = {"$schema": DRAFT, "allOf": [value], "$defs": self.definitions}
        self._inner = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    def validate(self, value: Any) -> None:
        content = _decoded(value, self._encoding) if isinstance(value, str) else None
        try:
            found = None if content is None else json.loads(content)
        except ValueError:
            return
        error = None if content is None else next(iter(self._inner.iter_errors(found)), None)
        if error is not None:
            raise ValueError(f"what {json.dumps(value)} holds is refused, as {error.message}")


def strict_validator(schema: dict[str, Any]) -> Any:
    """Return a validator that asserts contents, base64 of `byte` and ranges of numbers as well."""
    inner = type("_Inner", (_Schema,), {"definitions": schema.get("$defs", {})})
    return jsonschema_rs.Draft202012Validator(
        _with_ranges(schema),
        validate_formats=True,
        formats={"byte": lambda text: _decoded(text, "base64") is not None},
        keywords={ENCODING: _Encoding, MEDIA_TYPE: _MediaType, SCHEMA: inner},
    )


def _with_ranges(raw: Any) -> Any:
    """Return a schema in which the formats of numbers are limits as well."""
    if isinstance(raw, list):
        return [_with_ranges(one) for one in raw]
    if not isinstance(raw, dict):
        return raw
    found = {word: value if word in _VALUES else _with_ranges(value) for word, value in raw.items()}
    name = raw.get("format")
    bounds = RANGES.get(name) if isinstance(name, str) else None
    if bounds is not None:
        limits = {"minimum": bounds[0], "maximum": bounds[1]}
        found["allOf"] = [*found.get("allOf", []), limits]
    return found


# Values


def content_values(raw: Raw, inner: list[Any]) -> Iterator[str]:
    """Yield texts that hold something, in the encoding of a schema and in none.

    Args:
        raw: The schema of the text.
        inner: Values of its `contentSchema`.
    """
    encode = _ENCODERS.get(str(raw.get(ENCODING)).lower(), bytes)
    documents = [json.dumps(one).encode() for one in inner]
    for content in (*documents, *_SAMPLES):
        for written in (encode(content), content):
            try:
                yield written.decode().rstrip("\n")
            except UnicodeDecodeError:
                continue
