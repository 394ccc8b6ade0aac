"""Which sources of a project are worth a look, parsed."""

import ast
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lockstitch.audit.python import Backend, Module
from lockstitch.audit.typescript import Front, Script
from lockstitch.audit.worth import is_worth_parsing
from lockstitch.contract.syntax import SUFFIXES, parse, read_text, source_files

_PYTHON: Final = frozenset({".py"})


@dataclass(frozen=True, slots=True)
class Sources:
    """The parsed sources, and how many files were looked at."""

    front: Front
    backend: Backend
    files: int


def read_sources(path: Path) -> Sources:
    """Parse the sources of a folder, or one file.

    A file that cannot be decoded or parsed as Python is left out: whoever runs it sees why.
    """
    folder = path if path.is_dir() else path.parent
    files = list(source_files(path, SUFFIXES | _PYTHON)) if path.is_dir() else [path]
    scripts: dict[str, Script] = {}
    modules: dict[str, Module] = {}
    for file in files:
        text = read_text(file)
        name = file.relative_to(folder).as_posix()
        if text is None:
            continue
        if file.suffix not in _PYTHON:
            scripts[name] = Script(parse(name, text))
        elif is_worth_parsing(text) and (module := _module(name, text)) is not None:
            modules[name] = module
    return Sources(Front(scripts), Backend(modules), len(files))


def _module(name: str, text: bytes) -> Module | None:
    try:
        decoded = text.decode("utf-8-sig")
        with warnings.catch_warnings():
            # An invalid escape in a foreign file is not ours to tell.
            warnings.simplefilter("ignore")
            return Module(name, decoded, ast.parse(decoded))
    except (SyntaxError, ValueError, RecursionError):
        return None
