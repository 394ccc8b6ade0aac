"""An artefact: the files that a model loads, with their checksums, never half written."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from lockstitch.errors import BrokenArtefact

MANIFEST = "artefact.json"

_UNFINISHED = ".preparing-"

Metrics = dict[str, int | Annotated[float, Field(allow_inf_nan=False)]]


class Progress(Protocol):
    """How a long task says how far it is."""

    def __call__(self, done: float, step: str) -> None:
        """Take the part that is done, 0 to 1, and what happens now in a few words."""


class ArtefactFacts(BaseModel):
    """What `prepare` tells about the files that it wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: Metrics = {}
    labels: tuple[str, ...] | None = None


class ArtefactFile(BaseModel):
    """One file of an artefact. The name is relative, with forward slashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size_bytes: int
    sha256: str


class Environment(BaseModel):
    """What the files were made with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    python: str
    packages: dict[str, str]


class Artefact(BaseModel):
    """A folder of files and what is known about them, as `artefact.json` records it.

    `digest` is the sha256 over the names and checksums of the files: equal files have equal
    digests wherever and whenever they were made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path = Field(exclude=True)
    model: str
    created_at: AwareDatetime
    digest: str
    metrics: Metrics = {}
    labels: tuple[str, ...] | None = None
    files: tuple[ArtefactFile, ...] = ()
    environment: Environment


def write_artefact(folder: Path, model: str, fill: Callable[[Path], ArtefactFacts]) -> Artefact:
    """Make the newest artefact of a model.

    The files are written into a hidden sibling, flushed to the disk and renamed, so that a
    crash at any moment leaves either the whole artefact or none.

    Args:
        folder: The folder of this model's artefacts; it must exist.
        model: The model's name.
        fill: Writes the files into the folder that it gets.

    Raises:
        BrokenArtefact: The files hold a link or a file called `artefact.json`.
    """
    with _unfinished_folder(folder) as unfinished:
        facts = fill(unfinished)
        files = tuple(_describe(unfinished, path) for path in _regular_files(unfinished))
        created_at = datetime.now(UTC)
        artefact = Artefact(
            directory=folder / f"{created_at:%Y%m%dT%H%M%S.%fZ}",
            model=model,
            created_at=created_at,
            digest=_digest(files),
            metrics=facts.metrics,
            labels=facts.labels,
            files=files,
            environment=_environment(),
        )
        (unfinished / MANIFEST).write_text(artefact.model_dump_json(indent=2) + "\n")
        _flush_to_disk(unfinished)
        unfinished.rename(artefact.directory)
        _flush_folder(folder)
    return artefact


def newest_artefact(folder: Path) -> Artefact | None:
    """Return the newest artefact in a model's folder, or None when there is none.

    The files are not read; `verify` does that.

    Raises:
        BrokenArtefact: The newest one has no readable `artefact.json`.
    """
    if not folder.is_dir():
        return None
    names = sorted(path.name for path in folder.iterdir() if _is_finished(path))
    return read_manifest(folder / names[-1]) if names else None


def read_manifest(directory: Path) -> Artefact:
    """Read what `artefact.json` records.

    Raises:
        BrokenArtefact: The file is missing, damaged, or of another form.
    """
    try:
        recorded = json.loads((directory / MANIFEST).read_bytes())
        return Artefact.model_validate({**recorded, "directory": directory})
    except FileNotFoundError:
        raise broken(directory, f"{MANIFEST} is missing") from None
    except OSError as error:
        raise broken(directory, f"{MANIFEST} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, ValidationError):
        raise broken(directory, f"{MANIFEST} is damaged") from None


def verify(artefact: Artefact, model: str) -> None:
    """Compare every file with its recorded size and sha256.

    Raises:
        BrokenArtefact: Something is missing, damaged, or of another model.
    """
    directory = artefact.directory
    if artefact.model != model:
        raise broken(directory, f"it belongs to the model {artefact.model!r}, not {model!r}")
    if artefact.digest != _digest(artefact.files):
        raise broken(directory, f"{MANIFEST} was changed")
    for recorded in artefact.files:
        try:
            found = _describe(directory, directory / recorded.name)
        except FileNotFoundError:
            raise broken(directory, f"{recorded.name} is missing") from None
        except OSError as error:
            raise broken(directory, f"{recorded.name}: {error.strerror}") from None
        if found.size_bytes != recorded.size_bytes:
            reason = f"has {found.size_bytes} bytes instead of {recorded.size_bytes}"
            raise broken(directory, f"{recorded.name} {reason}")
        if found.sha256 != recorded.sha256:
            raise broken(directory, f"{recorded.name} was changed")


def broken(directory: Path, reason: str) -> BrokenArtefact:
    """Return the error that names the folder, what is wrong, and the next step."""
    return BrokenArtefact(
        f"The artefact {directory} cannot be used: {reason}. "
        "Restore it, or delete the folder and start again to make a new one."
    )


def beside(source: Path, model: str, digest: str) -> Artefact:
    """Return what a model without `prepare` loads from: the folder of its source file."""
    return Artefact(
        directory=source.parent,
        model=model,
        created_at=datetime.fromtimestamp(source.stat().st_mtime, UTC),
        digest=digest,
        environment=_environment(),
    )


@contextmanager
def _unfinished_folder(folder: Path) -> Iterator[Path]:
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    try:
        yield unfinished
    finally:
        # After the rename there is nothing left to remove.
        shutil.rmtree(unfinished, ignore_errors=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process left. Only the holder of the folder's lock may call it."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def _is_finished(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _regular_files(directory: Path) -> list[Path]:
    paths = sorted(directory.rglob("*"))
    for path in paths:
        if path.is_symlink():
            raise broken(directory, f"{path.name} is a link; prepare must write the file itself")
    if directory / MANIFEST in paths:
        raise broken(directory, f"prepare must not write a file called {MANIFEST}")
    return [path for path in paths if path.is_file()]


def _describe(directory: Path, path: Path) -> ArtefactFile:
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = os.fstat(file.fileno()).st_size
    name = path.relative_to(directory).as_posix()
    return ArtefactFile(name=name, size_bytes=size_bytes, sha256=checksum)


def _digest(files: tuple[ArtefactFile, ...]) -> str:
    lines = sorted(f"{file.sha256}  {file.name}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _environment() -> Environment:
    """Name the installed packages that this process has imported."""
    homes = packages_distributions()
    imported = {name.partition(".")[0] for name in sys.modules}
    distributions = sorted({home for name in imported for home in homes.get(name, ())})
    return Environment(
        python=".".join(map(str, sys.version_info[:3])),
        packages={name: version(name) for name in distributions},
    )


def _flush_to_disk(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_dir():
            _flush_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _flush_folder(directory)


def _flush_folder(directory: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders, and its rename is journalled.
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
