"""What any checker reports: one shape, one report, one rule for the exit code."""

from lockstitch.findings.baseline import Baseline
from lockstitch.findings.finding import Finding, Place, Severity
from lockstitch.findings.report import Accepted, Report
from lockstitch.findings.rule import Rule

__all__ = ["Accepted", "Baseline", "Finding", "Place", "Report", "Rule", "Severity"]
