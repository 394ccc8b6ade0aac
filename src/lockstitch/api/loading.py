"""Finding the application that `module:attribute` names."""

import importlib
import re
import sys
import traceback
from pathlib import Path

from fastapi import FastAPI

from lockstitch.api.application import find_lockstitch
from lockstitch.errors import ConfigurationError, LockstitchError
from lockstitch.settings import find_project

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?")


def load_application(name: str) -> FastAPI:
    """Import and return the application that `module:attribute` names, which uses Lockstitch.

    Raises:
        ConfigurationError: There is no such module or attribute, or it does not use Lockstitch.
    """
    application = import_application(name)
    find_lockstitch(application)
    return application


def import_application(name: str) -> FastAPI:
    """Import and return any FastAPI application, as `module:attribute` names it.

    Modules are looked for first in the project's folder, the nearest one upwards with
    `[tool.lockstitch]`, and then in the folder in which the command was given.

    Raises:
        ConfigurationError: There is no such module or attribute, or it cannot be imported.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} names no application. Write module:attribute, such as app:app."
        )
    module_name, _, attribute = name.partition(":")
    here = Path.cwd()
    folders = [str(folder) for folder in dict.fromkeys((find_project(here), here))]
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and not module_name.startswith(error.name):
            raise ConfigurationError(
                f"{module_name} needs the package {error.name!r}. Install it and start again."
            ) from None
        raise ConfigurationError(
            f"There is no module {module_name!r} in {' or '.join(folders)}. "
            f"{_next_step(module_name, find_project(here))}"
        ) from None
    except LockstitchError:
        raise
    except (Exception, SystemExit) as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        raise ConfigurationError(
            f"{module_name} cannot be imported: {type(error).__name__}: {error} "
            f"({frame.filename}, line {frame.lineno})."
        ) from error
    application = getattr(module, attribute or "app", None)
    if not isinstance(application, FastAPI):
        raise ConfigurationError(f"{name} is not a FastAPI application.")
    return application


def _next_step(module_name: str, project: Path) -> str:
    """Say how a module is found that stands in a folder of its own, such as `backend`."""
    inner = Path(*module_name.split("."))
    for folder in sorted(path for path in project.iterdir() if path.is_dir()):
        if (folder / inner).is_dir() or (folder / inner).with_suffix(".py").is_file():
            return f"{folder.name} has one: set PYTHONPATH={folder}."
    return "Set LOCKSTITCH_APPLICATION, or `application` in [tool.lockstitch], to module:attribute."
