"""The file of a dump: a ZIP that appears whole under its name, or not at all."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final
from zlib import error as ZlibError  # noqa: N812 - the library calls it so.

from pydantic import AwareDatetime, BaseModel, ValidationError

from lockstitch.database.dump.contents import Contents
from lockstitch.errors import DumpFailed, RestoreFailed

FORMAT: Final = 1
PROJECT: Final = "project.pgdump"
ROWS: Final = "rows.pgdump"
FILES: Final = "files/"
_MANIFEST: Final = "dump.json"


class Manifest(BaseModel):
    """What a dump says of itself.

    Attributes:
        format: The version of the form of the file.
        made_at: The moment of the snapshot.
        postgres: The version of the server.
        contents: What belongs to the project.
        files: The names of the datasets' files that are in it.
        lost: The names of those that were not on the disk.
    """

    format: int = FORMAT
    made_at: AwareDatetime
    postgres: str
    contents: Contents
    files: list[str]
    lost: list[str]


class Draft:
    """A dump that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def entry(self, name: str) -> Iterator[IO[bytes]]:
        """Yield the file into which one part is written; it is compressed already."""
        with self._archive.open(name, "w", force_zip64=True) as target:
            yield target

    def add_file(self, name: str, source: Path) -> None:
        """Add a dataset's file, compressed.

        Raises:
            FileNotFoundError: It is gone.
        """
        with source.open("rb") as file:
            info = zipfile.ZipInfo(FILES + name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with self._archive.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(file, target)

    def describe(self, manifest: Manifest) -> None:
        """Add what the dump says of itself; nothing can be restored without it."""
        self._archive.writestr(_MANIFEST, manifest.model_dump_json())


@contextmanager
def new_archive(path: Path) -> Iterator[Draft]:
    """Yield a draft that gets its name when the block is through.

    Raises:
        DumpFailed: A file of that name is there already, or none can be written.
    """
    if path.exists():
        raise DumpFailed(f"{path} exists already. Choose another name, or move it away.")
    try:
        # Readable by its owner alone: it holds what people wrote and how they sign in.
        with _partial(path) as partial, partial.open("r+b") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield Draft(archive)
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
            sync(path.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DumpFailed(f"{path} cannot be written: {reason}.") from None


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, safe from a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Yield a file beside the one that it will be, and remove it unless it was renamed."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


class Archive:
    """A dump that was read and found whole."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def parts(self) -> list[str]:
        """The archives of pg_dump in the order in which they are restored."""
        names = self._archive.namelist()
        return [name for name in (ROWS, PROJECT) if name in names]

    def extract(self, name: str, target: Path) -> None:
        """Write one part into a file."""
        with self._archive.open(name) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Read a dump from its first to its last byte, then yield it.

    Raises:
        RestoreFailed: It is no dump, is damaged, or was made by a newer Lockstitch.
    """
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            damaged = archive.testzip()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise RestoreFailed(f"{path} cannot be read: {reason}.") from None
        except (zipfile.BadZipFile, EOFError, ZlibError, NotImplementedError):
            raise RestoreFailed(
                f"{path} is no dump, or not a whole one. Give a file that `lockstitch db dump` "
                "made."
            ) from None
        if damaged is not None:
            raise RestoreFailed(f"{path} is damaged: {damaged} is not as it was written.")
        yield Archive(archive, _manifest(path, archive))


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(archive.read(_MANIFEST))
    except (KeyError, ValidationError):
        raise RestoreFailed(
            f"{path} is a ZIP file and no dump of this Lockstitch. Give a file that "
            "`lockstitch db dump` made, or restore with the version that made it."
        ) from None
    if manifest.format != FORMAT:
        raise RestoreFailed(
            f"{path} has the form {manifest.format} and this Lockstitch reads {FORMAT}. Restore "
            "with the version that made it."
        )
    return manifest
