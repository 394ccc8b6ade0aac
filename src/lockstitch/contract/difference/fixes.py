"""What to do about a change, in a sentence."""

from typing import Final

from lockstitch.contract.difference.changes import Direction
from lockstitch.findings import Severity

NOTHING_TO_DO: Final = "Nothing needs to be done."
LOOK: Final = "Look whether somebody relies on it."

# By the end of the rule's id; the first that fits.
_BY_RULE: Final[tuple[tuple[str, str], ...]] = (
    (
        "operation-removed",
        "Keep it, set `deprecated: true` and a sunset, and remove it after that.",
    ),
    ("removed-before-sunset", "Keep it until the day of its sunset."),
    ("required-property-added", "Make it optional, or give it a default."),
    ("parameter-added-required", "Make it optional, or give it a default."),
    ("became-required", "Leave it optional, and fill in a default when it is missing."),
    ("now-required", "Leave it optional, and fill in a default when it is missing."),
    (
        "required-property-removed",
        "Keep it, mark it as deprecated, and remove it in a new version.",
    ),
    ("property-refused", "Keep it as an ignored, deprecated member."),
    ("response-became-optional", "Keep it required, or publish the change as a new version."),
    ("response-became-nullable", "Leave the member out, or publish the change as a new version."),
    ("request-became-not-nullable", "Accept null, and treat it as the default."),
    ("enum-value-removed", "Accept the old value, and map it to another one."),
    ("parameter-removed", "Keep it as an ignored, deprecated parameter."),
    ("header-removed-required", "Keep on sending it until no client reads it."),
    ("part-unreadable", "Mend this part of the document, and compare again."),
    ("sunset-missing", "Announce the day with `x-sunset`."),
    ("sunset-invalid", "Write the day as 2027-01-31."),
    ("security-narrowed", "Accept the old credentials beside the new ones for a while."),
    ("security-required", "Raise this rule to an error where callers without credentials exist."),
    ("message-added", "Let readers ignore unknown types first, or use a new channel."),
)
_BY_DIRECTION: Final[dict[Direction, str]] = {
    "request": "Accept what was accepted before, or publish the change as a new version.",
    "response": "Answer only what was promised before, or publish the change as a new version.",
    "neither": "Undo it, or publish the change as a new version.",
}


def fix_for(rule: str, level: Severity, direction: Direction) -> str:
    """Return what to do about a change."""
    if level == "information":
        return NOTHING_TO_DO
    for ending, words in _BY_RULE:
        if rule.endswith(ending):
            return words
    return _BY_DIRECTION[direction] if level == "error" else LOOK
