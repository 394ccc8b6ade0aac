"""A proposed fix: its kind, what it means for callers, and the edits that make it."""

from dataclasses import dataclass
from typing import Literal

from lockstitch.guard.fixes.edits import Edit
from lockstitch.guard.fixes.migrations import Migration

Kind = Literal[
    "default-given",
    "old-name-kept",
    "field-restored",
    "field-always-sent",
    "null-accepted",
    "null-never-sent",
    "constraint-restored",
    "value-restored",
    "old-type-accepted",
    "old-type-sent",
    "extra-members-ignored",
    "route-kept",
    "route-restored",
    "status-restored",
    "route-versioned",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that keep old callers whole, with a sentence on what they do.

    `migrations` do the same for the table that a model is stored in.
    """

    kind: Kind
    explanation: str
    edits: tuple[Edit, ...]
    migrations: tuple[Migration, ...] = ()
