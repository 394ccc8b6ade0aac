"""Patches are written as git reads them, and applied whole or not at all."""

import subprocess
from pathlib import Path

import pytest

from lockstitch.errors import PatchRefused
from lockstitch.guard.fixes.patches import apply_patch, make_patch

BEFORE = {
    "app.py": "".join(f"line {number}\n" for number in range(40)),
    "deep/models.py": "a = 1\n\x0c\nb = '\u2028'\r\nlast",
    "same.py": "x\n",
}
AFTER = {
    "app.py": BEFORE["app.py"].replace("line 3\n", "line three\n").replace("line 30\n", ""),
    "deep/models.py": BEFORE["deep/models.py"].replace("a = 1\n", "a = 2\n") + " line",
    "same.py": "x\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())


def read(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_bytes().decode() for name in BEFORE}


def test_a_patch_makes_the_one_text_into_the_other(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)

    assert apply_patch(make_patch(BEFORE, AFTER), tmp_path) == ("app.py", "deep/models.py")
    assert read(tmp_path) == AFTER


def test_git_applies_the_patch_alike(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    patch = make_patch(BEFORE, AFTER).encode()

    subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, check=True)

    assert read(tmp_path) == AFTER


def test_lines_are_added_to_an_empty_file_and_at_the_end(tmp_path: Path) -> None:
    before, after = {"a.py": "", "b.py": "x\n"}, {"a.py": "y\n", "b.py": "x\n-- a\n++ b\n"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)

    apply_patch(make_patch(before, after), tmp_path)

    assert {name: (tmp_path / name).read_text() for name in after} == after


@pytest.mark.parametrize("name", ["app.py", "deep/models.py"])
def test_a_changed_file_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    changed = {**BEFORE, name: "another first line\n" + BEFORE[name]}
    write(tmp_path, changed)

    with pytest.raises(PatchRefused, match=rf"{name} is not what the fix was made for"):
        apply_patch(make_patch(BEFORE, AFTER), tmp_path)

    assert read(tmp_path) == changed


def test_a_missing_file_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    (tmp_path / "deep" / "models.py").unlink()

    with pytest.raises(PatchRefused, match=r"deep/models\.py cannot be read"):
        apply_patch(make_patch(BEFORE, AFTER), tmp_path)

    assert (tmp_path / "app.py").read_text() == BEFORE["app.py"]


def test_a_file_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("a\n")
    (tmp_path / "project").mkdir()
    patch = make_patch({"../outside.py": "a\n"}, {"../outside.py": "b\n"})

    with pytest.raises(PatchRefused, match="lies outside"):
        apply_patch(patch, tmp_path / "project")

    assert (tmp_path / "outside.py").read_text() == "a\n"


def test_what_was_written_goes_back_when_a_later_file_fails(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    # The scratch file of the second one cannot be made: a folder stands in its place.
    (tmp_path / "deep" / ".models.py.lockstitch").mkdir()

    with pytest.raises(PatchRefused, match="cannot be written"):
        apply_patch(make_patch(BEFORE, AFTER), tmp_path)

    assert read(tmp_path) == BEFORE


def test_a_file_keeps_its_rights(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    (tmp_path / "app.py").chmod(0o750)

    apply_patch(make_patch(BEFORE, AFTER), tmp_path)

    assert (tmp_path / "app.py").stat().st_mode & 0o777 == 0o750
