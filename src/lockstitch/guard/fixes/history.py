"""The source of the base: what the files of the project were before."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lockstitch.contract.revisions import PREFIX, is_revision
from lockstitch.contract.sources import is_url

GIT_SECONDS: Final = 30.0


def texts_of_base(source: str, folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return what files of the project held when the base was its contract, as far as git knows.

    The base is `git:REF:path`, or a committed document: then it is the commit that wrote it last,
    as the contract and the source are committed together.

    Args:
        source: The base as the verb was given it.
        folder: The project's folder.
        names: Files of the project, relative to the folder.
    """
    if is_url(source):
        return {}
    reference = _reference(source) if is_revision(source) else _last_commit(Path(source))
    if reference is None:
        return {}
    found = {name: _git(folder, "show", f"{reference}:./{name}") for name in names}
    return {name: text for name, text in found.items() if text is not None}


def _reference(source: str) -> str | None:
    reference = source.removeprefix(PREFIX).partition(":")[0]
    return reference if reference and not reference.startswith("-") else None


def _last_commit(document: Path) -> str | None:
    """Return the commit that wrote the document as it is now, or None if it is not committed."""
    if not document.is_file():
        return None
    folder, name = document.resolve().parent, document.name
    if _git(folder, "status", "--porcelain", "--", name) != "":
        return None
    return (_git(folder, "log", "-1", "--format=%H", "--", name) or "").strip() or None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git of this project
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
        )
        return run.stdout.decode() if run.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
