"""Sources in a folder of their own, audited."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from lockstitch.audit import audit
from lockstitch.findings import Finding


def findings(folder: Path, files: Mapping[str, str], rule: str | None = None) -> list[Finding]:
    """Write the files, audit the folder, and return the findings of one rule or of all."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    found = audit(folder).report.findings
    return [one for one in found if rule in {None, one.rule}]


def in_typescript(folder: Path, text: str, rule: str) -> list[Finding]:
    """Audit one TypeScript file; one with elements is TSX."""
    return findings(
        folder, {"src/page.tsx" if "</" in text or "/>" in text else "src/api.ts": text}, rule
    )


def in_python(folder: Path, text: str, rule: str) -> list[Finding]:
    """Audit one Python file."""
    return findings(folder, {"service/app.py": text}, rule)
