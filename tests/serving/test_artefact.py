"""A model's files: written whole or not at all, and checked before they are read."""

import errno
import json
import multiprocessing
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from shouting import Trained, silent

from lockstitch.errors import BrokenArtefact, ConfigurationError, DataDirectoryRefused, DiskFull
from lockstitch.serving.artefact import (
    Artefact,
    ArtefactFacts,
    newest_artefact,
    verify,
    write_artefact,
)
from lockstitch.serving.preparation import prepare_artefact


@pytest.fixture
def artefact(tmp_path: Path) -> Artefact:
    prepare_artefact(Trained(), tmp_path / "trained", silent)
    made = newest_artefact(tmp_path / "trained")
    assert made is not None
    return made


def write(folder: Path, content: str = "!") -> Artefact:
    def fill(directory: Path) -> ArtefactFacts:
        (directory / "ending.txt").write_text(content)
        return ArtefactFacts()

    return write_artefact(folder, "trained", fill)


def test_the_manifest_records_what_is_there(artefact: Artefact) -> None:
    recorded = json.loads((artefact.directory / "artefact.json").read_text())

    assert [file["name"] for file in recorded["files"]] == ["ending.txt", "more/notes.txt"]
    assert recorded["metrics"] == {"accuracy": 0.5, "rows": 2}
    assert recorded["labels"] == ["loud", "quiet"]
    assert recorded["environment"]["packages"]["pydantic"]
    assert "directory" not in recorded
    verify(artefact, "trained")


def test_equal_files_have_equal_digests(tmp_path: Path) -> None:
    assert write(tmp_path).digest == write(tmp_path).digest
    assert write(tmp_path).digest != write(tmp_path, "?").digest


def test_the_newest_is_used(tmp_path: Path) -> None:
    write(tmp_path)
    second = write(tmp_path, "?")

    assert newest_artefact(tmp_path) == second


def test_there_is_none_in_an_empty_or_missing_folder(tmp_path: Path) -> None:
    assert newest_artefact(tmp_path) is None
    assert newest_artefact(tmp_path / "nowhere") is None


def damage_missing(directory: Path) -> None:
    (directory / "ending.txt").unlink()


def damage_shorter(directory: Path) -> None:
    (directory / "ending.txt").write_text("")


def damage_changed(directory: Path) -> None:
    (directory / "more" / "notes.txt").write_text("some")


def damage_folder(directory: Path) -> None:
    (directory / "ending.txt").unlink()
    (directory / "ending.txt").mkdir()


def damage_manifest(directory: Path) -> None:
    manifest = directory / "artefact.json"
    manifest.write_text(manifest.read_text().replace("notes.txt", "other.txt"))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (damage_missing, "ending.txt is missing"),
        (damage_shorter, "ending.txt has 0 bytes instead of 1"),
        (damage_changed, "more/notes.txt was changed"),
        (damage_folder, "ending.txt: Is a directory"),
        (damage_manifest, "artefact.json was changed"),
    ],
)
def test_damage_is_told_with_the_next_step(artefact: Artefact, damage: Any, reason: str) -> None:
    damage(artefact.directory)
    found = newest_artefact(artefact.directory.parent)
    assert found is not None
    with pytest.raises(BrokenArtefact) as error:
        verify(found, "trained")

    assert str(error.value) == (
        f"The artefact {artefact.directory} cannot be used: {reason}. "
        "Restore it, or delete the folder and start again to make a new one."
    )


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "null", "{}", '{"model": 1}', "\xff".encode("latin-1").decode("cp1252")],
)
def test_a_damaged_manifest_is_told(artefact: Artefact, content: str | None) -> None:
    manifest = artefact.directory / "artefact.json"
    manifest.unlink()
    if content is not None:
        manifest.write_text(content)
    reason = "missing" if content is None else "damaged"

    with pytest.raises(BrokenArtefact, match=f"artefact.json is {reason}"):
        newest_artefact(artefact.directory.parent)


def test_a_broken_newest_is_not_replaced_in_silence(tmp_path: Path) -> None:
    write(tmp_path)
    second = write(tmp_path, "?")
    (second.directory / "artefact.json").unlink()

    with pytest.raises(BrokenArtefact, match=re.escape(str(second.directory))):
        prepare_artefact(Trained(), tmp_path, silent)


def test_an_artefact_of_another_model_is_refused(artefact: Artefact) -> None:
    with pytest.raises(BrokenArtefact, match="belongs to the model 'trained', not 'shout'"):
        verify(artefact, "shout")


class Failing(Trained):
    """Raises what it is told to, after a file was written."""

    name = "failing"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def prepare(self, directory: Path, progress: Any) -> ArtefactFacts:
        super().prepare(directory, progress)
        raise self.error


class Filling(Trained):
    """Writes to a device that is always full, as a full disk is."""

    name = "filling"

    def prepare(self, directory: Path, progress: Any) -> ArtefactFacts:
        super().prepare(directory, progress)
        try:
            Path("/dev/full").write_text("weights")
        except OSError as error:
            # As libraries do, that have an error class of their own.
            raise RuntimeError("the weights were not saved") from error
        raise AssertionError("/dev/full took the bytes")


def test_an_error_of_prepare_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        prepare_artefact(Failing(ZeroDivisionError()), tmp_path, silent)

    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        DiskFull, match=f"No space is left on the disk of {re.escape(str(tmp_path))}"
    ):
        prepare_artefact(Filling(), tmp_path, silent)

    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "weights"))

    with pytest.raises(DataDirectoryRefused, match="weights cannot be written: Permission denied"):
        prepare_artefact(Failing(refused), tmp_path, silent)


def test_a_foreign_permission_error_stays_what_it_is(tmp_path: Path) -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", "/etc/reviews.csv")

    with pytest.raises(PermissionError):
        prepare_artefact(Failing(refused), tmp_path, silent)


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".preparing-left"
    left.mkdir()
    (left / "half.npy").write_text("ha")
    prepare_artefact(Trained(), tmp_path, silent)

    assert not left.exists()


def test_a_killed_preparation_leaves_no_artefact(tmp_path: Path) -> None:
    class Dying(Trained):
        def prepare(self, directory: Path, progress: Any) -> ArtefactFacts:
            super().prepare(directory, progress)
            os._exit(9)

    child = multiprocessing.get_context("fork").Process(
        target=prepare_artefact, args=(Dying(), tmp_path, silent)
    )
    child.start()
    child.join(20)

    assert child.exitcode == 9
    assert newest_artefact(tmp_path) is None
    prepare_artefact(Trained(), tmp_path, silent)
    assert len([path for path in tmp_path.iterdir() if path.name != ".lock"]) == 1


def test_processes_that_prepare_at_once_make_one_artefact(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    children = [
        context.Process(target=prepare_artefact, args=(Trained(), tmp_path, silent))
        for _ in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(20)

    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    assert len([path for path in tmp_path.iterdir() if path.name != ".lock"]) == 1


def test_a_link_is_refused(tmp_path: Path) -> None:
    def fill(directory: Path) -> ArtefactFacts:
        (directory / "weights").symlink_to("/etc/hostname")
        return ArtefactFacts()

    with pytest.raises(BrokenArtefact, match="weights is a link"):
        write_artefact(tmp_path, "trained", fill)


def test_prepare_must_return_facts(tmp_path: Path) -> None:
    class Forgetful(Trained):
        def prepare(self, directory: Path, progress: Any) -> Any:
            return super().prepare(directory, progress).metrics

    with pytest.raises(ConfigurationError, match=r"Forgetful\.prepare returned dict"):
        prepare_artefact(Forgetful(), tmp_path, silent)


def test_a_metric_must_be_finite() -> None:
    with pytest.raises(ValidationError):
        ArtefactFacts(metrics={"accuracy": float("nan")})
