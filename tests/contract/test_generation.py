"""A folder of generated files: what is written, removed, refused, and reported."""

import json
from pathlib import Path

import pytest

from lockstitch.contract.generation import LOCK, GeneratedFolder
from lockstitch.errors import ForeignFile

FILES = {"types.ts": "one\n", "runtime/index.ts": "two\n"}


@pytest.fixture
def folder(tmp_path: Path) -> GeneratedFolder:
    generated = GeneratedFolder(tmp_path / "api")
    generated.write(FILES)
    return generated


def texts(folder: GeneratedFolder) -> dict[str, str]:
    paths = [path for path in folder.path.rglob("*") if path.is_file()]
    found = {path.relative_to(folder.path).as_posix(): path.read_text() for path in paths}
    return {name: text for name, text in found.items() if name != LOCK}


def rules(folder: GeneratedFolder, files: dict[str, str]) -> list[str]:
    return [finding.rule for finding in folder.check(files).findings]


def test_a_second_generation_changes_nothing(folder: GeneratedFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")}

    changes = folder.write(FILES)

    assert (changes.written, changes.removed, changes.unchanged) == ((), (), 2)
    assert {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")} == before
    assert rules(folder, FILES) == []


def test_what_is_no_longer_made_is_removed_with_its_empty_folder(folder: GeneratedFolder) -> None:
    changes = folder.write({"types.ts": "three\n"})

    assert (changes.written, changes.removed) == (("types.ts",), ("runtime/index.ts",))
    assert texts(folder) == {"types.ts": "three\n"}
    assert not (folder.path / "runtime").exists()


def test_a_file_of_somebody_else_stays(folder: GeneratedFolder) -> None:
    (folder.path / "runtime" / "mine.ts").write_text("mine\n")

    folder.write({"types.ts": "one\n"})

    assert texts(folder) == {"types.ts": "one\n", "runtime/mine.ts": "mine\n"}


@pytest.mark.parametrize("files", [{"types.ts": "three\n"}, {"runtime/index.ts": "two\n"}])
def test_a_file_changed_by_hand_is_neither_overwritten_nor_removed(
    folder: GeneratedFolder, files: dict[str, str]
) -> None:
    (folder.path / "types.ts").write_text("by hand\n")
    before = texts(folder)

    with pytest.raises(ForeignFile, match=r"types\.ts was changed since .* delete the file"):
        folder.write(files)

    assert texts(folder) == before


def test_a_file_that_was_not_generated_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "types.ts").write_text("mine\n")

    with pytest.raises(ForeignFile, match=r"types\.ts was not generated.* -o"):
        GeneratedFolder(tmp_path).write(FILES)

    assert [path.name for path in tmp_path.iterdir()] == ["types.ts"]


def test_nothing_is_written_when_one_file_cannot_be(folder: GeneratedFolder) -> None:
    before = texts(folder)
    too_long = "x" * 300 + ".ts"

    with pytest.raises(OSError, match="too long"):
        folder.write({"types.ts": "three\n", too_long: "four\n"})

    assert texts(folder) == before
    assert [path.name for path in folder.path.iterdir() if path.name.startswith(".")] == []
    assert rules(folder, FILES) == []


def test_a_generation_that_was_cut_short_is_repaired_by_the_next(folder: GeneratedFolder) -> None:
    # As it stands between the first rename and the last: both texts are known, one is there.
    other = GeneratedFolder(folder.path.parent / "other")
    other.write({"types.ts": "three\n", "runtime/index.ts": "four\n"})
    lock = json.loads((folder.path / LOCK).read_text())
    lock["pending"] = json.loads((other.path / LOCK).read_text())["files"]
    (folder.path / LOCK).write_text(json.dumps(lock))
    (folder.path / "types.ts").write_text("three\n")

    folder.write({"types.ts": "five\n"})

    assert texts(folder) == {"types.ts": "five\n"}


def test_line_ends_of_another_system_are_no_change(folder: GeneratedFolder) -> None:
    (folder.path / "types.ts").write_bytes(b"one\r\n")

    assert rules(folder, FILES) == []
    assert folder.write(FILES).written == ()


def test_check_names_every_difference(folder: GeneratedFolder) -> None:
    folder.write({**FILES, "swr.ts": "three\n", "queries.ts": "four\n"})
    (folder.path / "types.ts").write_text("by hand\n")
    (folder.path / "swr.ts").unlink()

    report = folder.check({"types.ts": "one\n", "swr.ts": "three\n", "queries.ts": "five\n"})

    assert report.exit_code() == 1
    assert {(Path(str(one.place)).name, one.rule) for one in report.findings} == {
        ("types.ts", "changed-file"),
        ("swr.ts", "missing-file"),
        ("queries.ts", "stale-file"),
        ("index.ts", "leftover-file"),
        (LOCK, "stale-lock"),
    }


def test_a_damaged_lock_is_refused(folder: GeneratedFolder) -> None:
    (folder.path / LOCK).write_text("<<<<<<< HEAD\n")

    with pytest.raises(ForeignFile, match="damaged"):
        folder.write(FILES)


@pytest.mark.parametrize("name", ["../victim.txt", "a/../../victim.txt", "/victim.txt", "..\\\\v"])
def test_a_lock_names_no_file_outside_the_folder(folder: GeneratedFolder, name: str) -> None:
    victim = folder.path.parent / "victim.txt"
    victim.write_text("two\n")
    lock = (folder.path / LOCK).read_text()
    (folder.path / LOCK).write_text(lock.replace("runtime/index.ts", name))

    with pytest.raises(ForeignFile, match="is no file of the folder"):
        folder.write({"types.ts": "one\n"})

    assert victim.exists()


def test_a_link_does_not_lead_a_file_out_of_the_folder(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "api"
    outside.mkdir()
    inside.mkdir()
    (inside / "runtime").symlink_to(outside)

    with pytest.raises(ForeignFile, match="runtime leads out of"):
        GeneratedFolder(inside).write(FILES)

    assert list(outside.iterdir()) == []
    assert [path.name for path in inside.iterdir()] == ["runtime"]


@pytest.mark.parametrize("name", ["types.ts", LOCK, "runtime"])
def test_what_is_no_file_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "nowhere")

    with pytest.raises(ForeignFile, match=f"{name} stands where a"):
        GeneratedFolder(tmp_path).write(FILES)

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "types.ts").mkdir()

    with pytest.raises(ForeignFile, match=r"types\.ts stands where a file should be"):
        GeneratedFolder(tmp_path).write(FILES)

    assert [path.name for path in tmp_path.iterdir()] == ["types.ts"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "api").write_text("mine")

    with pytest.raises(ForeignFile, match="api is not a folder"):
        GeneratedFolder(tmp_path / "api").write(FILES)
    with pytest.raises(ForeignFile, match="api is not a folder"):
        GeneratedFolder(tmp_path / "api").check(FILES)
