"""Mail that is kept in a folder instead of being sent: one file for each message."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from heapq import nlargest
from pathlib import Path
from typing import Final
from uuid import uuid4

from anyio import to_thread

_SUFFIX: Final = ".eml"


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A message as a person reads it."""

    id: str
    recipient: str
    subject: str
    text: str
    kept_at: datetime


class MailFolder:
    """A folder that its owner alone may read; any mail program opens the files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Keep a message."""
        await to_thread.run_sync(self._write, message)

    async def latest(self, count: int) -> list[KeptMail]:
        """Return the last messages, the newest first."""
        return await to_thread.run_sync(self._read, count)

    def _write(self, message: EmailMessage) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:8]}"
        # Under another name until it is whole, since somebody may be reading the folder.
        part = self.folder / f"{name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes(policy=policy.SMTP))
        part.rename(part.with_suffix(_SUFFIX))

    def _read(self, count: int) -> list[KeptMail]:
        if not self.folder.is_dir():
            return []
        paths = nlargest(count, (path for path in self.folder.iterdir() if path.suffix == _SUFFIX))
        return [_parse(path) for path in paths]


def _parse(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return KeptMail(
        id=path.stem,
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        text="" if body is None else str(body.get_content()),
        kept_at=datetime.strptime(path.stem.partition("-")[0], "%Y%m%dT%H%M%S.%f%z"),
    )
