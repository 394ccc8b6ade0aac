"""Making a model's artefact when there is none."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lockstitch.errors import ConfigurationError, DataDirectoryRefused, DiskFull
from lockstitch.serving.artefact import (
    ArtefactFacts,
    Progress,
    newest_artefact,
    remove_unfinished,
    write_artefact,
)
from lockstitch.serving.model import Model

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

# numpy reports a full disk without an error number; with less than this left it is one.
_LEAST_FREE_BYTES = 1_048_576


def prepare_artefact(model: Model[Any, Any], folder: Path, progress: Progress) -> None:
    """Make the model's artefact in `folder`, unless there is one already.

    Several processes may call it at once: one works, the others wait for its artefact.

    Raises:
        BrokenArtefact: There is an artefact and it cannot be used.
        ConfigurationError: `prepare` did not return ArtefactFacts.
        DataDirectoryRefused: The folder may not be written.
        DiskFull: Nothing is half written; the same call works when there is space.
    """

    def fill(directory: Path) -> ArtefactFacts:
        facts = model.prepare(directory, progress)
        if not isinstance(facts, ArtefactFacts):
            raise ConfigurationError(
                f"{type(model).__qualname__}.prepare returned {type(facts).__name__}. "
                "Return ArtefactFacts(metrics=…, labels=…)."
            )
        return facts

    with _plain_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _exclusive(folder):
            remove_unfinished(folder)
            if newest_artefact(folder) is None:
                write_artefact(folder, model.name, fill)


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. The system releases it when the process ends, however it ends."""
    if os.name == "nt":
        yield  # No flock there; two preparations then make two equal artefacts.
        return
    import fcntl

    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _plain_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if _is_disk_full(error, folder):
            raise DiskFull(
                f"No space is left on the disk of {folder}. Free some space, or choose another "
                "place with --data, and start again."
            ) from error
        if isinstance(error, OSError) and error.errno in _NO_ACCESS and _is_inside(error, folder):
            raise DataDirectoryRefused(
                f"{error.filename} cannot be written: {error.strerror}. Choose another place "
                "with --data, or make it yours."
            ) from error
        raise


def _is_disk_full(error: BaseException | None, folder: Path) -> bool:
    causes = list(_causes(error))
    if any(isinstance(cause, OSError) and cause.errno in _NO_SPACE for cause in causes):
        return True
    if not any(isinstance(cause, OSError) for cause in causes) or not folder.is_dir():
        return False
    return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_inside(error: OSError, folder: Path) -> bool:
    place = Path(os.fsdecode(error.filename or "."))
    return folder.is_relative_to(place) or place.is_relative_to(folder)
