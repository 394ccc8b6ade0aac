"""The catalogue that a project's migrations make, built once and kept until they change."""

import hashlib
import tempfile
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from lockstitch.database.binaries import find_binaries
from lockstitch.database.catalogue import data, queries, reading
from lockstitch.database.catalogue.data import Catalogue
from lockstitch.database.catalogue.reading import read_catalogue
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations, read_migrations

# In the data directory, beside the embedded database.
FOLDER = "catalogues"

# So many, since branches of a project have different migrations.
_KEPT = 8


def catalogue_of_migrations(migrations: Path, data_directory: Path) -> Catalogue:
    """Return the catalogue of an empty database with these migrations.

    The first time, and after each change of a migration, they are applied to a throw-away
    Postgres; later the catalogue is read from the data directory.

    Raises:
        MigrationFailed: A migration cannot be applied.
        DatabaseUnavailable: Postgres does not start.
    """
    kept = data_directory / FOLDER / f"{_digest(migrations)}.json"
    with suppress(OSError, ValidationError):
        return Catalogue.model_validate_json(kept.read_bytes())
    with (
        tempfile.TemporaryDirectory(prefix="lockstitch-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server,
    ):
        apply_migrations(server.dsn("postgres"), migrations)
        catalogue = read_catalogue(server.dsn("postgres"))
    # Where nothing can be kept, the next check takes a few seconds again.
    with suppress(OSError):
        _keep(kept, catalogue)
    return catalogue


def _keep(path: Path, catalogue: Catalogue) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        draft.write(catalogue.model_dump_json().encode())
    Path(draft.name).replace(path)
    newest_first = sorted(path.parent.glob("*.json"), key=lambda one: -one.stat().st_mtime)
    for old in newest_first[_KEPT:]:
        old.unlink(missing_ok=True)


def _digest(migrations: Path) -> str:
    """Return a digest of everything that the catalogue is made from and by."""
    digest = hashlib.sha256(find_binaries().version.encode())
    prelude = files("lockstitch.database") / "sql" / "prelude"
    sources = [Path(module.__file__ or "").read_bytes() for module in (data, queries, reading)]
    sources += [part.read_bytes() for part in sorted(prelude.iterdir(), key=lambda one: one.name)]
    for migration in read_migrations(migrations):
        sources += [migration.path.name.encode(), migration.path.read_bytes()]
    for source in sources:
        digest.update(hashlib.sha256(source).digest())
    return digest.hexdigest()[:32]
