"""Front ends that a test writes out itself."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from lockstitch.contract.reading import read_document
from lockstitch.contract.usage import Usage, find_calls, read_front_end, usage_findings
from lockstitch.findings import Finding
from tests.contract.usage.tasks import contract


def write(folder: Path, **files: str) -> Path:
    """Write files; `__` in a name stands for `/`, and `.ts` is added where no ending is."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path if path.suffix else path.with_suffix(".ts")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return folder


def usage_of(folder: Path, document: dict[str, Any] | None = None, **files: str) -> Usage:
    """Search a front end that consists of these files."""
    write(folder, **files)
    return find_calls(read_front_end(folder), read_document(document or contract()))


def findings_of(
    folder: Path, document: dict[str, Any] | None = None, **files: str
) -> list[Finding]:
    """Judge a front end that consists of these files."""
    usage = usage_of(folder, document, **files)
    return usage_findings(usage, read_document(document or contract()))


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return the rule and the place of each finding."""
    return sorted((finding.rule, str(finding.place)) for finding in findings)
