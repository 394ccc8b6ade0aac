"""Which sources of a project are worth a look."""

import ast
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lockstitch.audit.python import Backend, Module
from lockstitch.audit.typescript import Front
from lockstitch.audit.worth import is_worth_parsing
from lockstitch.contract.usage.front_end import (
    SKIPPED_FOLDERS,
    SUFFIXES,
    FrontEnd,
    Source,
    read_front_end,
)

_PYTHON: Final = ".py"
_INSTALLED: Final = SKIPPED_FOLDERS | {"site-packages", "htmlcov"}
_MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of both languages, and how many files were looked at."""

    front: Front
    backend: Backend
    files: int


def read_sources(path: Path) -> Sources:
    """Read the sources of a folder, or one file.

    A file that is no valid Python is left out: whoever runs it sees why.
    """
    folder = path if path.is_dir() else path.parent
    files = list(_python_files(path)) if path.is_dir() else [path]
    modules: dict[str, Module] = {}
    python = [file for file in files if file.suffix == _PYTHON]
    for file in python:
        text = file.read_bytes()
        if len(text) <= _MAX_BYTES and is_worth_parsing(text):
            module = _module(file.relative_to(folder).as_posix(), text)
            if module is not None:
                modules[module.path] = module
    front_end = read_front_end(path) if path.is_dir() else _one_file(path)
    return Sources(Front(front_end), Backend(modules), len(python) + len(front_end.sources))


def _python_files(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _INSTALLED and not name.startswith(".")
        )
        for name in sorted(names):
            if name.endswith(_PYTHON) and not Path(directory, name).is_symlink():
                yield Path(directory, name)


def _one_file(path: Path) -> FrontEnd:
    is_script = path.name.endswith(SUFFIXES)
    sources = {path.name: Source(path.name, path.read_bytes())} if is_script else {}
    return FrontEnd(path.parent, sources)


def _module(name: str, text: bytes) -> Module | None:
    try:
        decoded = text.decode("utf-8-sig")
        with warnings.catch_warnings():
            # An invalid escape in a foreign file is not ours to tell.
            warnings.simplefilter("ignore")
            return Module(name, decoded, ast.parse(decoded))
    except (SyntaxError, ValueError, RecursionError):
        return None
