"""An application, described by a process of its own.

An import cannot be undone, so that each state of an application's files gets a fresh process. A
text may stand for what a file holds: this is how a fix is tried before it is written.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic import BaseModel, Field

from lockstitch.errors import ConfigurationError
from lockstitch.guard.sources.places import ApplicationSources

IMPORT_SECONDS: Final = 120.0
_PROGRAM: Final = "lockstitch.guard.sources.program"


class DescriptionRequest(BaseModel):
    """What a fresh process describes."""

    application: str
    folder: Path
    texts: dict[str, str] = Field(default_factory=dict)


class Description(BaseModel):
    """What an application says of itself, and where its parts stand.

    `files` are the Python files of its folder that it has imported, `main` is that of its module.
    """

    document: dict[str, Any] = Field(default_factory=dict)
    sources: ApplicationSources = ApplicationSources()
    files: tuple[str, ...] = ()
    main: str | None = None
    failure: str | None = None


def describe(application: str, folder: Path, texts: Mapping[str, str] | None = None) -> Description:
    """Import `module:attribute` in a fresh process and return its description.

    Args:
        application: The application, as `module:attribute`.
        folder: The project's folder, from which is imported.
        texts: Texts that stand for what files of the folder hold, by their relative names.

    Raises:
        ConfigurationError: The application cannot be imported.
    """
    with TemporaryDirectory(prefix="lockstitch-") as scratch:
        question, answer = Path(scratch) / "question.json", Path(scratch) / "answer.json"
        request = DescriptionRequest(application=application, folder=folder, texts=texts or {})
        question.write_text(request.model_dump_json(), encoding="utf-8")
        _run(application, question, answer)
        found = Description.model_validate_json(answer.read_bytes())
    if found.failure is not None:
        raise ConfigurationError(found.failure)
    return found


def _run(application: str, question: Path, answer: Path) -> None:
    command = [sys.executable, "-m", _PROGRAM, str(question), str(answer)]
    # Whatever can be imported here can be imported there.
    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        run = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(
            f"{application} was not imported within {IMPORT_SECONDS:g} s."
        ) from None
    if not answer.exists():
        last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ConfigurationError(f"{application} ended its process while it was imported: {last}")
