"""Generators side by side: what their clients make of a hard contract, and their CPU time.

The truth table runs each generated client against a real server. The time is that of a document of
2 MB that is made here, or of the largest OpenAPI document below `CORPUS=`; the generators take
turns.
"""

import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

from contracts.predictions import application
from generating.subjects import HEY_API, ORVAL, OURS, OURS_WHOLE, SUBJECTS, WORK
from generating.truth import ANSWERS, outcomes, served
from rows import Row, finish

DOCUMENT_BYTES = 2_000_000
ROUNDS = 3
MOST_OF_FASTEST = 0.5


def main() -> None:
    """Measure and report."""
    large = large_document()
    for subject in SUBJECTS:
        subject.install()
    finish("generators", [*truth(), *times_of(large)])


def truth() -> list[Row]:
    """Return a row for each kind of answer: 1 where a client gets it right, else 0."""
    contract = WORK / "openapi.json"
    contract.write_text(json.dumps(application.openapi()))
    table: dict[str, dict[str, bool]] = {}
    with served() as base_url:
        for subject in SUBJECTS:
            subject.generate(contract)
            table[subject.name] = outcomes(subject, base_url, subject.bundle())
    return [
        Row(
            name=f"truth: {answer}",
            value=table[OURS.name][answer],
            target=1,
            unit="right",
            at_least=True,
            peers={
                name: float(cells[answer]) for name, cells in table.items() if name != OURS.name
            },
        )
        for answer in ANSWERS
    ]


def times_of(document: Path) -> list[Row]:
    """Return the CPU times of what the peers make too, and of every file, against the fastest."""
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for subject in (OURS, HEY_API, ORVAL, OURS_WHOLE):
            times.setdefault(subject.name, []).append(subject.generate(document, "large"))
    seconds = {name: statistics.median(values) for name, values in times.items()}
    fastest = min(seconds[HEY_API.name], seconds[ORVAL.name])
    size = f"CPU time for {document.stat().st_size / 1e6:.1f} MB"
    return [
        Row(
            name=name,
            value=seconds[subject.name] / fastest,
            target=MOST_OF_FASTEST,
            unit="x the fastest peer",
            peers={f"{name} s": round(value, 2) for name, value in seconds.items()},
        )
        for name, subject in ((size, OURS), (f"{size}, every file", OURS_WHOLE))
    ]


def large_document() -> Path:
    """Return the document to time."""
    WORK.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("CORPUS")
    if given is None:
        path = WORK / "large.json"
        path.write_text(json.dumps(grown(application.openapi(), DOCUMENT_BYTES)))
        return path
    found = [path for path in Path(given).rglob("*.json") if '"openapi"' in path.read_text()[:2000]]
    if not found:
        print(f"CORPUS={given} holds no OpenAPI document.", file=sys.stderr)
        sys.exit(2)
    return max(found, key=lambda path: path.stat().st_size).resolve()


def grown(document: dict[str, Any], size_bytes: int) -> dict[str, Any]:
    """Return a document of that size: the given one again and again, each time with other names."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    text = json.dumps({"paths": document["paths"], "schemas": schemas})
    paths: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for number in range(1, size_bytes // len(text) + 1):
        renamed = text
        for name in schemas:
            renamed = renamed.replace(f'/schemas/{name}"', f'/schemas/{name}{number}"')
        copy = json.loads(renamed)
        for path, item in copy["paths"].items():
            for operation in item.values():
                operation["operationId"] += f"_{number}"
            paths[f"/group{number}{path}"] = item
        named |= {f"{name}{number}": schema for name, schema in copy["schemas"].items()}
    return {**document, "paths": paths, "components": {"schemas": named}}


if __name__ == "__main__":
    main()
