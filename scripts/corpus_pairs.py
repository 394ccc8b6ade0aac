"""Judge the pairs of documents of a corpus by `lockstitch diff`, and compare the verdicts.

    python scripts/corpus_pairs.py DIR

DIR (or its folder `contract-changes`) holds `cases.jsonl`, one pair a line: `id`, `base`,
`revision`, the `verdict` of another judge (ERR, WARN, INFO or NONE: the worst level) and the
`expected` changes, each with `level` and `id`. The exit code is 0 when recall and precision on ERR
are at least 0.97, the levels agree for at least 93 %, a pair takes under 10 ms, nothing crashes,
and at least 90 % of the schema-level breaking findings have a confirmed witness.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockstitch.contract.difference import Change, Difference, compare_raw
from lockstitch.contract.sources import read_source

sys.path.insert(0, str(Path(__file__).parent))

from corpus_reasons import reason_for

FOLDER = "contract-changes"
CASES = "cases.jsonl"
LEVELS = {"error": "ERR", "warning": "WARN", "information": "INFO"}
WORST = ("ERR", "WARN", "INFO", "NONE")
LEAST_RECALL = LEAST_PRECISION = 0.97
LEAST_AGREEMENT = 0.93
LEAST_WITNESSES = 0.90
MOST_MILLISECONDS = 10.0


@dataclass
class Tally:
    """What the pairs came to."""

    pairs: int = 0
    crashes: int = 0
    seconds: float = 0.0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    witnesses: Counter[str] = field(default_factory=Counter)

    def of_errors(self) -> tuple[float, float]:
        """Return recall and precision on ERR."""
        both = self.verdicts["ERR", "ERR"]
        theirs = sum(count for (judge, _), count in self.verdicts.items() if judge == "ERR")
        ours = sum(count for (_, our), count in self.verdicts.items() if our == "ERR")
        return both / max(1, theirs), both / max(1, ours)

    def agreement(self) -> float:
        """Return the share of pairs with the same worst level."""
        same = sum(count for (judge, ours), count in self.verdicts.items() if judge == ours)
        return same / max(1, self.pairs)

    def milliseconds(self) -> float:
        """Return the mean processor time of a pair, reading included."""
        return self.seconds / max(1, self.pairs) * 1000

    def witnessed(self) -> tuple[int, int]:
        """Return how many schema-level breaking findings have a witness, of how many."""
        shown = self.witnesses["confirmed"]
        return shown, sum(self.witnesses.values()) - self.witnesses["valueless"]


def worst(levels: list[str]) -> str:
    return min(levels, key=WORST.index, default="NONE")


def judged(folder: Path, case: dict[str, Any], tally: Tally) -> Difference:
    began = time.process_time()
    difference = compare_raw(
        read_source(folder / case["base"]), read_source(folder / case["revision"])
    )
    tally.seconds += time.process_time() - began
    return difference


def count_witnesses(changes: tuple[Change, ...], tally: Tally) -> None:
    for change in changes:
        if change.witness is not None:
            tally.witnesses["confirmed"] += 1
        elif change.unwitnessed is not None:
            word = change.unwitnessed if change.is_schema_level else "valueless"
            tally.witnesses[word] += 1


def judge_pair(folder: Path, case: dict[str, Any], tally: Tally) -> str | None:
    """Judge one pair; return what to say of it when the verdicts differ."""
    tally.pairs += 1
    try:
        difference = judged(folder, case, tally)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and told
        tally.crashes += 1
        return f"{case['id']}: crash: {type(error).__name__}: {error}"
    count_witnesses(difference.breaking, tally)
    verdict = case["verdict"]
    ours = worst([LEVELS[change.severity] for change in difference.changes])
    tally.verdicts[verdict, ours] += 1
    if verdict == ours:
        return None
    theirs = [one["id"] for one in case["expected"] if one["level"] == verdict]
    rules = [one.rule for one in difference.changes if LEVELS[one.severity] == ours]
    reason = reason_for(theirs, rules) or "no reason on file"
    words = f"{', '.join(sorted(set(theirs))) or '-'} / {', '.join(sorted(set(rules))) or '-'}"
    return f"{case['id']}: {verdict}, ours {ours} ({words}): {reason}"


def summary(tally: Tally) -> tuple[str, bool]:
    recall, precision = tally.of_errors()
    shown, possible = tally.witnessed()
    told = sum(tally.witnesses.values())
    share = shown / max(1, possible)
    lines = [
        f"{tally.pairs} pairs, {tally.crashes} crashes",
        f"ERR: recall {recall:.3f}, precision {precision:.3f}",
        f"level agreement {tally.agreement():.3f}",
        f"{tally.milliseconds():.2f} ms a pair",
        f"witnesses: {shown} of {possible} schema-level breaking findings ({share:.3f})",
        f"with names, defaults and idle keywords: {shown} of {told} ({shown / max(1, told):.3f})",
    ]
    good = (
        tally.crashes == 0
        and recall >= LEAST_RECALL
        and precision >= LEAST_PRECISION
        and tally.agreement() >= LEAST_AGREEMENT
        and tally.milliseconds() < MOST_MILLISECONDS
        and share >= LEAST_WITNESSES
    )
    return "\n".join(lines), good


def judge_pairs(folder: Path) -> bool:
    """Judge all pairs of a folder, print what they came to, and return whether it is enough."""
    folder = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    tally = Tally()
    lines = (folder / CASES).read_text(encoding="utf-8").splitlines()
    told = [judge_pair(folder, json.loads(line), tally) for line in lines if line.strip()]
    for words in filter(None, told):
        print(words)
    words, good = summary(tally)
    print(words)
    return good and tally.pairs > 0


def has_pairs(folder: Path) -> bool:
    """Whether a folder holds pairs."""
    return (folder / FOLDER / CASES).is_file() or (folder / CASES).is_file()


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not has_pairs(Path(arguments[0])):
        print(f"Name the folder that holds {FOLDER}/{CASES}.", file=sys.stderr)
        return 2
    return 0 if judge_pairs(Path(arguments[0])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
