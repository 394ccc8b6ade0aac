"""One thing that a person should look at."""

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, computed_field, field_validator

Severity = Literal["error", "warning", "information"]

FINGERPRINT_DIGITS = 16


class Place(BaseModel):
    """Where: in a file, in a document, or by the name of a table, a route or an operation.

    `file` is relative to the project, with `/` between folders; `line` and `column` count from 1;
    `pointer` is a JSON pointer within `file`, or within the document that was read.
    """

    model_config = ConfigDict(frozen=True)

    file: str | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    name: str | None = None

    @property
    def anchor(self) -> str:
        """The place without line and column, which move when something above is edited."""
        pointer = self.pointer or ""
        if self.file is not None:
            return f"{self.file}#{pointer}" if pointer else self.file
        return pointer or self.name or ""

    def __str__(self) -> str:
        if self.line is None:
            return self.anchor
        numbers = f"{self.line}" if self.column is None else f"{self.line}:{self.column}"
        return f"{self.anchor}:{numbers}"


class Finding(BaseModel):
    """What is wrong, where, and what to do about it.

    `subject` says what the finding is about in words that stay when lines move, such as the
    member's name; `related` are the other ends, such as the caller of a removed operation.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    place: Place
    message: str
    fix: str
    subject: str = ""
    related: tuple[Place, ...] = ()

    @field_validator("place", mode="before")
    @classmethod
    def _name_a_place(cls, place: Any) -> Any:
        return Place(name=place) if isinstance(place, str) else place

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fingerprint(self) -> str:
        """Tells this finding from others, in this run and in later ones."""
        structure = [self.rule, self.place.anchor, self.place.name, self.subject]
        digest = hashlib.sha256(json.dumps(structure).encode(errors="surrogatepass"))
        return digest.hexdigest()[:FINGERPRINT_DIGITS]

    def as_text(self) -> str:
        """Return the finding for a terminal: what is wrong, what to do, where else to look."""
        lines = [f"{self.place}: {self.severity} {self.rule}: {self.message}", f"    {self.fix}"]
        lines += [f"    see {place}" for place in self.related]
        return "\n".join(lines)
