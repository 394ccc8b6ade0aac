"""Comments that say why a finding is accepted where it stands.

`// lockstitch-ignore missing-timeout: the upload has a deadline of its own` (in Python with `#`)
on the line of the finding or the line above it. Several rules are separated by commas.
"""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lockstitch.audit.typescript import Script
from lockstitch.audit.typescript.nodes import text_of
from lockstitch.findings import Finding, Place

WITHOUT_REASON: Final = "suppression-without-reason"
UNUSED: Final = "unused-suppression"
_MARK: Final = re.compile(
    r"^\W*lockstitch-ignore\b[ \t]*(?P<rules>[a-z0-9, -]*[a-z0-9])?[ \t]*"
    r"(:[ \t]*(?P<reason>.*?))?[\s*/}]*$",
    re.DOTALL,
)
MARK: Final = b"lockstitch-ignore"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the rules that it silences on its own line and the next."""

    file: str
    line: int
    column: int
    # The last line of the comment, which may have several.
    end: int
    rules: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether the comment is about a finding."""
        place = finding.place
        is_here = place.file == self.file and place.line in {self.line, self.end, self.end + 1}
        return is_here and finding.rule in self.rules


def in_script(script: Script) -> Iterator[Suppression]:
    """Yield the suppressions of a TypeScript file."""
    if MARK not in script.source.code:
        return
    for comment in script.nodes["comment"]:
        place = script.place(comment)
        end = comment.end_point.row + 1
        found = _read(script.path, text_of(comment), place.line or 1, place.column or 1, end)
        if found is not None:
            yield found


def in_python(path: str, text: str) -> Iterator[Suppression]:
    """Yield the suppressions of a Python file that parses."""
    if MARK.decode() not in text:
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            found = _read(path, token.string, line, column + 1, line)
            if found is not None:
                yield found


def _read(path: str, comment: str, line: int, column: int, end: int) -> Suppression | None:
    found = _MARK.match(comment)
    if found is None:
        return None
    rules = tuple(one.strip() for one in (found["rules"] or "").split(",") if one.strip())
    return Suppression(path, line, column, end, rules, (found["reason"] or "").strip())


def apply(findings: Iterable[Finding], comments: Iterable[Suppression]) -> Iterator[Finding]:
    """Take out what a comment with a reason silences; add findings about the comments."""
    by_file: dict[str, list[Suppression]] = {}
    for comment in comments:
        by_file.setdefault(comment.file, []).append(comment)
    used: set[tuple[Suppression, str]] = set()
    for finding in findings:
        covering = [one for one in by_file.get(finding.place.file or "", ()) if one.covers(finding)]
        used |= {(one, finding.rule) for one in covering}
        if not any(one.reason for one in covering):
            yield finding
    for own in by_file.values():
        for comment in own:
            yield from _about(comment, {rule for one, rule in used if one == comment})


def _about(comment: Suppression, used: set[str]) -> Iterator[Finding]:
    place = Place(file=comment.file, line=comment.line, column=comment.column)
    subject = ", ".join(comment.rules)
    if not comment.reason or not comment.rules:
        yield Finding(
            rule=WITHOUT_REASON,
            severity="warning",
            place=place,
            message="The comment does not say which rule it silences and why; it silences nothing.",
            fix="Write lockstitch-ignore RULE: REASON.",
            subject=subject,
        )
        return
    for rule in comment.rules:
        if rule not in used:
            yield Finding(
                rule=UNUSED,
                severity="warning",
                place=place,
                message=f"Nothing on this line or the next breaks {rule}.",
                fix="Remove the comment.",
                subject=rule,
            )
