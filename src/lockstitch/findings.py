"""What any checker reports: findings, collected in one report."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning", "information"]

_ORDER: dict[Severity, int] = {"information": 0, "warning": 1, "error": 2}


class Finding(BaseModel):
    """One thing that a person should look at: what, where, and what to do about it."""

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    place: str
    message: str
    fix: str

    def as_text(self) -> str:
        """Return the finding as two lines for a terminal."""
        return f"{self.place}: {self.severity} {self.rule}: {self.message}\n    {self.fix}"


class Report(BaseModel):
    """The findings of one run, the worst first."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Report":
        """Collect findings, ordered by severity, then by place."""
        return cls(findings=tuple(sorted(findings, key=lambda f: (-_ORDER[f.severity], f.place))))

    def exit_code(self, fail_on: Severity = "error") -> int:
        """Return 1 when a finding is at or above the threshold, else 0."""
        threshold = _ORDER[fail_on]
        return int(any(_ORDER[finding.severity] >= threshold for finding in self.findings))

    def as_text(self) -> str:
        """Return the report for a terminal."""
        if not self.findings:
            return "Nothing found."
        return "\n".join(finding.as_text() for finding in self.findings)
