"""Reading a JSON body strictly, straight from its bytes."""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.datastructures import Headers
from starlette.requests import Request

from lockstitch.api.json_depth import is_deeper
from lockstitch.api.soon import soon
from lockstitch.errors import (
    BodyTooDeep,
    BodyTooLarge,
    BodyTooSlow,
    InvalidRequest,
    MalformedBody,
    UnsupportedMediaType,
    Violation,
)
from lockstitch.settings import MAX_JSON_DEPTH

# What may spell a number that no JSON reader can hold: the words that RFC 8259 lacks, and
# exponents or integer parts so long that a double overflows. It errs on the side of looking.
_PERHAPS_NOT_FINITE = re.compile(rb"NaN|Infinity|[eE]\+?\d{3}|\d{300}")

NOT_BLANK = r"\S"
# Control characters, what ends a line, and what turns the direction of the text around it.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Joiners belong into some words; alone they are nothing that can be seen.
_BLANK = r"\s\u200b-\u200d\u2060\ufeff"
ONE_LINE = f"^[^{_UNSEEN}]*[^{_UNSEEN}{_BLANK}][^{_UNSEEN}]*$"
_WORDS = {
    NOT_BLANK: "Text must not be blank",
    ONE_LINE: "Text must not be blank or hold control characters",
}
_NUL = b"\\u0000"

_GREATEST_DOUBLE = int(sys.float_info.max)

_USUAL = "application/json"
_JSON_MEDIA_TYPE = re.compile(r"application/(?:json|[\w.+-]+\+json)\s*(?:;.*)?", re.IGNORECASE)


class JsonBody:
    """The JSON body of a route: of one type, strict, nothing beyond what the type names."""

    def __init__(self, body_type: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(body_type)

    async def read(self, request: Request, limit_bytes: int, limit_seconds: float) -> bytes:
        """Return the body's bytes, for `validate`.

        Raises:
            UnsupportedMediaType: The media type is not JSON, or the body is compressed.
            BodyTooLarge: The body has more than `limit_bytes`.
            BodyTooSlow: It is not there after `limit_seconds`.
        """
        media_type = request.headers.get("content-type", "")
        if media_type != _USUAL and not _JSON_MEDIA_TYPE.fullmatch(media_type):
            raise UnsupportedMediaType("Send the body as Content-Type: application/json.")
        refuse_compressed(request.headers)
        return await read_bytes(request, limit_bytes, limit_seconds)

    def validate(self, body: bytes, max_depth: int = MAX_JSON_DEPTH) -> Any:
        """Return the body as a validated instance of the route's type.

        Of a member that is there twice the last one counts.

        Args:
            body: JSON in UTF-8.
            max_depth: How many arrays and objects may stand in one another.

        Raises:
            MalformedBody: The body is empty or not JSON.
            BodyTooDeep: It is nested more deeply than `max_depth`.
            InvalidRequest: The body is JSON and breaks the contract.
        """
        if not body:
            raise MalformedBody("The body is empty. Send a JSON object.")
        if is_deeper(body, max_depth):
            raise BodyTooDeep(
                f"The arrays and objects of the body may stand {max_depth} deep in one another."
            )
        not_finite = list(_numbers_not_finite(body)) if _PERHAPS_NOT_FINITE.search(body) else []
        try:
            value = self._adapter.validate_json(body, strict=True, extra="forbid")
        except ValidationError as error:
            reasons = error.errors(include_url=False, include_input=False)
            if reasons[0]["type"] == "json_invalid":
                raise MalformedBody(f"The body is not JSON: {_place(reasons[0])}.") from None
            document = from_json(body)
            known = {violation.pointer for violation in not_finite}
            violations = [_violation(reason, document) for reason in reasons]
            others = [violation for violation in violations if violation.pointer not in known]
            raise InvalidRequest([*not_finite, *others]) from None
        if not_finite:
            raise InvalidRequest(not_finite)
        if _NUL in body:
            _refuse_nul(from_json(body))
        return value


async def read_bytes(request: Request, limit_bytes: int, limit_seconds: float) -> bytes:
    """Return the body's bytes, and stop reading at the first one too many.

    Raises:
        BodyTooLarge: The body has more than `limit_bytes`.
        BodyTooSlow: It is not there after `limit_seconds`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    try:
        return await soon(_collect(request, limit_bytes), limit_seconds)
    except TimeoutError:
        raise BodyTooSlow(
            f"The body did not arrive within {limit_seconds:g} seconds. Send it again."
        ) from None


async def _collect(request: Request, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size_bytes = 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def refuse_compressed(headers: Headers) -> None:
    """Refuse a body that would have to be unpacked: what comes out could be of any size.

    Raises:
        UnsupportedMediaType: The body has a Content-Encoding.
    """
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")


def escape_pointer(part: str | int) -> str:
    """Return one step of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def message_of(reason: ErrorDetails) -> str:
    """Return Pydantic's sentence, less the part that quotes what was sent."""
    message = reason["msg"]
    if reason["type"] == "string_pattern_mismatch":
        return _WORDS.get(reason["ctx"]["pattern"], "Text has a form that is not allowed here")
    return message.split(", ")[0] if reason["type"].endswith("_parsing") else message


def _too_large(limit_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may have at most {limit_bytes:,} bytes. Send less at once.")


def _place(reason: ErrorDetails) -> str:
    return str(reason.get("ctx", {}).get("error", "it cannot be read"))


def _violation(reason: ErrorDetails, document: Any) -> Violation:
    return Violation("body", _pointer(reason["loc"], document), reason["type"], message_of(reason))


def _pointer(location: Sequence[str | int], document: Any) -> str:
    """Return the JSON pointer of a Pydantic location.

    Pydantic names the members of unions and dictionary keys in its locations too; a step that is
    not in the document is such a name, unless it is the last one, which may be missing.
    """
    steps: list[str] = []
    here = document
    for index, part in enumerate(location):
        if _holds(here, part):
            here = here[part]
        elif not (isinstance(here, dict) and index == len(location) - 1):
            continue
        steps.append(f"/{escape_pointer(part)}")
    return "".join(steps)


def _holds(container: Any, part: str | int) -> bool:
    if isinstance(container, dict):
        return part in container
    return isinstance(container, list) and isinstance(part, int) and part < len(container)


def _numbers_not_finite(body: bytes) -> Iterator[Violation]:
    try:
        document = from_json(body)
    except ValueError:
        return
    for pointer in _not_finite(document, ""):
        yield Violation("body", pointer, "finite_number", "Input should be a finite number")


def _not_finite(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _not_finite(member, f"{pointer}/{escape_pointer(key)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _not_finite(member, f"{pointer}/{index}")
    elif _is_number(value) and not -_GREATEST_DOUBLE <= value <= _GREATEST_DOUBLE:
        yield pointer


def _refuse_nul(document: Any) -> None:
    """Refuse texts that no Postgres can hold.

    Raises:
        InvalidRequest: A text or a name holds a NUL character.
    """
    message = "Text must not contain the NUL character"
    violations = [Violation("body", pointer, "no_nul", message) for pointer in _nuls(document, "")]
    if violations:
        raise InvalidRequest(violations)


def _nuls(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            place = f"{pointer}/{escape_pointer(key)}".replace("\0", "\\u0000")
            if "\0" in key:
                yield place
            yield from _nuls(member, place)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _nuls(member, f"{pointer}/{index}")
    elif isinstance(value, str) and "\0" in value:
        yield pointer


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
