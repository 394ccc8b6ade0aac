"""The findings of one run."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SerializeAsAny

from lockstitch.findings.finding import Finding, Severity
from lockstitch.findings.markdown import as_markdown
from lockstitch.findings.rule import Rule
from lockstitch.findings.sarif import as_sarif

ORDER: Final[dict[Severity, int]] = {"information": 0, "warning": 1, "error": 2}


class Accepted(BaseModel):
    """A finding that the baseline accepts, with the reason, until a day."""

    model_config = ConfigDict(frozen=True)

    finding: SerializeAsAny[Finding]
    reason: str
    expires: date


class Report(BaseModel):
    """The findings of one run, the worst first, and those that the baseline accepts."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[SerializeAsAny[Finding], ...] = ()
    accepted: tuple[Accepted, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding], accepted: Iterable[Accepted] = ()) -> "Report":
        """Collect findings, ordered by severity, then by place."""
        return cls(findings=tuple(sorted(findings, key=_rank)), accepted=tuple(accepted))

    def exit_code(self, fail_on: Severity = "error") -> int:
        """Return 1 when a finding is at or above the threshold, else 0."""
        threshold = ORDER[fail_on]
        return int(any(ORDER[finding.severity] >= threshold for finding in self.findings))

    def as_text(self) -> str:
        """Return the report for a terminal."""
        accepted = f" {len(self.accepted)} accepted by the baseline." if self.accepted else ""
        if not self.findings:
            return f"Nothing found.{accepted}"
        lines = [finding.as_text() for finding in self.findings]
        return "\n".join([*lines, f"{self.counts()}.{accepted}"])

    def counts(self) -> str:
        """Return how many findings of each severity there are, in words."""
        numbers = Counter(finding.severity for finding in self.findings)
        return ", ".join(_count(numbers[one], one) for one in reversed(ORDER) if numbers[one])

    def as_sarif(self, verb: str, rules: Iterable[Rule]) -> dict[str, Any]:
        """Return the report as a SARIF 2.1.0 log of one run; accepted findings are suppressed."""
        accepted = [(one.finding, one.reason) for one in self.accepted]
        return as_sarif(verb, rules, self.findings, accepted)

    def as_markdown(self, title: str, advice: str | None = None) -> str:
        """Return the report for a pull request; `advice` is a sentence that stands above it."""
        return as_markdown(title, self.findings, self.counts(), len(self.accepted), advice)


def _rank(finding: Finding) -> tuple[int, str, int, int, str]:
    place = finding.place
    return -ORDER[finding.severity], place.anchor, place.line or 0, place.column or 0, finding.rule


def _count(number: int, severity: Severity) -> str:
    plural = severity if severity == "information" or number == 1 else f"{severity}s"
    return f"{number} {plural}"
