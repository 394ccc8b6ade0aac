"""Findings that a team has accepted: each with a reason, until a day.

```toml
[[accepted]]
rule = "missing-timeout"
place = "frontend/lib/api.ts"
fingerprint = "93f1c5d0a2b4e687"
reason = "The upload has a deadline of its own."
expires = 2027-01-31
```

An entry is known by rule, place and fingerprint, never by a line, so it survives edits above it.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lockstitch.errors import ConfigurationError
from lockstitch.findings.finding import FINGERPRINT_DIGITS, Finding, Place
from lockstitch.findings.report import Accepted, Report
from lockstitch.findings.rule import Rule

NAME: Final = "lockstitch-baseline.toml"
RULES: Final = (
    Rule("baseline-unused", "An entry of the baseline accepts what is no longer found."),
    Rule("baseline-expired", "An entry of the baseline has passed its day."),
)
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*accepted[ \t]*\]\]", re.MULTILINE)


class Entry(BaseModel):
    """One accepted finding, as the file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    place: str
    fingerprint: str = Field(pattern=rf"^[0-9a-f]{{{FINGERPRINT_DIGITS}}}$")
    reason: str = Field(min_length=1, pattern=r"\S")
    expires: date

    @property
    def structure(self) -> tuple[str, str, str]:
        """What a finding is known by."""
        return self.rule, self.place, self.fingerprint


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted: tuple[Entry, ...] = ()


class Baseline:
    """The accepted findings of a project."""

    def __init__(self, path: Path, entries: Iterable[tuple[Entry, int]] = ()) -> None:
        self.path = path
        self.entries = tuple(entries)

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """Read the file; without one nothing is accepted.

        Raises:
            ConfigurationError: It is not TOML, or an entry lacks what it must say.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(path)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} cannot be read: {error}.") from None
        try:
            file = _File.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
        except ValidationError as error:
            raise ConfigurationError(f"{path}: {_first(error)}") from None
        lines = [text.count("\n", 0, match.start()) + 1 for match in _HEADER.finditer(text)]
        pairs = zip_longest(file.accepted, lines[: len(file.accepted)], fillvalue=1)
        return cls(path, pairs)  # type: ignore[arg-type]

    def apply(self, report: Report, rules: Iterable[Rule], today: date) -> Report:
        """Take accepted findings out of a report; add unused and expired entries to it.

        Args:
            report: What a checker found.
            rules: What it looked for. Entries of other rules are not its to judge.
            today: The first day on which an entry that expires then is void.
        """
        judged = {rule.id for rule in rules}
        found = {_structure(finding) for finding in report.findings}
        valid = {one.structure: one for one, _ in self.entries if today < one.expires}
        remaining = [one for one in report.findings if _structure(one) not in valid]
        accepted = [
            Accepted(finding=one, reason=entry.reason, expires=entry.expires)
            for one in report.findings
            if (entry := valid.get(_structure(one))) is not None
        ]
        remaining += self._own(found, judged, today)
        return Report.of(remaining, [*report.accepted, *accepted])

    def _own(
        self, found: set[tuple[str, str, str]], judged: set[str], today: date
    ) -> Iterator[Finding]:
        for entry, line in self.entries:
            if entry.rule not in judged:
                continue
            if entry.structure not in found:
                yield self._finding(
                    "baseline-unused",
                    entry,
                    line,
                    "accepts what is no longer found",
                    "Remove the entry.",
                )
            elif entry.expires <= today:
                yield self._finding(
                    "baseline-expired",
                    entry,
                    line,
                    f"expired on {entry.expires}",
                    "Mend what it accepted, or decide anew with another day.",
                )

    def _finding(self, rule: str, entry: Entry, line: int, what: str, fix: str) -> Finding:
        return Finding(
            rule=rule,
            severity="warning",
            place=Place(file=self.path.name, line=line),
            message=f"The entry for {entry.rule} at {entry.place} {what}.",
            fix=fix,
            subject=" ".join(entry.structure),
        )

    def accept(self, findings: Iterable[Finding], reason: str, expires: date) -> int:
        """Append findings to the file, and return how many are new in it.

        Raises:
            ConfigurationError: The reason is empty, or the file cannot be written.
        """
        if not reason.strip():
            raise ConfigurationError("A finding is accepted with a reason. Say it in a sentence.")
        known = {entry.structure for entry, _ in self.entries if entry.expires >= expires}
        fresh = {_structure(one): one for one in findings if _structure(one) not in known}
        text = "".join(_entry_text(one, reason, expires) for one in fresh.values())
        try:
            with self.path.open("a+", encoding="utf-8") as file:
                file.seek(0)
                written = file.read()
                file.write(text if written.endswith("\n") or not written else f"\n{text}")
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written: {error.strerror}.") from None
        return len(fresh)


def _structure(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.place.anchor, finding.fingerprint


def _entry_text(finding: Finding, reason: str, expires: date) -> str:
    rule, place, fingerprint = _structure(finding)
    values = {"rule": rule, "place": place, "fingerprint": fingerprint, "reason": reason}
    lines = [f"{name} = {_toml_string(value)}" for name, value in values.items()]
    return "\n".join(["[[accepted]]", *lines, f"expires = {expires.isoformat()}", "", ""])


def _toml_string(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _first(error: ValidationError) -> str:
    first: Any = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}."
