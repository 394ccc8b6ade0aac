"""Changes of a program, as `.diff` files list them.

After a sentence on the whole comes, for each change, its name behind `## ` and its hunks, with
empty lines between them. The lines of a hunk begin with `-` (goes), `+` (comes) or a blank (stays);
those that go or stay are in the program once, in this order.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import FastAPI

Lines = tuple[str, ...]


@dataclass(frozen=True)
class ProgramChange:
    """A named change: what each hunk finds, and what it puts there."""

    name: str
    hunks: tuple[tuple[Lines, Lines], ...]

    def __str__(self) -> str:
        return self.name

    def fits(self, program: str) -> bool:
        return all(f"\n{program}".count(_whole(old)) == 1 for old, _ in self.hunks)

    def applied(self, program: str) -> str:
        text = f"\n{program}"
        for old, new in self.hunks:
            assert text.count(_whole(old)) == 1, f"{self.name}: not there once:{_whole(old)}"
            text = text.replace(_whole(old), _whole(new))
        return text[1:]


def _whole(lines: Lines) -> str:
    return "\n".join(("", *lines, ""))


def read_changes(path: Path) -> list[ProgramChange]:
    _, *parts = path.read_text().split("\n## ")
    return [_change(*part.split("\n", 1)) for part in parts]


def _change(name: str, text: str) -> ProgramChange:
    blocks = [list(lines) for filled, lines in groupby(text.splitlines(), bool) if filled]
    hunks = tuple((_side(block, "- "), _side(block, "+ ")) for block in blocks)
    return ProgramChange(name, hunks)


def _side(block: list[str], signs: str) -> Lines:
    return tuple(line[1:] for line in block if line[0] in signs)


def exported(program: str) -> dict[str, Any]:
    """Return what the application that a program makes says of itself."""
    with _module("program_under_test") as module:
        exec(compile(program, module.__name__, "exec"), module.__dict__)
        app = module.__dict__["app"]
        assert isinstance(app, FastAPI)
        return app.openapi()


@contextmanager
def _module(name: str) -> Iterator[ModuleType]:
    """A module that Pydantic finds by its name while it resolves annotations."""
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        yield module
    finally:
        del sys.modules[name]
