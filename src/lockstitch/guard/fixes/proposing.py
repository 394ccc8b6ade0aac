"""Choosing fixes: each is tried on the application itself before it is proposed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ConfigDict

from lockstitch.contract.difference import Change, Difference, compare
from lockstitch.contract.document import Document
from lockstitch.guard.fixes.bodies import keep_body, keep_member
from lockstitch.guard.fixes.case import Case
from lockstitch.guard.fixes.edits import Edit, EditRefused
from lockstitch.guard.fixes.migrations import Migration, file_names
from lockstitch.guard.fixes.parameters import keep_parameter
from lockstitch.guard.fixes.patches import make_patch
from lockstitch.guard.fixes.proposal import Kind, Proposal
from lockstitch.guard.fixes.rendering import render
from lockstitch.guard.fixes.routes import keep_route, restore_status
from lockstitch.guard.fixes.versions import restore_route, version_route
from lockstitch.guard.sources.places import path_shape
from lockstitch.guard.sources.trails import parameter_of

# Returns the contract of the application whose files have these texts, or None if it fails.
Trial = Callable[[Mapping[str, str]], Document | None]
Option = tuple[Proposal, ...]


class Fix(BaseModel):
    """What would keep old callers whole: what it does, and the patch that does it.

    It was tried: with the fixes of all changes together, the application is imported and its
    contract breaks nobody by this change any more. `patch` is a unified diff of the revision's
    source, which `git apply` takes; `migrations` is SQL for the tables behind the models.
    """

    model_config = ConfigDict(frozen=True)

    kinds: tuple[Kind, ...]
    explanation: str
    patch: str
    migrations: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """The fixes of some changes, by the fingerprint of the change, and the patch of all."""

    fixes: Mapping[str, Fix] = field(default_factory=dict)
    patch: str = ""


def propose(case: Case, difference: Difference, trial: Trial) -> Proposed:
    """Return fixes that, applied together, leave nothing of what they are for breaking.

    A fix is proposed when the application still imports with it and its change is no longer
    breaking; what broke otherwise may not follow from it.
    """
    candidates = [
        _Candidate(change, tuple(options(case, change))) for change in difference.breaking
    ]
    chosen = _settled(case, candidates, trial)
    fixes = {one.change.fingerprint: _fix(case, one.edits, one.proposals) for one in chosen}
    after = render(case.texts, _all_edits(chosen))
    found = [one for fix in fixes.values() for one in fix.migrations]
    if case.migrations is not None:
        files = file_names(found, case.migration_names)
        after |= {f"{case.migrations}/{name}": text for name, text in files.items()}
    return Proposed(fixes, make_patch(case.texts, after))


def options(case: Case, change: Change) -> Iterator[Option]:
    """Yield what may fix a change, the smallest first."""
    before, after = case.operations(change)
    if change.rule.startswith("security"):
        return  # Who may call is for the owner to say.
    makers: list[Callable[[Case, Change], Iterator[Proposal]]]
    if before is None:
        return
    if after is None:
        makers = [keep_route, restore_route]
    elif parameter_of(after, change) is not None:
        makers = [keep_parameter, version_route]
    elif change.member:
        makers = [keep_member, version_route]
    elif change.direction == "request":
        makers = [keep_member, keep_body, version_route]
    else:
        makers = [keep_member, restore_status, version_route]
    for maker in makers:
        option = tuple(maker(case, change))
        if option:
            yield option


@dataclass(frozen=True, slots=True)
class _Candidate:
    change: Change
    options: tuple[Option, ...]

    @property
    def proposals(self) -> Option:
        return self.options[0] if self.options else ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for proposal in self.proposals for edit in proposal.edits)

    @property
    def operation(self) -> tuple[str | None, str]:
        return self.change.method, path_shape(self.change.path or "")

    @property
    def gives_a_version(self) -> bool:
        return any(proposal.kind == "route-versioned" for proposal in self.proposals)

    def next(self) -> "_Candidate":
        return replace(self, options=self.options[1:])

    def to_a_version(self) -> "_Candidate":
        later = [replace(self, options=self.options[place:]) for place in range(len(self.options))]
        return next((one for one in later if one.gives_a_version), self)


def _all_edits(candidates: Iterable[_Candidate]) -> list[Edit]:
    return [edit for one in candidates for edit in one.edits]


def _settled(case: Case, candidates: list[_Candidate], trial: Trial) -> list[_Candidate]:
    """Take the next option of each change that its option leaves broken, until none is."""
    left = _advanced(candidates, [])
    known = {one.change.fingerprint for one in candidates}
    while left:
        fixed = _tried(case, left, trial)
        if fixed is None:
            # If all work alone but not together, the last one gives way.
            left = _advanced(left, _failing_alone(case, left, trial) or left[-1:])
            continue
        remaining = compare(case.base, fixed, case.policy).breaking
        failing = _still_broken(left, remaining, known)
        if not failing:
            return left
        left = _advanced(left, failing)
    return []


def _failing_alone(case: Case, candidates: list[_Candidate], trial: Trial) -> list[_Candidate]:
    """Return those whose fix fails without the others; changes often share one fix."""
    different = {one.edits: one for one in candidates}
    works = {edits: _tried(case, [one], trial) is not None for edits, one in different.items()}
    return [one for one in candidates if not works[one.edits]]


def _tried(case: Case, candidates: list[_Candidate], trial: Trial) -> Document | None:
    try:
        return trial(render(case.texts, _all_edits(candidates)))
    except (EditRefused, SyntaxError):
        return None


def _advanced(candidates: list[_Candidate], failing: list[_Candidate]) -> list[_Candidate]:
    moved = [one.next() if one in failing else one for one in candidates]
    # A route that gets a version of its own needs no smaller fix besides.
    versioned = {one.operation for one in moved if one.gives_a_version}
    moved = [one.to_a_version() if one.operation in versioned else one for one in moved]
    return [one for one in moved if one.options]


def _still_broken(
    candidates: list[_Candidate], remaining: tuple[Change, ...], known: set[str]
) -> list[_Candidate]:
    """Return whose change is still there, or whose operation has new breaking changes."""
    broken = {change.fingerprint for change in remaining}
    same = [one for one in candidates if one.change.fingerprint in broken]
    if same:
        return same
    new = [change for change in remaining if change.fingerprint not in known]
    hit = {(change.method, path_shape(change.path or "")) for change in new}
    guilty = [one for one in candidates if one.operation in hit]
    # What breaks an operation that nobody wanted to fix may come from any: the last gives way.
    return guilty or (candidates[-1:] if new else [])


def _fix(case: Case, edits: tuple[Edit, ...], proposals: Option) -> Fix:
    return Fix(
        kinds=tuple(dict.fromkeys(proposal.kind for proposal in proposals)),
        explanation=" ".join(dict.fromkeys(proposal.explanation for proposal in proposals)),
        patch=make_patch(case.texts, render(case.texts, edits)),
        migrations=tuple(one for proposal in proposals for one in proposal.migrations),
    )
