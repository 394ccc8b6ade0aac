"""The events of one job: a log with epochs, retention and an end, in memory."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

Frame = dict[str, Any]


class JobLog:
    """Events at the positions `epoch:1`, `epoch:2`, … of one stream."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.epoch = 1
        self.events: list[Frame] = []
        # Events up to this offset are no longer kept.
        self.forgotten = 0
        self.is_done = False
        self._changed = asyncio.Event()

    def append(self, count: int, *, log_bytes: int = 0) -> None:
        """Add events; the first of a log says that the job has started."""
        for _ in range(count):
            offset = len(self.events) + 1
            # Random, because sockets compress what they send.
            text = random.Random(offset).randbytes(log_bytes).hex()
            self.events.append(self._event(offset, text))
        self._tell()

    def _event(self, offset: int, text: str) -> Frame:
        position = f"{self.epoch}:{offset}"
        if offset == 1:
            started = {"job_name": self.stream, "started_at": datetime.now(UTC).isoformat()}
            data: Frame = {"type": "started", "data": started}
        else:
            data = {"type": "progressed", "data": {"step_number": offset, "log_text": text}}
        return {"stream": self.stream, "position": position, **data}

    def end(self) -> None:
        """Say that nothing follows."""
        self.is_done = True
        self._tell()

    def forget(self, up_to: int) -> None:
        """Give up the oldest events, as retention does."""
        self.forgotten = up_to

    def restore(self) -> None:
        """Begin a new epoch, as after a backup was put back."""
        self.epoch += 1
        self.events.clear()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def frames(self, position: str) -> AsyncIterator[tuple[str, Frame]]:
        """Yield what follows a position, as kinds and frames, until the end."""
        epoch, _, number = position.rpartition(":")
        offset = int(number or 0)
        lost = epoch not in {"", str(self.epoch)}
        if lost or offset < self.forgotten:
            offset = self.forgotten
            to = f"{self.epoch}:{offset}"
            reason = "restored" if lost else "retention"
            yield "gap", {"from": position, "to": to, "reason": reason}
        while True:
            changed = self._changed
            while offset < len(self.events):
                offset += 1
                yield "event", self.events[offset - 1]
            if self.is_done:
                yield "end", {"count": len(self.events), "checksum": self.checksum()}
                return
            await changed.wait()

    def checksum(self) -> str:
        """Return a digest of all positions."""
        positions = json.dumps([event["position"] for event in self.events])
        return hashlib.sha256(positions.encode()).hexdigest()
