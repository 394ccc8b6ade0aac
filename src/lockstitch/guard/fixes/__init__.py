"""Proposed fixes: patches of the application that keep callers of before whole."""

from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.patches import apply_patch
from lockstitch.guard.fixes.proposing import Fix, Proposed, propose
from lockstitch.guard.fixes.repair import Project, Side, with_fixes, with_lines

__all__ = [
    "Case",
    "Fix",
    "Project",
    "Proposed",
    "Side",
    "apply_patch",
    "propose",
    "with_fixes",
    "with_lines",
]
