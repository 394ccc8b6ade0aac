"""Writing edits into the text of their files; what no edit names stays as it is, byte for byte."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from lockstitch.guard.fixes.configs import set_configs
from lockstitch.guard.fixes.edits import (
    AddArgument,
    AddBefore,
    Edit,
    EditRefused,
    NeedImport,
    SetConfig,
    SetSlot,
    Slot,
    TakeEitherName,
)
from lockstitch.guard.fixes.imports import add_imports
from lockstitch.guard.fixes.insertions import add_argument, add_before, insert
from lockstitch.guard.fixes.slots import change_slot
from lockstitch.guard.fixes.source_file import SourceFile

_Kind = TypeVar("_Kind", bound=Edit)


def render(texts: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """Return the new texts of the files that the edits change.

    Raises:
        EditRefused: A file, or what is to be changed in it, is not there.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        by_file.setdefault(edit.file, []).append(edit)
    missing = by_file.keys() - texts.keys()
    if missing:
        raise EditRefused(f"{min(missing)} is not a file of the application.")
    changed = {file: _rendered(texts[file], part) for file, part in by_file.items()}
    return {file: text for file, text in changed.items() if text != texts[file]}


def _rendered(text: str, edits: list[Edit]) -> str:
    file = SourceFile(text)
    add_before(file, _of(edits, AddBefore))  # Above the decorators that others add.
    for edit in edits:
        insert(file, edit)
    for (owner, name), slot in _slots(_of(edits, SetSlot)).items():
        change_slot(file, owner, name, slot)
    for argument in _of(edits, AddArgument):  # Behind the defaults that others were given.
        add_argument(file, argument)
    configured = set_configs(file, _of(edits, SetConfig), _of(edits, TakeEitherName))
    needed = [NeedImport("", "pydantic", "ConfigDict")] if configured else []
    add_imports(file, [*_of(edits, NeedImport), *needed])
    return file.rendered()


def _of(edits: list[Edit], kind: type[_Kind]) -> list[_Kind]:
    return [edit for edit in edits if isinstance(edit, kind)]


def _slots(edits: list[SetSlot]) -> dict[tuple[str, str], Slot]:
    found: dict[tuple[str, str], Slot] = {}
    for edit in edits:
        found.setdefault((edit.owner, edit.name), Slot()).add(edit)
    return found
