"""How every benchmark prints and stores its figures."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

RESULTS = Path(__file__).parent / "results"


class Row(BaseModel):
    """One figure; `met` says whether it is within its target."""

    name: str
    value: float
    target: float
    unit: str
    at_least: bool = False
    peers: dict[str, float] = {}

    @property
    def met(self) -> bool:
        """Whether the value keeps the target."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_text(self) -> str:
        """Return the row as one line."""
        sign = "≥" if self.at_least else "≤"
        peers = "".join(f"  {name} {value:.3g}" for name, value in self.peers.items())
        mark = "ok  " if self.met else "MISS"
        return (
            f"{mark} {self.name:<44} {self.value:>9.3g} {sign} {self.target:g} {self.unit}{peers}"
        )


def finish(benchmark: str, rows: list[Row]) -> None:
    """Print the rows, store them, and exit 1 when a target is missed."""
    for row in rows:
        print(row.as_text())
    RESULTS.mkdir(exist_ok=True)
    stored = [{**row.model_dump(), "met": row.met} for row in rows]
    (RESULTS / f"{benchmark}.json").write_text(json.dumps(stored, indent=2) + "\n")
    sys.exit(not all(row.met for row in rows))
