"""Findings as SARIF 2.1.0, which code hosts show beside the lines.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from lockstitch.findings.finding import Finding, Place, Severity
from lockstitch.findings.rule import Rule

_LEVELS: Final[dict[Severity, str]] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
}


def as_sarif(
    verb: str,
    rules: Iterable[Rule],
    findings: Sequence[Finding],
    accepted: Sequence[tuple[Finding, str]],
) -> dict[str, Any]:
    """Return a log with one run; `accepted` pairs findings with the reason that suppresses them."""
    known = {rule.id: rule for rule in rules}
    results = [_result(finding) for finding in findings]
    for finding, reason in accepted:
        suppression = {"kind": "external", "justification": reason}
        results.append({**_result(finding), "suppressions": [suppression]})
    driver = {"name": f"lockstitch {verb}", "rules": [_rule(known[one]) for one in sorted(known)]}
    # Without this, a reader may take the columns for UTF-16 code units.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    described = {"id": rule.id, "shortDescription": {"text": rule.summary}}
    return {**described, "help": {"text": rule.help}} if rule.help else described


def _result(finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.fix}"},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"lockstitch/v1": finding.fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_location(place) for place in finding.related]
    return result


def _location(place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place.file is not None:
        physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file)}}
        if place.line is not None:
            column = {} if place.column is None else {"startColumn": place.column}
            physical["region"] = {"startLine": place.line, **column}
        location["physicalLocation"] = physical
    logical = place.pointer or place.name
    if logical or not location:
        location["logicalLocations"] = [{"fullyQualifiedName": logical or "project"}]
    return location
