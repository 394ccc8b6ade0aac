"""Findings as Markdown, for the description or a comment of a pull request."""

import re
from collections.abc import Iterator, Sequence

from lockstitch.findings.finding import Finding

SHOWN = 50
MOST_PLACES = 5
# A comment of a pull request holds 65,536 characters.
LONGEST_CELL = 400
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~@])")


def as_markdown(
    title: str,
    findings: Sequence[Finding],
    counts: str,
    accepted: int,
    advice: str | None = None,
) -> str:
    """Return a heading and a table, the worst first; what is beyond its end is counted."""
    heading = [f"### {_cell(title)}", ""]
    if advice is not None:
        heading += [_cell(advice), ""]
    return "\n".join([*heading, *_lines(findings, counts, accepted)]) + "\n"


def _lines(findings: Sequence[Finding], counts: str, accepted: int) -> Iterator[str]:
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
        yield f"| {one.severity} | {_places(one)} | {what} | {_cell(one.fix)} |"
    if len(findings) > SHOWN:
        yield ""
        yield f"{len(findings) - SHOWN} more are in the log of the run."


def _places(finding: Finding) -> str:
    places = [_cell(str(finding.place)), *(_cell(str(place)) for place in finding.related)]
    beyond = len(places) - MOST_PLACES
    if beyond > 0:
        places[MOST_PLACES:] = [f"and {beyond} more"]
    return "<br>".join(places)


def _cell(text: str) -> str:
    """Return text that is neither markup nor a mention, on one line."""
    line = " ".join(text.split())
    short = line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"
    return _SPECIAL.sub(r"\\\1", short)
