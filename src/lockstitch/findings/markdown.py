"""Findings as Markdown, for the description or a comment of a pull request."""

import re
from collections.abc import Iterator, Sequence

from lockstitch.findings.finding import Finding

SHOWN = 50
# A comment of a pull request holds 65,536 characters.
LONGEST_CELL = 400
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~@])")


def as_markdown(title: str, findings: Sequence[Finding], counts: str, accepted: int) -> str:
    """Return a heading and a table, the worst first; what is beyond its end is counted."""
    return "\n".join(_lines(title, findings, counts, accepted)) + "\n"


def _lines(title: str, findings: Sequence[Finding], counts: str, accepted: int) -> Iterator[str]:
    yield f"### {_cell(title)}"
    yield ""
    yield f"{counts}." if findings else "Nothing found."
    if accepted:
        yield f"{accepted} accepted by the baseline."
    if not findings:
        return
    yield ""
    yield "| severity | place | what | what to do |"
    yield "|---|---|---|---|"
    for one in findings[:SHOWN]:
        what = f"**{_cell(one.rule)}** {_cell(one.message)}"
        yield f"| {one.severity} | {_cell(str(one.place))} | {what} | {_cell(one.fix)} |"
    if len(findings) > SHOWN:
        yield ""
        yield f"{len(findings) - SHOWN} more are in the log of the run."


def _cell(text: str) -> str:
    """Return text that is neither markup nor a mention, on one line."""
    line = " ".join(text.split())
    short = line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"
    return _SPECIAL.sub(r"\\\1", short)
