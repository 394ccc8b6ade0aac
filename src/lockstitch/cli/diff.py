"""`lockstitch diff`: what differs between two contracts, and whom it breaks."""

from pathlib import Path
from typing import Annotated

import typer

from lockstitch.cli.contracts import is_application, load_contract, naming
from lockstitch.cli.reporting import (
    AcceptReason,
    AcceptUntil,
    AsJson,
    AsMarkdown,
    AsSarif,
    BaselinePath,
    FailOn,
    Reporting,
)
from lockstitch.contract.difference import RULES, Difference, Policy, compare_raw
from lockstitch.contract.difference.reading import read_what_can_be
from lockstitch.contract.revisions import is_revision
from lockstitch.contract.sources import is_url
from lockstitch.errors import ConfigurationError
from lockstitch.guard.callers import front_ends_in, with_callers
from lockstitch.guard.fixes import Project, Side, apply_patch, with_fixes, with_lines
from lockstitch.settings import Settings, find_project, read_project_table

PROJECT_MARKS = ("pyproject.toml", "package.json", ".git")
SOURCE = "A contract: file, URL, git:REF:path or module:app."


def diff(
    base: Annotated[str, typer.Argument(help=SOURCE)],
    revision: Annotated[str, typer.Argument(help=SOURCE)],
    policy: Annotated[
        Path | None, typer.Option(help="A policy file; that of the project when not given.")
    ] = None,
    apply_fix: Annotated[
        bool, typer.Option("--apply-fix", help="Write the proposed fixes into the source.")
    ] = False,
    json: AsJson = False,
    sarif: AsSarif = False,
    markdown: AsMarkdown = False,
    fail_on: FailOn = "error",
    baseline: BaselinePath = None,
    accept: AcceptReason = None,
    until: AcceptUntil = None,
) -> None:
    """Compare two contracts: who relied on BASE and fails with REVISION?"""
    reporting = Reporting(
        json=json,
        sarif=sarif,
        markdown=markdown,
        fail_on=fail_on,
        baseline=baseline,
        accept=accept,
        until=until,
    )
    if apply_fix and not is_application(revision):
        raise ConfigurationError("--apply-fix writes source: give module:app as REVISION.")
    judge, project = _policy(policy), _project()
    sides = _side(base, project.folder), _side(revision, project.folder)
    found, proposed = with_fixes(_difference(*sides, judge), *sides, judge, project)
    words = ""
    if apply_fix and proposed.patch:
        written = apply_patch(proposed.patch, project.folder)
        words = f"Changed {', '.join(written)} for {len(proposed.fixes)} breaking changes.\n"
        # What is reported is what is left.
        found = _difference(sides[0], _side(revision, project.folder), judge)
    found = _located(_called(found, sides[0], project.folder), base, revision)
    advice = f"Recommended version: {found.version}."
    reporting.deliver("diff", found, RULES, f"{words}{advice}", advice)


def _policy(path: Path | None) -> Policy:
    return Policy.read(find_project(Path.cwd())) if path is None else Policy.read_file(path)


def _project() -> Project:
    folder = find_project(Path.cwd())
    table = read_project_table(folder)
    default = Settings.model_fields["migrations"].default
    return Project(folder, folder / table.get("migrations", default))


def _side(source: str, folder: Path) -> Side:
    with naming(source):
        if is_application(source):
            return Side.of_application(source, folder)
        return Side(source, load_contract(source))


def _difference(base: Side, revision: Side, policy: Policy) -> Difference:
    return with_lines(compare_raw(base.document, revision.document, policy), base, revision)


def _called(found: Difference, base: Side, folder: Path) -> Difference:
    """Return the difference with the lines of the project's front ends that it hits."""
    # Elsewhere than in a project, whatever lies below may be anybody's.
    if not found.changes or not any((folder / name).exists() for name in PROJECT_MARKS):
        return found
    table = read_project_table(folder)
    sources = [folder / name for name in table.get("sources", ["."])]
    document, _ = read_what_can_be(base.document)
    changes = with_callers(found.changes, front_ends_in(sources, folder), document)
    return Difference.of(changes, found.version)


def _located(found: Difference, base: str, revision: str) -> Difference:
    """Return the difference with the file of each place, where the sources are files."""
    files = _file(base), _file(revision)
    changes = []
    for change in found.changes:
        file = files[1] if change.revision_pointer is not None else files[0]
        place = change.place.model_copy(update={"file": file})
        changes.append(change.model_copy(update={"place": place}))
    return Difference.of(changes, found.version)


def _file(source: str) -> str | None:
    """Return the path of a file relative to the project; other sources have none."""
    if is_url(source) or is_revision(source) or is_application(source):
        return None
    path, project = Path(source).resolve(), find_project(Path.cwd()).resolve()
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else source
