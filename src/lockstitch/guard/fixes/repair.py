"""A difference with what only the application knows: the lines of its source, and its fixes."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lockstitch.contract.difference import Change, Difference, Policy
from lockstitch.contract.difference.reading import read_what_can_be
from lockstitch.findings import Place
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.history import texts_of_base
from lockstitch.guard.fixes.proposing import Fix, Proposed, propose
from lockstitch.guard.fixes.trial import trial_of
from lockstitch.guard.sources import Description, describe
from lockstitch.guard.sources.locating import place_of


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder, and its folder of SQL migrations, whether that is there or not."""

    folder: Path
    migrations: Path


@dataclass(frozen=True, slots=True)
class Side:
    """One of two contracts: as the verb was given it, parsed, and described if an application."""

    source: str
    document: Mapping[str, Any]
    described: Description | None = None

    @classmethod
    def of_application(cls, application: str, folder: Path) -> "Side":
        """Import an application in a fresh process.

        Raises:
            ConfigurationError: It cannot be imported.
        """
        described = describe(application, folder)
        return cls(application, described.document, described)


def with_lines(difference: Difference, base: Side, revision: Side) -> Difference:
    """Return the difference with the line of each change, where a side is an application."""
    known = [
        (read_what_can_be(side.document)[0], side.described.sources)
        for side in (revision, base)
        if side.described is not None
    ]
    changes = []
    for change in difference.changes:
        places = (place_of(change, document, sources) for document, sources in known)
        place = next(filter(None, places), None)
        changes.append(change if place is None else _placed(change, place))
    return Difference.of(changes, difference.version)


def _placed(change: Change, place: Place) -> Change:
    related = (*change.related, place)
    return change.model_copy(update={"source": place, "related": related})


def with_fixes(
    difference: Difference,
    base: Side,
    revision: Side,
    policy: Policy,
    project: Project,
) -> tuple[Difference, Proposed]:
    """Return the difference with the fixes of what breaks, and the fixes themselves.

    Nothing is proposed unless the revision is an application.

    Args:
        difference: What differs between the sides.
        base: What clients rely on.
        revision: The application.
        policy: How the difference was judged.
        project: Where the application is imported from.
    """
    described = revision.described
    if described is None or not difference.breaking:
        return difference, Proposed()
    folder = project.folder
    texts = _texts(folder, {name: name for name in described.files})
    case = Case(
        base=read_what_can_be(base.document)[0],
        revision=read_what_can_be(revision.document)[0],
        sources=described.sources,
        texts=texts,
        base_texts=_base_texts(base, described, folder),
        policy=policy,
        migrations=_inside(project.migrations, folder),
        migration_names=tuple(sorted(path.name for path in project.migrations.glob("*.sql"))),
    )
    proposed = propose(case, difference, trial_of(revision.source, folder))
    changes = [_fixed(one, proposed.fixes.get(one.fingerprint)) for one in difference.changes]
    return Difference.of(changes, difference.version), proposed


def _inside(path: Path, folder: Path) -> str | None:
    """Return the name of a folder within another, or None when it is not there."""
    place, home = path.resolve(), folder.resolve()
    if not place.is_dir() or not place.is_relative_to(home):
        return None
    return place.relative_to(home).as_posix()


def _fixed(change: Change, fix: Fix | None) -> Change:
    if fix is None:
        return change
    words = f"{fix.explanation} `--apply-fix` writes it."
    return change.model_copy(update={"patch": fix, "fix": words})


def _base_texts(base: Side, revision: Description, folder: Path) -> Mapping[str, str]:
    """Return what the files of the revision were in the base, under their names of now."""
    if base.described is None:
        return texts_of_base(base.source, folder, revision.files)
    named = {now: _counterpart(now, revision, base.described) for now in revision.files}
    return _texts(folder, {now: name for now, name in named.items() if name is not None})


def _texts(folder: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of files byte for byte; those in another encoding than UTF-8 are left out.

    A patch could not be written back into them as they are.
    """
    found = {}
    for key, name in names.items():
        content = (folder / name).read_bytes()
        with suppress(UnicodeDecodeError):
            if not content.startswith(BOM_UTF8):
                found[key] = content.decode()
    return found


def _counterpart(name: str, revision: Description, base: Description) -> str | None:
    """Return the file of the base that stands to its main file as one of the revision does."""
    if revision.main is None or base.main is None:
        return None
    if name == revision.main:
        return base.main
    home, path = PurePosixPath(revision.main).parent, PurePosixPath(name)
    if path.is_relative_to(home):
        path = PurePosixPath(base.main).parent / path.relative_to(home)
    return str(path) if str(path) in base.files else None
