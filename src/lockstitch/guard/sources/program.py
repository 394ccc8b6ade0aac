"""The program of the fresh process: import an application, write its description to a file."""

import importlib
import sys
import traceback
from collections.abc import Mapping
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from lockstitch.guard.sources.fresh import Description, DescriptionRequest
from lockstitch.guard.sources.reading import SourceReader, own_file, own_files


def main(question: Path, answer: Path) -> None:
    """Describe the application that the question names."""
    request = DescriptionRequest.model_validate_json(question.read_bytes())
    sys.path.insert(0, str(request.folder))
    substitute(request.folder, request.texts)
    try:
        app = _imported(request.application)
        reader = SourceReader(request.folder, request.texts)
        description = Description(
            document=app.openapi(),
            sources=reader.read(app),
            files=own_files(request.folder),
            main=own_file(request.application.partition(":")[0], request.folder),
        )
    except Exception as error:  # noqa: BLE001 - the application's own code may raise anything
        description = Description(failure=_failure(request.application, error))
    answer.write_text(description.model_dump_json(), encoding="utf-8")


def substitute(folder: Path, texts: Mapping[str, str]) -> None:
    """Let imports of some files of a folder see other texts than the files hold."""
    stand_ins = {(folder / name).resolve(): text.encode() for name, text in texts.items()}

    class StandInLoader(SourceFileLoader):
        def get_data(self, path: str) -> bytes:
            text = stand_ins.get(Path(path).resolve())
            return super().get_data(path) if text is None else text

        def path_stats(self, path: str) -> Mapping[str, Any]:
            # Without a time of change there is no bytecode of the file to be taken instead.
            if Path(path).resolve() in stand_ins:
                raise OSError(f"{path} is not what is imported")
            return super().path_stats(path)

    loaders = (
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (StandInLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )
    sys.path_hooks.insert(0, FileFinder.path_hook(*loaders))
    sys.path_importer_cache.clear()


def _imported(application: str) -> FastAPI:
    module_name, _, attribute = application.partition(":")
    found: Any = importlib.import_module(module_name)
    for name in (attribute or "app").split("."):
        found = getattr(found, name)
    if not isinstance(found, FastAPI):
        raise TypeError(f"{application} is not a FastAPI application")
    return found


def _failure(application: str, error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{application} cannot be imported: {type(error).__name__}: {error} "
        f"({frame.filename}, line {frame.lineno})."
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
