"""The parts of a multipart form as they arrive, held to what the form may have."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart.multipart import MultipartParser, parse_options_header

from lockstitch.api.json_body import escape_pointer
from lockstitch.errors import BodyTooLarge, Violation

_MAX_TEXT_BYTES: Final = 65_536
_MAX_FILE_NAME_BYTES: Final = 255
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}
)
# A form may repeat a boundary for ever without sending anything else.
_MAX_PARTS: Final = 100


@dataclass(slots=True)
class Part:
    """One part; `file_name` is None in a part that is text."""

    name: str = ""
    file_name: str | None = None
    ignored: bool = False
    text: bytearray = field(default_factory=bytearray)
    size_bytes: int = 0


class FormParts:
    """Sorts the bytes of a form: texts are kept here, bytes of files wait to be taken.

    Args:
        boundary: What stands between the parts.
        names: The fields that the form may have.
        files: Those that are files.
        limit_bytes: How long one file may be.

    Attributes:
        texts: The values of text by name.
        violations: What the form must not have.
        complete: Whether its end has arrived.
        pending_bytes: How many bytes of files wait.
    """

    def __init__(
        self, boundary: bytes, names: Collection[str], files: Collection[str], limit_bytes: int
    ) -> None:
        self._names = names
        self._files = files
        self._limit_bytes = limit_bytes
        self._seen: set[str] = set()
        self._part_count = 0
        self._part = Part()
        self._header = bytearray(), bytearray()
        self._pending: list[tuple[Part, bytes]] = []
        self.texts: dict[str, str] = {}
        self.violations: list[Violation] = []
        self.complete = False
        self.pending_bytes = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Take what has arrived.

        Raises:
            FormParserError: It is no form.
            BodyTooLarge: A part is too long, or there are too many.
        """
        if not self.complete:
            self._parser.write(chunk)

    def take_pending(self) -> Iterator[tuple[Part, bytes]]:
        """Yield the bytes of files that wait, in order, joined; they wait no longer."""
        pending, self._pending, self.pending_bytes = self._pending, [], 0
        by_part: dict[str, tuple[Part, list[bytes]]] = {}
        for part, content in pending:
            by_part.setdefault(part.name, (part, []))[1].append(content)
        for part, contents in by_part.values():
            yield part, b"".join(contents)

    def _begin(self) -> None:
        self._part = Part()
        self._part_count += 1
        if self._part_count > _MAX_PARTS:
            raise BodyTooLarge(f"A form may have at most {_MAX_PARTS} parts.")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _header_end(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = bytearray(), bytearray()
        if name.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        self._part.name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options:
            self._part.file_name = options[b"filename"].decode(errors="replace")

    def _open(self) -> None:
        part = self._part
        reason = self._reason_against(part)
        self._seen.add(part.name)
        if reason is not None:
            part.ignored = True
            self._refuse(part, *reason)
        elif part.file_name is not None:
            # An empty file is a file, too.
            self._pending.append((part, b""))

    def _reason_against(self, part: Part) -> tuple[str, str] | None:
        if part.name not in self._names:
            return "extra_forbidden", "Extra inputs are not permitted"
        if part.name in self._seen:
            return "repeated", "This field is there twice"
        if part.name in self._files and part.file_name is None:
            return "file_expected", "This must be a file, with a file name"
        if part.name not in self._files and part.file_name is not None:
            return "text_expected", "This must be text, not a file"
        if part.file_name is not None and not _is_plain(part.file_name):
            return "file_name", "This is no plain file name that every system can have"
        return None

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size_bytes += end - start
        limit_bytes = _MAX_TEXT_BYTES if part.file_name is None else self._limit_bytes
        if part.size_bytes > limit_bytes:
            what = "A text" if part.file_name is None else "The file"
            raise BodyTooLarge(f"{what} may have at most {limit_bytes:,} bytes. Send less.")
        if part.ignored:
            return
        if part.file_name is None:
            part.text += data[start:end]
        else:
            self._pending.append((part, data[start:end]))
            self.pending_bytes += end - start

    def _end(self) -> None:
        part = self._part
        if part.ignored or part.file_name is not None:
            return
        try:
            text = part.text.decode()
        except UnicodeDecodeError:
            self._refuse(part, "encoding", "This is not UTF-8")
            return
        if "\0" in text:
            self._refuse(part, "no_nul", "Text must not contain the NUL character")
        self.texts[part.name] = text

    def _finish(self) -> None:
        self.complete = True

    def _refuse(self, part: Part, rule: str, message: str) -> None:
        pointer = f"/{escape_pointer(part.name)}"
        self.violations.append(Violation("body", pointer, rule, message))


def _is_plain(file_name: str) -> bool:
    """Whether a name is no path, shows what it is, and is no device of Windows."""
    return (
        bool(file_name.strip())
        and len(file_name.encode()) <= _MAX_FILE_NAME_BYTES
        and file_name.isprintable()
        and not {"/", "\\"} & set(file_name)
        and file_name not in {".", ".."}
        and file_name.partition(".")[0].strip().upper() not in _DEVICES
    )
