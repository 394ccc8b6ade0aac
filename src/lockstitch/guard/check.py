"""All tiers of a project held against each other, in one report."""

from collections.abc import Sequence
from time import perf_counter
from typing import Literal

from pydantic import BaseModel

from lockstitch.errors import LockstitchError
from lockstitch.findings import Finding, Report, Rule
from lockstitch.guard.project import NotHere, Project
from lockstitch.guard.stages import STAGES, Stage

State = Literal["ran", "not here", "skipped", "failed"]


class StageResult(BaseModel):
    """What became of one stage.

    Attributes:
        findings: How many it found.
        reason: Why it did not run, or could not.
    """

    name: str
    title: str
    state: State
    seconds: float = 0.0
    findings: int = 0
    reason: str = ""

    def as_text(self) -> str:
        """Return one line for a terminal."""
        told = {"ran": f"{self.findings or 'nothing'} found", "skipped": "skipped"}
        outcome = told.get(self.state, f"{self.state}: {self.reason}")
        return f"{self.name:<10} {self.title}: {outcome} ({self.seconds:.2f} s)"


class Checked(BaseModel):
    """What `check` found, and what became of each stage."""

    stages: tuple[StageResult, ...]
    seconds: float
    report: Report

    @property
    def failed(self) -> tuple[StageResult, ...]:
        """The stages that could not run."""
        return tuple(stage for stage in self.stages if stage.state == "failed")

    def as_text(self) -> str:
        """Return the stages for a terminal."""
        return "\n".join(stage.as_text() for stage in self.stages)

    def rules(self) -> list[Rule]:
        """Return the rules of the stages that ran: only these can find that something is gone."""
        ran = {stage.name for stage in self.stages if stage.state == "ran"}
        return [rule for stage in STAGES if stage.name in ran for rule in stage.rules]


def check(project: Project, wanted: Sequence[str] = ()) -> Checked:
    """Run the stages, each by itself: one that cannot run is told and stops no other.

    Args:
        project: What to check.
        wanted: The names of the stages to run; all when empty.
    """
    started = perf_counter()
    results: list[StageResult] = []
    findings: list[Finding] = []
    for stage in STAGES:
        if wanted and stage.name not in wanted:
            result = StageResult(name=stage.name, title=stage.title, state="skipped")
            results.append(result)
            continue
        result, found = _run(stage, project, results)
        results.append(result)
        findings += found
    return Checked(
        stages=tuple(results),
        seconds=round(perf_counter() - started, 3),
        report=Report.of(_distinct(findings)),
    )


def _run(
    stage: Stage, project: Project, earlier: Sequence[StageResult]
) -> tuple[StageResult, list[Finding]]:
    started = perf_counter()
    found: list[Finding] = []
    state: State = "ran"
    reason = ""
    try:
        found = [one for one in stage.run(project) if not _is_told(one, earlier)]
    except NotHere as absence:
        state, reason = "not here", str(absence)
    except LockstitchError as error:
        state, reason = "failed", error.sentence
    except Exception as error:  # noqa: BLE001 - one stage must not take the others along.
        state, reason = "failed", f"{type(error).__name__}: {error}"
    result = StageResult(
        name=stage.name,
        title=stage.title,
        state=state,
        seconds=round(perf_counter() - started, 3),
        findings=len(found),
        reason=reason,
    )
    return result, found


def _is_told(finding: Finding, earlier: Sequence[StageResult]) -> bool:
    """Whether an earlier stage judges the same with more knowledge.

    The audit compares the addresses in the texts, and usage those of calls of this contract.
    """
    if finding.rule != "several-base-urls":
        return False
    return any(stage.name == "usage" and stage.state == "ran" for stage in earlier)


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Return each finding once: two stages may see the same."""
    return list({(one.fingerprint, str(one.place), one.message): one for one in findings}.values())
