"""The catalogue of migrations is made once, and anew when one of them changes."""

from pathlib import Path

import pytest

from lockstitch.database.catalogue import kept
from lockstitch.database.catalogue.kept import FOLDER, catalogue_of_migrations
from lockstitch.errors import MigrationFailed


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "20260101000000_first.sql").write_text("create table one (id bigint primary key);")
    return folder


def test_a_catalogue_is_read_from_the_data_directory_the_second_time(
    migrations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = catalogue_of_migrations(migrations, tmp_path / "data")
    monkeypatch.delattr(kept, "EmbeddedPostgres")

    assert catalogue_of_migrations(migrations, tmp_path / "data") == first
    assert first.table("one") is not None
    assert first.table("one").columns[0].type.name == "int8"  # type: ignore[union-attr]


def test_a_changed_migration_makes_it_anew(migrations: Path, tmp_path: Path) -> None:
    catalogue_of_migrations(migrations, tmp_path / "data")
    (migrations / "20260101000000_first.sql").write_text("create table two (id int);")

    catalogue = catalogue_of_migrations(migrations, tmp_path / "data")

    assert (catalogue.table("one"), catalogue.table("two") is None) == (None, False)


def test_a_damaged_copy_is_made_anew(migrations: Path, tmp_path: Path) -> None:
    catalogue_of_migrations(migrations, tmp_path / "data")
    (copy,) = (tmp_path / "data" / FOLDER).iterdir()
    copy.write_text("{}")

    assert catalogue_of_migrations(migrations, tmp_path / "data").table("one") is not None


def test_a_migration_that_fails_keeps_nothing(migrations: Path, tmp_path: Path) -> None:
    (migrations / "20260102000000_second.sql").write_text("create table one ();")

    with pytest.raises(MigrationFailed, match="already exists"):
        catalogue_of_migrations(migrations, tmp_path / "data")

    assert not (tmp_path / "data" / FOLDER).exists()
