"""Red flags in the sources of any project: Python, TypeScript, TSX and JavaScript."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lockstitch.audit import python, suppression, typescript
from lockstitch.audit.reading import Sources, read_sources
from lockstitch.audit.rules import RULES
from lockstitch.findings import Finding, Report

__all__ = ["RULES", "Audit", "audit", "findings_in"]


class Audit(BaseModel):
    """What an audit found, and how many files it looked at."""

    model_config = ConfigDict(frozen=True)

    report: Report
    files: int


def audit(path: Path) -> Audit:
    """Look for red flags in the sources under a folder, or in one file.

    What is installed, built, bundled or generated is left out, and so are tests.

    Args:
        path: The folder of a project. Places in the findings are relative to it.
    """
    sources = read_sources(path)
    return Audit(report=Report.of(findings_in(sources)), files=sources.files)


def findings_in(sources: Sources) -> Iterator[Finding]:
    """Yield the findings that no comment silences, and those about the comments."""
    found = [*typescript.find(sources.front), *python.find(sources.backend)]
    comments = [
        comment for script in sources.front.judged for comment in suppression.in_script(script)
    ] + [
        comment
        for module in sources.backend.judged
        for comment in suppression.in_python(module.path, module.text)
    ]
    # A function under two routes is told once.
    once = {(one.rule, one.place): one for one in reversed(found)}
    return suppression.apply(reversed(once.values()), comments)
