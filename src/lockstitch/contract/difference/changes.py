"""What differs between two contracts: changes, each with its level, place, example and fix."""

import json
from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from lockstitch.contract.difference.rules import KINDS, SIDES, VALUELESS
from lockstitch.findings import Finding, Place, Report

MAX_SHOWN: Final = 120

Direction = Literal["request", "response", "neither"]
Side = Literal["base", "revision"]
Unwitnessed = Literal["by-name", "does-not-apply", "not-checked", "not-found"]
Version = Literal["major", "minor", "patch", "none"]


class Witness(BaseModel):
    """A JSON value that the one side accepts and the other refuses.

    An independent JSON Schema validator has said both. `at` tells what it is a value of: the whole
    body, parameter, header or event (`root`), or only the member or the object that has it; the
    pointers say where the two schemas of it stand. `asserted` is set when the validator was told
    to check what JSON Schema only notes: `contentEncoding`, `contentMediaType`, `contentSchema`,
    and the formats of OpenAPI.
    """

    model_config = ConfigDict(frozen=True)

    value: Any
    accepted_by: Side
    refused_by: Side
    refusal: str
    at: Literal["root", "member"] = "root"
    base_pointer: str = ""
    revision_pointer: str = ""
    asserted: bool = False

    def as_text(self) -> str:
        """Return the witness as a sentence."""
        value = json.dumps(self.value, ensure_ascii=False)
        shown = value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}…"
        sides = f"The {self.accepted_by} accepts, the {self.refused_by} refuses"
        checked = " when contents and formats are checked" if self.asserted else ""
        return f"{sides} {shown}{checked}: {self.refusal}."


class Change(Finding):
    """One difference between the base and the revision of a contract; an error is breaking.

    `base_pointer` and `revision_pointer` are where the changed part stands in either document, or
    None where it is not. `operation`, `method` and `path` name the operation of the base, or of
    the revision when it is new; a WebSocket channel has no method, and its address as the path.
    `part` is the parameter's or header's name, the status of the response, or the name of the
    message. `member` is the way down to the member that is hit, in wire names: `*` is any item or
    any other member. `source` (a line of the model), `patch` (a fix that can be applied) and
    `call_sites` (who is hit) are filled in by those who know the application and its clients.
    """

    base_pointer: str | None = None
    revision_pointer: str | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    direction: Direction = "neither"
    part: str | None = None
    media_type: str | None = None
    member: tuple[str, ...] = ()
    witness: Witness | None = None
    unwitnessed: Unwitnessed | None = None
    source: Place | None = None
    patch: Any = None
    call_sites: tuple[Place, ...] = ()

    @property
    def is_schema_level(self) -> bool:
        """Whether the change is one of the values that a schema accepts, so that one can show it.

        Names, defaults and keywords that cannot apply where they stand leave the values alone.
        """
        side, _, kind = self.rule.partition("-")
        return side in SIDES and kind in KINDS and kind not in VALUELESS

    @property
    def is_breaking(self) -> bool:
        """Whether somebody who relied on the base may fail with the revision."""
        return self.severity == "error"


class Difference(BaseModel):
    """All changes between two contracts, the worst first, and the version that they ask for."""

    model_config = ConfigDict(frozen=True)

    version: Version = "none"
    report: Report = Report()

    @classmethod
    def of(cls, changes: Iterable[Change], version: Version = "none") -> "Difference":
        """Collect changes."""
        return cls(version=version, report=Report.of(changes))

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, the worst first."""
        return tuple(one for one in self.report.findings if isinstance(one, Change))

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that break somebody."""
        return tuple(change for change in self.changes if change.is_breaking)
