"""Breaking changes of applications, and the fixes that keep callers of before whole."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from lockstitch.contract.difference import compare
from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from lockstitch.guard.fixes import Case, Proposed, apply_patch, propose
from lockstitch.guard.fixes.trial import trial_of
from lockstitch.guard.sources import Description, describe
from lockstitch.guard.verify.process import served
from lockstitch.guard.verify.requests_made import Effort
from lockstitch.guard.verify.run import verify_service
from tests.guard.changed_programs import ProgramChange, read_changes

BREAKING = Path(__file__).parent / "breaking"
APPLICATIONS = {"tasks": "tasks:app", "library": "library.main:app"}
CHANGES = [
    pytest.param(name, change, id=f"{name}-{change.name}".replace(" ", "-"))
    for name in APPLICATIONS
    for change in read_changes(BREAKING / f"{name}.diff")
]
# What nobody should decide but the owner: who may call.
LEFT_TO_THE_OWNER = {"other credentials demanded"}


def files_of(name: str) -> dict[str, str]:
    paths = sorted((BREAKING / name).glob("*.py")) or [BREAKING / f"{name}.py"]
    return {path.relative_to(BREAKING).as_posix(): path.read_text() for path in paths}


def changed(files: dict[str, str], change: ProgramChange) -> dict[str, str]:
    """Apply each hunk to the one file that it fits."""
    found = dict(files)
    for hunk in change.hunks:
        only = replace(change, hunks=(hunk,))
        fitting = [name for name, text in found.items() if only.fits(text)]
        assert len(fitting) == 1, f"{change.name} fits {fitting}: {hunk[0]}"
        found[fitting[0]] = only.applied(found[fitting[0]])
    return found


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


@cache
def described(name: str) -> Description:
    return describe(APPLICATIONS[name], BREAKING)


def base_of(name: str) -> Document:
    return read_document(described(name).document)


def proposed(name: str, change: ProgramChange, folder: Path) -> Proposed:
    base, revision = files_of(name), changed(files_of(name), change)
    write(folder, revision)
    now = describe(APPLICATIONS[name], folder)
    case = Case(base_of(name), read_document(now.document), now.sources, revision, base)
    difference = compare(case.base, case.revision)
    assert difference.breaking
    return propose(case, difference, trial_of(APPLICATIONS[name], folder))


def test_there_are_enough_breaking_changes() -> None:
    assert len(CHANGES) >= 30


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_the_fix_of_a_breaking_change_leaves_every_caller_whole(
    name: str, change: ProgramChange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    patch = proposed(name, change, folder).patch
    if change.name in LEFT_TO_THE_OWNER:
        assert patch == ""
        return

    apply_patch(patch, folder)

    fixed = describe(APPLICATIONS[name], folder)
    breaking = compare(base_of(name), read_document(fixed.document)).breaking
    assert [one.message for one in breaking] == []
    monkeypatch.chdir(folder)
    command = [sys.executable, "-m", "lockstitch.cli.main", "serve", APPLICATIONS[name]]
    with served(command, tmp_path / "log", lambda _: {}) as service:
        now = verify_service(fixed.document, service.url, effort=Effort(examples=1))
        before = verify_service(described(name).document, service.url, effort=Effort(examples=1))
    assert now.report.as_text() == "Nothing found."
    # What callers of before may not send may be accepted by now.
    found = [one for one in before.report.findings if one.rule != "refused-request-accepted"]
    assert [one.as_text() for one in found] == []
