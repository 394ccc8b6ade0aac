"""Contracts as git has them."""

import json
import subprocess
from pathlib import Path

import pytest
from pairs import contract

from lockstitch.contract.sources import read_source
from lockstitch.errors import UnreadableDocument


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "openapi.json").write_text(json.dumps(contract()))
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "First")
    (tmp_path / "api" / "openapi.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_revision_is_read_as_it_was_committed(repository: Path) -> None:
    assert read_source("git:main:api/openapi.json") == contract()
    assert read_source(repository / "api" / "openapi.json") == {}


def test_the_path_counts_from_where_one_stands(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "api")

    assert read_source("git:HEAD:openapi.json") == contract()
    assert read_source("git:HEAD:../api/openapi.json") == contract()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("git:HEAD:nowhere.json", "cannot be read"),
        ("git:no-such-branch:api/openapi.json", "cannot be read"),
        ("git:HEAD", "is not git:REF:path"),
        ("git:--output=x:api/openapi.json", "is not git:REF:path"),
    ],
)
def test_what_git_does_not_have_is_told(repository: Path, source: str, message: str) -> None:
    with pytest.raises(UnreadableDocument, match=message):
        read_source(source)
    assert [path.name for path in repository.iterdir() if path.name == "x"] == []
