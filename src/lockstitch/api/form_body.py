"""Reading a multipart form strictly; its files go to disk as they arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Annotated, Any, Final

from anyio import to_thread
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema, to_json
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from lockstitch.api.form_parts import FormParts
from lockstitch.api.json_body import escape_pointer, message_of, refuse_compressed
from lockstitch.datasets.storage import DatasetStorage, IncomingFile
from lockstitch.errors import (
    BodyTooLarge,
    BodyTooSlow,
    InvalidRequest,
    MalformedForm,
    UnsupportedMediaType,
    Violation,
)

MULTIPART: Final = "multipart/form-data"

# The deadline of the generated client's upload, so that neither gives up before the other.
_WHOLE_SECONDS: Final = 3600.0
_WRITE_BYTES: Final = 1_048_576
# For the texts of the form, its boundaries and its headers.
_BESIDE_THE_FILE_BYTES: Final = 262_144


class _ReceivedFileType:
    """How Pydantic takes a received file, and how the contract shows it: as bytes."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.is_instance_schema(IncomingFile)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        del schema, handler
        return {"type": "string", "format": "binary"}


ReceivedFile = Annotated[IncomingFile, _ReceivedFileType]


class FormBody:
    """The multipart form of a route: one model, strict, nothing beyond what it names.

    Fields of the type `ReceivedFile` are files, which lie on the disk when the route is called and
    are gone after the answer unless the route kept them; all others are text.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        self._files = {
            field.alias or name
            for name, field in model.model_fields.items()
            if _ReceivedFileType in field.metadata
        }
        self._names = {field.alias or name for name, field in model.model_fields.items()}

    async def read(
        self,
        request: Request,
        storage: DatasetStorage,
        limit_bytes: int,
        still_seconds: float,
        cleanup: AsyncExitStack,
    ) -> tuple[BaseModel, bytes]:
        """Return the form as a validated instance of the route's model, and its fingerprint.

        Two forms with the same texts and the same files have the same fingerprint, whatever
        stands between their parts: who sends one again draws another boundary.

        Args:
            request: The request.
            storage: Where files are received.
            limit_bytes: How long one file may be.
            still_seconds: How long the sender may send nothing.
            cleanup: Removes the files in the end.

        Raises:
            UnsupportedMediaType: The body is no multipart form, or is compressed.
            BodyTooLarge: A file is longer than `limit_bytes`.
            BodyTooSlow: The sender stood still, or took an hour.
            MalformedForm: The body ends too early or is no multipart form inside.
            InvalidRequest: The form breaks the contract.
            DiskFull: No space is left for a file.
        """
        refuse_compressed(request.headers)
        parts = FormParts(_boundary(request), self._names, self._files, limit_bytes)
        receiver = _Receiver(parts, storage, cleanup)
        try:
            async for chunk in _chunks(request, limit_bytes, still_seconds):
                parts.feed(chunk)
                if parts.pending_bytes >= _WRITE_BYTES:
                    await receiver.write()
        except FormParserError:
            raise MalformedForm("The body is not a multipart form.") from None
        await receiver.write()
        if not parts.complete:
            raise MalformedForm("The form ends before its last boundary. Send it again.")
        return self._validate(parts.violations, receiver.values()), receiver.fingerprint()

    def _validate(self, violations: list[Violation], values: dict[str, Any]) -> BaseModel:
        try:
            form = self._model.model_validate(values, extra="forbid")
        except ValidationError as error:
            reasons = error.errors(include_url=False, include_input=False)
            known = {violation.pointer for violation in violations}
            found = [
                Violation("body", _pointer(reason["loc"]), reason["type"], message_of(reason))
                for reason in reasons
            ]
            others = [violation for violation in found if violation.pointer not in known]
            raise InvalidRequest([*violations, *others]) from None
        if violations:
            raise InvalidRequest(violations)
        return form


class _Receiver:
    """Carries what has arrived of the files to the disk."""

    def __init__(self, parts: FormParts, storage: DatasetStorage, cleanup: AsyncExitStack) -> None:
        self._parts = parts
        self._storage = storage
        self._cleanup = cleanup
        self._files: dict[str, IncomingFile] = {}

    async def write(self) -> None:
        """Write what is pending, off the event loop."""
        for part, content in self._parts.take_pending():
            file = self._files.get(part.name)
            if file is None:
                file = await to_thread.run_sync(self._storage.receive, part.file_name or "")
                self._cleanup.callback(file.close)
                self._files[part.name] = file
            await to_thread.run_sync(file.write, content)

    def values(self) -> dict[str, Any]:
        """Return the form's values by name."""
        for file in self._files.values():
            file.flush()
        return {**self._parts.texts, **self._files}

    def fingerprint(self) -> bytes:
        """Return the form's texts, and of each file its name and the digest of what arrived."""
        files = {
            name: {"file_name": file.file_name, "sha256": file.digest}
            for name, file in self._files.items()
        }
        parts = {**self._parts.texts, **files}
        return to_json([[name, parts[name]] for name in sorted(parts)])


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if media_type.lower() != MULTIPART.encode() or not boundary:
        raise UnsupportedMediaType(
            "Send the body as Content-Type: multipart/form-data with its boundary."
        )
    return boundary


async def _chunks(request: Request, limit_bytes: int, still_seconds: float) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises:
        BodyTooLarge: There is more of it than the file and the texts may be.
        BodyTooSlow: The sender stood still, or took an hour.
    """
    limit_bytes += _BESIDE_THE_FILE_BYTES
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    stream = aiter(request.stream())
    deadline = monotonic() + _WHOLE_SECONDS
    size_bytes = 0
    try:
        while True:
            async with asyncio.timeout(min(still_seconds, deadline - monotonic())):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            yield chunk
    except TimeoutError:
        raise BodyTooSlow(
            f"Nothing arrived for {still_seconds:g} seconds, or the form took an hour. "
            "Send it again."
        ) from None


def _too_large(limit_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"The form may have at most {limit_bytes:,} bytes. Send a smaller file.")


def _pointer(location: tuple[str | int, ...]) -> str:
    return "".join(f"/{escape_pointer(part)}" for part in location)
