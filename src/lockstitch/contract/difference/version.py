"""The semantic version that a set of changes asks for."""

from collections.abc import Iterable
from typing import Final

from lockstitch.contract.difference.changes import Change, Version

# What is only said in other words, or arranged in another way.
_SAYING_ONLY: Final = frozenset(
    {"operation-id-changed", "tag-added", "tag-removed", "component-schema-removed"}
)


def recommended_version(changes: Iterable[Change], *, same: bool) -> Version:
    """Return which number of the version must go up.

    A breaking change asks for a new major version, anything else that a caller can notice for a
    minor one, other words for a patch.

    Args:
        changes: What differs.
        same: Whether the two documents are the same to the letter.
    """
    found = list(changes)
    if any(change.is_breaking for change in found):
        return "major"
    if any(change.rule not in _SAYING_ONLY for change in found):
        return "minor"
    return "none" if same else "patch"
