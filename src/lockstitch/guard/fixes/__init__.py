"""Proposed fixes: patches of the application that keep callers of before whole."""

from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.patches import apply_patch
from lockstitch.guard.fixes.proposing import Fix, Proposed, propose

__all__ = ["Case", "Fix", "Proposed", "apply_patch", "propose"]
