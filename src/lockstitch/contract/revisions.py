"""A contract document as git has it at some revision: `git:REF:path`."""

import subprocess
from pathlib import Path
from typing import Final

from lockstitch.errors import UnreadableDocument

PREFIX: Final = "git:"
GIT_SECONDS: Final = 30.0


def is_revision(source: str | Path) -> bool:
    """Whether the source names a file of a git revision."""
    return str(source).startswith(PREFIX)


def read_revision(source: str) -> str:
    """Return the text of `git:REF:path`; the path is relative to the current directory.

    Raises:
        UnreadableDocument: There is no such revision or file, or no repository.
    """
    reference, separator, path = source.removeprefix(PREFIX).partition(":")
    if not separator or not reference or not path or reference.startswith("-"):
        raise UnreadableDocument(f"{source} is not git:REF:path, such as git:main:openapi.json.")
    try:
        found = subprocess.run(
            ["git", "show", f"{reference}:{_from_here(path)}"],  # noqa: S607 - the git of this project
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnreadableDocument(f"{source} cannot be read: {error}") from error
    if found.returncode:
        words = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise UnreadableDocument(f"{source} cannot be read: {words}")
    return found.stdout.decode("utf-8-sig", errors="surrogateescape")


def _from_here(path: str) -> str:
    """Return the path as git takes it: without `./` it would count from the repository's root."""
    return path if path.startswith(("./", "../", "/")) else f"./{path}"
