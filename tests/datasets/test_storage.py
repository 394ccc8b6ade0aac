"""Files that are whole or not there, and which of them a dead process left behind."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from lockstitch.datasets.storage import DatasetStorage

DIES_WHILE_IT_WRITES = """
import os, sys
from pathlib import Path
from lockstitch.datasets.storage import DatasetStorage
storage = DatasetStorage(Path(sys.argv[1]))
storage.receive("unfinished.csv").write(b"a,b")
kept = storage.receive("kept.csv")
kept.keep_as(storage.path(sys.argv[2]))
os.kill(os.getpid(), 9)
"""


def files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_kept_file_has_its_place_its_size_and_its_digest(tmp_path: Path) -> None:
    storage = DatasetStorage(tmp_path)
    name = f"{uuid4()}/{uuid4()}"

    file = storage.receive("a.csv")
    file.write(b"a,b\n")
    file.write(b"1,2\n")
    file.keep_as(storage.path(name))
    file.close()

    assert storage.path(name).read_bytes() == b"a,b\n1,2\n"
    assert (file.size_bytes, file.digest) == (8, sha256(b"a,b\n1,2\n").hexdigest())
    storage.remove(name)
    storage.remove(name)
    assert files(tmp_path) == set()


def test_a_file_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    file = DatasetStorage(tmp_path).receive("a.csv")
    file.write(b"a")
    file.close()

    assert files(tmp_path) == set()


def test_a_sweep_takes_the_files_of_the_dead_and_leaves_those_of_the_living(tmp_path: Path) -> None:
    storage = DatasetStorage(tmp_path)
    organisation = uuid4()
    dead, living = f"{organisation}/{uuid4()}", f"{organisation}/{uuid4()}"
    writing, kept = storage.receive("writing.csv"), storage.receive("kept.csv")
    kept.keep_as(storage.path(living))
    killed = subprocess.run(
        [sys.executable, "-c", DIES_WHILE_IT_WRITES, str(tmp_path), dead], env=dict(os.environ)
    )
    assert killed.returncode == -9
    assert len(files(tmp_path)) == 4

    storage.sweep_incoming()
    assert list(storage.abandoned(organisation)) == [[dead]]
    kept.close()

    assert storage.organisations() == [organisation]
    assert files(tmp_path) == {str(writing.path.relative_to(tmp_path)), dead, living}
    writing.close()
