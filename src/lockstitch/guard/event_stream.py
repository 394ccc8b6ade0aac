"""Server-sent events as they pass: bytes in, events out."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its type, and what stands behind `data`; None when it has no data."""

    type: str
    data: str | None


@dataclass(slots=True)
class EventParser:
    """Splits a stream into events, whatever the pieces that it arrives in (HTML standard, 9.2).

    An event that is longer than `max_bytes` is dropped, so that no stream fills the memory.
    """

    max_bytes: int = 1_048_576
    _buffer: bytes = b""
    _lines: list[str] = field(default_factory=list)
    _size: int = 0

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that are complete with this piece."""
        data = self._buffer + chunk
        # The second half of a line break may be still on its way.
        held = b"\r" if data.endswith(b"\r") else b""
        *lines, rest = _split(data[: len(data) - len(held)])
        self._buffer = rest + held
        if len(self._buffer) > self.max_bytes:
            self._buffer, self._size = b"", self.max_bytes + 1
        for line in lines:
            if line:
                self._keep(line)
            elif self._lines or self._size:
                event = self._event()
                if event is not None:
                    yield event

    def _keep(self, line: bytes) -> None:
        self._size += len(line)
        if self._size <= self.max_bytes:
            self._lines.append(line.decode("utf-8", "replace"))

    def _event(self) -> Event | None:
        lines, whole = self._lines, self._size <= self.max_bytes
        self._lines, self._size = [], 0
        if not whole:
            return None
        fields = [_field(line) for line in lines if not line.startswith(":")]
        if not fields:
            return None
        data = [value for name, value in fields if name == "data"]
        types = [value for name, value in fields if name == "event" and value]
        return Event(types[-1] if types else "message", "\n".join(data) if data else None)


def _split(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
