"""Why a verdict of ours differs from that of the judge on purpose, by the kind of change.

An entry fits a pair whose levels differ when its `ours` begins one of our rules of that level, and
its `judge` one of the ids that the judge gave; an empty word fits where there is none at all.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of change that is judged differently, and why."""

    judge: str
    ours: str
    words: str


REASONS = (
    Reason("", "parameter-", "Parameters that a whole path shares are compared like all others."),
    Reason("", "header-", "Schemas of response headers are compared like all others."),
    Reason("", "request-", "The judge has no rule for this step of a body; it widens or tells."),
    Reason("", "response-", "The judge has no rule for this step of an answer."),
    Reason("", "security-", "Security is compared by what a caller needs, however it is spelled."),
    Reason(
        "request-property-enum-value-removed",
        "request-no-longer-enum",
        "A list of values that gave way to its whole type accepts more, not less.",
    ),
    Reason(
        "request-parameter-enum-value-removed",
        "parameter-no-longer-enum",
        "A list of values that gave way to its whole type accepts more, not less.",
    ),
    Reason(
        "api-security-added",
        "security-required",
        "Who called without credentials may not be able to any more: a warning at least.",
    ),
    Reason(
        "api-global-security-added",
        "security-required",
        "Who called without credentials may not be able to any more: a warning at least.",
    ),
    Reason(
        "request-body-all-of-removed",
        "request-",
        "A request with fewer parts to satisfy only widens.",
    ),
    Reason(
        "request-property-all-of-removed",
        "request-",
        "A request with fewer parts to satisfy only widens.",
    ),
    Reason(
        "api-security-scope-added",
        "security-scope-added",
        "Credentials without the new scope are refused: a warning at least.",
    ),
)


def reason_for(judge: list[str], ours: list[str]) -> str | None:
    """Return why two verdicts differ, or None where no reason is on file.

    Args:
        judge: The ids that the judge gave at the level of its verdict.
        ours: Our rules at the level of our verdict.
    """
    for one in REASONS:
        if _fits(one.judge, judge) and _fits(one.ours, ours):
            return one.words
    return None


def _fits(word: str, found: list[str]) -> bool:
    return any(one.startswith(word) for one in found) if word else not found
