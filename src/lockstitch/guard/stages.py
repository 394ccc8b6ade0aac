"""The stages of `lockstitch check`: each holds two parts of a project against each other."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lockstitch.audit import RULES as AUDIT_RULES
from lockstitch.audit import audit
from lockstitch.contract.difference import RULES as DIFFERENCE_RULES
from lockstitch.contract.difference import Policy, compare
from lockstitch.contract.generation import GeneratedFolder, how_it_was_made
from lockstitch.contract.pointers import child
from lockstitch.contract.reading import read_document
from lockstitch.contract.reading.documents import METHODS
from lockstitch.contract.sources import read_source
from lockstitch.contract.typescript.recipe import ClientRecipe
from lockstitch.contract.usage import RULES as USAGE_RULES
from lockstitch.contract.usage import find_calls, usage_findings
from lockstitch.database.hosted import RULES as HOSTED_RULES
from lockstitch.database.hosted import judge_migration
from lockstitch.database.migrations import read_migrations
from lockstitch.findings import Finding, Place, Rule
from lockstitch.guard.callers import with_callers
from lockstitch.guard.project import NotHere, Project
from lockstitch.guard.tiers.audiences import compare_policies
from lockstitch.guard.tiers.rules import COLUMN_RULES, POLICY_RULES
from lockstitch.guard.tiers.tables import compare_tables, stored_models

STALE_CONTRACT: Final = Rule("stale-contract", "The committed contract is not the application's.")
CLIENT_RULES: Final = (
    Rule("missing-file", "A generated file is not there."),
    Rule("stale-file", "A generated file is not what the contract says."),
    Rule("changed-file", "A generated file was changed by hand."),
    Rule("leftover-file", "A generated file belongs to nothing in the contract any more."),
    Rule("stale-lock", "A lock does not list the generated files, or how they are made."),
    Rule("unrecorded-client", "A lock does not say how its client was made."),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One comparison.

    Attributes:
        name: What `--only` and `--skip` call it.
        title: What is held against what.
        rules: All that it looks for.
        run: Finds the differences; raises NotHere where the project has no such part.
    """

    name: str
    title: str
    rules: Sequence[Rule]
    run: Callable[[Project], Iterable[Finding]]


# The contract


def _committed(project: Project) -> Iterator[Finding]:
    contract, path = project.contract, project.settings.contract
    if not path.is_file():
        yield _stale(project, "", "There is no committed contract.")
        return
    committed = read_source(path)
    served, promised = _operations(contract), _operations(committed)
    for name in promised.keys() - served.keys():
        yield _stale(project, promised[name], f"The application does not serve {name}.")
    for name in served.keys() - promised.keys():
        yield _stale(project, served[name], f"The contract lacks {name}.")
    pointer = first_difference(committed, contract)
    if pointer is not None and served.keys() == promised.keys():
        where = pointer or "the root"
        yield _stale(project, pointer, f"The application's contract is another one at {where}.")


def _operations(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the pointers of the operations of a document by what they are called."""
    paths = document.get("paths", {})
    return {
        f"{method.upper()} {path}": child("/paths", path, method)
        for path, item in paths.items()
        for method in METHODS
        if method in item
    }


def _stale(project: Project, pointer: str, message: str) -> Finding:
    return Finding(
        rule=STALE_CONTRACT.id,
        severity="error",
        place=Place(file=project.relative(project.settings.contract), pointer=pointer or None),
        message=message,
        fix="Run `lockstitch export` and commit the file.",
    )


def first_difference(one: Any, other: Any, pointer: str = "") -> str | None:
    """Return the JSON pointer of the first place where two documents differ, or None."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys([*one, *other]):
            if name not in one or name not in other:
                return child(pointer, name)
            inner = first_difference(one[name], other[name], child(pointer, name))
            if inner is not None:
                return inner
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        differences = (
            first_difference(left, right, child(pointer, str(index)))
            for index, (left, right) in enumerate(zip(one, other, strict=True))
        )
        return next((found for found in differences if found is not None), None)
    return None if type(one) is type(other) and one == other else pointer


def _base(project: Project) -> Iterator[Finding]:
    base = project.settings.base
    if base is None:
        raise NotHere("no base: name one with --base git:origin/main:openapi.json")
    policy = Policy.read(project.root)
    file = project.relative(project.settings.contract)
    old = read_document(project.read_contract(base))
    changes = compare(old, project.document, policy).changes
    for change in with_callers(changes, project.known_front_ends(), old):
        # What is gone stands in the base alone, which need not be a file.
        here = None if change.revision_pointer is None else file
        place = change.place.model_copy(update={"file": here})
        yield change.model_copy(update={"place": place})


# The client


def _client(project: Project) -> Iterator[Finding]:
    for folder in project.clients():
        made = how_it_was_made(folder)
        if made is None:
            yield _unrecorded(project, folder)
            continue
        recipe = ClientRecipe.model_validate(made).found_from(folder)
        asyncapi = None if recipe.channels is None else read_source(recipe.channels)
        client = recipe.make(project.read_contract(recipe.source), asyncapi)
        for finding in GeneratedFolder(folder, made).check(client.files).findings:
            yield _within(project, finding)


def _unrecorded(project: Project, folder: Path) -> Finding:
    return Finding(
        rule="unrecorded-client",
        severity="error",
        place=Place(file=project.relative(folder)),
        message="The lock does not say from which contract and with which options it was made.",
        fix="Run `lockstitch generate` once more with its arguments and commit the folder.",
    )


def _within(project: Project, finding: Finding) -> Finding:
    """Return a finding whose file is named relative to the project."""
    file = finding.place.file
    if file is None:
        return finding
    place = finding.place.model_copy(update={"file": project.relative(file)})
    return finding.model_copy(update={"place": place})


# The front end


def _usage(project: Project) -> Iterator[Finding]:
    for front_end in project.front_ends:
        yield from usage_findings(find_calls(front_end, project.document), project.document)


def _audit(project: Project) -> Iterator[Finding]:
    for folder in project.sources:
        for finding in audit(folder).report.findings:
            yield _moved(finding, project.relative(folder))


def _moved(finding: Finding, folder: str) -> Finding:
    """Return a finding whose files are named relative to the project, not to one of its folders."""
    if folder == ".":
        return finding
    places = [finding.place, *finding.related]
    place, *related = (
        one if one.file is None else one.model_copy(update={"file": f"{folder}/{one.file}"})
        for one in places
    )
    return finding.model_copy(update={"place": place, "related": tuple(related)})


# The database


def _tables(project: Project) -> Iterable[Finding]:
    models = stored_models(project.routes)
    catalogue = project.catalogue
    if not models:
        raise NotHere("no stored model: no model of a route is declared by @stored_in")
    return compare_tables(models, catalogue, project.root.resolve())


def _policies(project: Project) -> Iterable[Finding]:
    return compare_policies(project.routes, project.catalogue, project.root.resolve())


def _hosted(project: Project) -> Iterator[Finding]:
    folder = project.settings.migrations
    if not folder.is_dir():
        raise NotHere(f"no migrations: there is no folder {project.relative(folder)}")
    for migration in read_migrations(folder):
        yield from judge_migration(migration.text, project.relative(migration.path))


STAGES: Final = (
    Stage("document", "application and committed contract", (STALE_CONTRACT,), _committed),
    Stage("base", "base revision and contract", DIFFERENCE_RULES, _base),
    Stage("client", "contract and generated TypeScript", CLIENT_RULES, _client),
    Stage("usage", "contract and TypeScript call sites", USAGE_RULES, _usage),
    Stage("tables", "tables and models", COLUMN_RULES, _tables),
    Stage("policies", "policies, grants and routes", POLICY_RULES, _policies),
    Stage("hosted", "migrations and hosted Supabase", HOSTED_RULES, _hosted),
    Stage("audit", "red flags in the sources", AUDIT_RULES, _audit),
)
