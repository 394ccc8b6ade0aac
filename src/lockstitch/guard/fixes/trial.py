"""Trying a fix: the application is imported from texts that are not written yet."""

from collections.abc import Mapping
from pathlib import Path

from lockstitch.contract.document import Document
from lockstitch.contract.reading import read_document
from lockstitch.errors import LockstitchError
from lockstitch.guard.fixes.proposing import Trial
from lockstitch.guard.sources import describe


def trial_of(application: str, folder: Path) -> Trial:
    """Return what tries texts for the files of an application, in a fresh process each time."""

    def tried(texts: Mapping[str, str]) -> Document | None:
        try:
            return read_document(describe(application, folder, texts).document)
        except LockstitchError:
            return None

    return tried
