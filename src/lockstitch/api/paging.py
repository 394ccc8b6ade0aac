"""Pages of a list, the newest first: a cursor says behind which row the next one begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from lockstitch.errors import InvalidRequest, Violation

Item = TypeVar("Item")


class PageQuery(BaseModel):
    """Which part of a list to return."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=200)

    def position(self) -> dict[str, Any]:
        """Return `created_at` and `id` of the row before the page, and one more than its limit.

        Raises:
            InvalidRequest: The cursor is none of ours.
        """
        created_at, identity = _read(self.cursor) if self.cursor else (None, None)
        return {"created_at": created_at, "id": identity, "limit": self.limit + 1}

    def cut(
        self, rows: Sequence[dict[str, Any]], item: Callable[[dict[str, Any]], Item]
    ) -> tuple[list[Item], str | None]:
        """Return the items of the page, and the cursor of the next one, if there is one."""
        items = [item(row) for row in rows[: self.limit]]
        more = len(rows) > self.limit
        return items, _after(rows[self.limit - 1]) if more else None


def _after(row: dict[str, Any]) -> str:
    position = f"{row['created_at'].isoformat()} {row['id']}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        created_at, _, identity = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(created_at), UUID(identity)
    except (ValueError, binascii.Error):
        violation = Violation(
            "query", "/cursor", "cursor", "This is no cursor. Take next_cursor of the page before."
        )
        raise InvalidRequest([violation]) from None
