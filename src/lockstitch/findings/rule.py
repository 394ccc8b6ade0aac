"""A rule that a checker knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What a checker looks for: its id, one sentence, and why it matters."""

    id: str
    summary: str
    help: str = ""
