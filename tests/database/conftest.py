"""Data directories of a test's own, without an initdb for each."""

import shutil
from pathlib import Path

import pytest

from lockstitch.database.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped data directory that the fixture `directory` copies."""
    directory = tmp_path_factory.mktemp("prepared") / "data"
    with EmbeddedPostgres(directory, durable=False):
        return directory


@pytest.fixture
def directory(prepared: Path, tmp_path: Path) -> Path:
    """A stopped data directory of the test's own, prepared and empty."""
    copy = tmp_path / "data"
    shutil.copytree(prepared, copy)
    return copy
