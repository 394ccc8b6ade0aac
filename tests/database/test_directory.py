import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from owners import PROGRAMS

from lockstitch.database.directory import DataDirectory, refuse_foreign_directory
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import DataDirectoryRefused

ANY_MAJOR = 18


def tree(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refused(directory: Path, reason: str) -> None:
    before = tree(directory)
    with pytest.raises(DataDirectoryRefused, match=reason) as caught:
        EmbeddedPostgres(directory).start()
    assert "--data" in str(caught.value)
    assert tree(directory) == before


def test_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    if os.geteuid() == 0:
        os.chown(directory, 1, 1)
        refused(directory, "belongs to daemon and this is root. Run as daemon")
    else:
        with pytest.raises(DataDirectoryRefused, match="belongs to root"):
            EmbeddedPostgres(Path("/usr")).start()


def test_folder_with_foreign_files_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "photographs"
    directory.mkdir()
    (directory / "beach.jpg").write_bytes(b"sand")
    refused(directory, "is not empty and was not made by Lockstitch: it holds beach.jpg")


def test_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    refused(tmp_path / "data", "is not a directory")


@pytest.mark.parametrize("name", [b"a\nb", b"a\rb", b"a\xffb"])
def test_name_that_postgres_cannot_work_with_is_refused(tmp_path: Path, name: bytes) -> None:
    directory = tmp_path / os.fsdecode(name)
    for refuse in (EmbeddedPostgres(directory).start, lambda: refuse_foreign_directory(directory)):
        with pytest.raises(DataDirectoryRefused, match="holds a line break or is not UTF-8"):
            refuse()
    assert not directory.exists()


def test_foreign_directory_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(DataDirectoryRefused, match="is not a directory"):
        refuse_foreign_directory(tmp_path / "file")
    foreign = tmp_path if os.geteuid() == 0 else Path("/usr")
    if os.geteuid() == 0:
        os.chown(tmp_path, 1, 1)
    with pytest.raises(DataDirectoryRefused, match=r"belongs to .* Run as "):
        refuse_foreign_directory(foreign)


def test_folder_with_other_files_or_none_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    refuse_foreign_directory(tmp_path)
    refuse_foreign_directory(tmp_path / "not" / "there")


def test_database_directory_is_no_place_for_another(directory: Path) -> None:
    for inside in (directory, directory / "cluster", directory / "new" / "deep"):
        with pytest.raises(DataDirectoryRefused, match=f"Give --data {directory.parent}.$"):
            refuse_foreign_directory(inside)
    refused(directory / "postgres", f"Give --data {directory.parent}.$")


def test_cluster_of_another_version_is_refused(directory: Path) -> None:
    (directory / "cluster" / "PG_VERSION").write_text("14\n")
    refused(directory, "was made by Postgres 14 and this is Postgres 18. Set PG_BINDIR")


def test_cluster_without_its_version_is_refused(directory: Path) -> None:
    (directory / "cluster" / "PG_VERSION").unlink()
    refused(directory, "is not a Postgres data directory")


def test_cluster_without_its_passwords_is_refused(directory: Path) -> None:
    (directory / "passwords").unlink()
    refused(directory, "passwords is missing, so nobody can log in")


def test_home_that_is_gone_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "passwords").write_text("*:*:*:*:secret\n")
    (directory / "location").write_text(str(tmp_path / "gone"))
    with pytest.raises(DataDirectoryRefused, match="gone, which holds the data of"):
        EmbeddedPostgres(directory).start()


def test_empty_directory_is_taken(tmp_path: Path) -> None:
    DataDirectory(tmp_path).refuse_unless_usable(ANY_MAJOR)


def test_refusal_disturbs_no_server_that_runs(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as server:
        version = directory / "cluster" / "PG_VERSION"
        version.write_text("14\n")
        with pytest.raises(DataDirectoryRefused):
            EmbeddedPostgres(directory).start()
        version.write_text("18\n")
        with EmbeddedPostgres(directory) as second:
            assert second.dsn() == server.dsn()


def test_lock_belongs_to_one_and_ends_with_it(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    lock = directory.take_lock()
    assert lock is not None
    assert directory.is_locked
    assert directory.take_lock() is None
    os.close(lock)
    assert not directory.is_locked


def test_drafts_of_a_killed_start_are_cleared(directory: Path) -> None:
    (directory / "new-workshop").mkdir()
    (directory / "new-workshop" / "password").write_text("secret")
    (directory / "new-running.json").write_text("{")
    with EmbeddedPostgres(directory, durable=False):
        assert not list(directory.glob("new-*"))


def run_with_mounts(program: str, directory: Path) -> str:
    """Run a program that may mount, in name spaces of its own."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False).returncode:
        pytest.skip("this machine refuses the name spaces in which a test may mount a disk")
    answer = subprocess.run(
        [*prefix, sys.executable, PROGRAMS / program, directory],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return answer.stdout


def test_full_disk_is_survived(tmp_path: Path) -> None:
    *starts, insert, rows, full, again = run_with_mounts("full_disk.py", tmp_path).splitlines()
    assert len(starts) == 4
    for start in starts:
        assert start.startswith("start: DiskFull No space is left on the disk of")
        assert start.endswith("left: ['lock', 'postgres.log']")
    assert insert.startswith("insert: The database has no space left on its disk.")
    assert rows == "rows: (1,)"
    assert full.startswith("full: DiskFull No space is left on the disk of")
    assert again == "again: (1,)"


def test_read_only_disk_is_refused(tmp_path: Path) -> None:
    answer = run_with_mounts("read_only_disk.py", tmp_path)
    assert answer.startswith("DataDirectoryRefused")
    assert "read-only file system" in answer
