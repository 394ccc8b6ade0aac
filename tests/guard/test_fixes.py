"""Breaking changes of applications, and the fixes that keep callers of before whole."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lockstitch.contract.difference import Difference, compare
from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from lockstitch.guard.fixes import Case, apply_patch, propose
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
ONCE = Effort(examples=1)


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


def proposed(name: str, change: ProgramChange, folder: Path) -> tuple[Difference, str]:
    """Write the revision into a folder; return what differs, and the patch of all fixes."""
    base, revision = files_of(name), changed(files_of(name), change)
    write(folder, revision)
    now = describe(APPLICATIONS[name], folder)
    case = Case(base_of(name), read_document(now.document), now.sources, revision, base)
    difference = compare(case.base, case.revision)
    assert difference.breaking
    return difference, propose(case, difference, trial_of(APPLICATIONS[name], folder)).patch


def test_there_are_enough_breaking_changes() -> None:
    assert len(CHANGES) >= 30


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_the_fix_of_a_breaking_change_leaves_every_caller_whole(
    name: str, change: ProgramChange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    difference, patch = proposed(name, change, folder)
    if change.name in LEFT_TO_THE_OWNER:
        assert patch == ""
        return

    apply_patch(patch, folder)

    monkeypatch.chdir(folder)
    command = [sys.executable, "-m", "lockstitch.cli.main", "serve", APPLICATIONS[name]]
    with served(command, tmp_path / "log", lambda _: {}) as service:
        breaking = compare(base_of(name), read_document(service.contract)).breaking
        assert [one.message for one in breaking] == []
        now = verify_service(service.contract, service.url, effort=ONCE)
        old_part = only(described(name).document, {one.path for one in difference.breaking})
        before = verify_service(old_part, service.url, effort=ONCE)
    assert now.report.as_text() == "Nothing found."
    # What callers of before may not send may be accepted by now.
    found = [one for one in before.report.findings if one.rule != "refused-request-accepted"]
    assert before.requests > 0
    assert [one.as_text() for one in found] == []


def only(contract: dict[str, Any], paths: set[str | None]) -> dict[str, Any]:
    return {**contract, "paths": {k: v for k, v in contract["paths"].items() if k in paths}}


# The shop's harmless changes are breaking the other way round. These have their traps: a model
# that contains itself and is quoted, a union, a form, a dictionary.
REVERSED = [
    "list became set",
    "union narrowed",
    "dictionary of numbers",
    "literal became string",
    "form field became optional",
    "union member added",
    "never null",
    "new method",
]


@pytest.mark.parametrize("name", REVERSED)
def test_a_harmless_change_taken_back_has_a_fix(name: str, tmp_path: Path) -> None:
    harmless = BREAKING.parent / "harmless"
    changes = [one for path in sorted(harmless.glob("*.diff")) for one in read_changes(path)]
    revision = (harmless / "shop.py").read_text()
    base = next(one for one in changes if one.name == name).applied(revision)
    write(tmp_path, {"shop.py": revision})
    before, now = describe("shop:app", tmp_path, {"shop.py": base}), describe("shop:app", tmp_path)
    documents = read_document(before.document), read_document(now.document)
    difference = compare(*documents)

    case = Case(*documents, now.sources, {"shop.py": revision}, {"shop.py": base})
    found = propose(case, difference, trial_of("shop:app", tmp_path))

    assert difference.breaking
    assert {change.fingerprint for change in difference.breaking} == found.fixes.keys()


def test_what_cannot_be_imported_is_not_proposed(tmp_path: Path) -> None:
    base, (_, first) = files_of("tasks"), CHANGES[0].values
    revision = changed(base, first)
    write(tmp_path, revision)
    now = describe("tasks:app", tmp_path)
    case = Case(base_of("tasks"), read_document(now.document), now.sources, revision, base)

    nothing = propose(case, compare(case.base, case.revision), lambda _: None)

    assert nothing.fixes == {}
    assert nothing.patch == ""


def test_without_the_source_of_the_base_no_old_route_is_made_up(tmp_path: Path) -> None:
    base = files_of("tasks")
    removed = next(one.values[1] for one in CHANGES if one.values[1].name == "route removed")
    revision = changed(base, removed)
    write(tmp_path, revision)
    now = describe("tasks:app", tmp_path)
    case = Case(base_of("tasks"), read_document(now.document), now.sources, revision)

    found = propose(case, compare(case.base, case.revision), trial_of("tasks:app", tmp_path))

    assert found.fixes == {}
