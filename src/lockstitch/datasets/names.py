"""What the columns of a dataset may be called, and how many there may be."""

from collections.abc import Collection, Sequence
from typing import Final

from lockstitch.datasets.refusal import UnreadableDataset

MAX_COLUMNS: Final = 1000
MAX_NAME_CHARACTERS: Final = 200


def check_names(names: Sequence[str], line: int) -> None:
    """Refuse names that cannot be told apart, shown or stored.

    Raises:
        UnreadableDataset: There are too many, or one is empty, repeated, too long or unprintable.
    """
    check_count(names, line)
    for number, name in enumerate(names, start=1):
        check_name(name, number, line)
    if len(set(names)) != len(names):
        again = next(number for number, name in enumerate(names, 1) if name in names[: number - 1])
        raise UnreadableDataset(
            "repeated_column", f"Column {again} has the name of one before it.", line
        )


def check_count(names: Collection[str], line: int) -> None:
    """Refuse too many columns.

    Raises:
        UnreadableDataset: There are too many.
    """
    if len(names) > MAX_COLUMNS:
        raise UnreadableDataset(
            "too_many_columns", f"A dataset may have at most {MAX_COLUMNS:,} columns.", line
        )


def check_name(name: str, number: int, line: int) -> None:
    """Refuse one name that cannot be shown or stored.

    Raises:
        UnreadableDataset: It is empty, too long or unprintable.
    """
    if not name:
        raise UnreadableDataset("unnamed_column", f"Column {number} has no name.", line)
    if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise UnreadableDataset(
            "column_name",
            f"The name of column {number} is longer than {MAX_NAME_CHARACTERS} characters, "
            "or holds control characters.",
            line,
        )
