"""Whom a change of the contract hits: the lines of the front ends that rely on what it changes."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lockstitch.contract.difference import Change
from lockstitch.contract.document import Document
from lockstitch.contract.usage import FrontEnd, find_calls, hits, read_front_end

# Folders that hold what others wrote, or what was built.
NOT_OURS = frozenset({"node_modules", "dist", "build", "out", "venv", "__pycache__", "coverage"})


def with_callers(
    changes: Iterable[Change], front_ends: Sequence[FrontEnd], base: Document
) -> Iterator[Change]:
    """Yield each change with its call sites, which were written against the base."""
    usages = [find_calls(front_end, base) for front_end in front_ends]
    for change in changes:
        places = tuple(spot.place for usage in usages for spot in hits(usage, change))
        related = (*change.related, *places)
        yield change.model_copy(update={"call_sites": places, "related": related})


def front_ends_in(sources: Iterable[Path], root: Path) -> tuple[FrontEnd, ...]:
    """Read the folders that hold a package of npm; places are named relative to `root`."""
    return tuple(
        read_front_end(folder, within=root)
        for folder in sources
        if any(files_named(folder, "package.json"))
    )


def files_named(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files of a name below a folder, outside of what others wrote."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        if (current / name).is_file():
            yield current / name
        waiting += [
            one
            for one in sorted(current.iterdir(), reverse=True)
            if one.is_dir()
            and not one.is_symlink()
            and not one.name.startswith(".")
            and one.name not in NOT_OURS
        ]
