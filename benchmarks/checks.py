"""What the checkers cost: processor time of whole commands, start of Python included.

The targets are seconds. `ruff check` over this repository's own Python sources runs in between; the
ratio to it is printed too, as it says the same on a slower machine.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rows import Row, finish

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
FIXTURES = ROOT / "tests" / "fixtures" / "usage"
ROUNDS = 5
AUDITED = 1000
USAGE = """
import sys
from pathlib import Path
from lockstitch.contract.reading import read_document
from lockstitch.contract.usage import find_calls, read_front_end, usage_findings
from tests.contract.usage.tasks import contract
document = read_document(contract())
front_end = read_front_end(Path(sys.argv[1]))
assert len(front_end.sources) > 200
usage_findings(find_calls(front_end, document), document)
"""


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder:
        project = thousand_files(Path(folder) / "project")
        commands = {
            "check, the sentiment example": (["lockstitch", "check"], 3.0),
            f"audit, {AUDITED:,} files": (["lockstitch", "audit", str(project)], 3.0),
            "usage, 200 sources": (["python", "-c", USAGE, str(front_end(Path(folder)))], 1.5),
        }
        peer = ["ruff", "check", "--no-cache", "src", "tests"]
        # The first check applies the migrations and keeps the catalogue.
        spent(["lockstitch", "check"])
        times: dict[str, list[float]] = {name: [] for name in [*commands, "ruff"]}
        for _ in range(ROUNDS):
            times["ruff"].append(spent(peer))
            for name, (command, _) in commands.items():
                times[name].append(spent(command))
    ruff = statistics.median(times["ruff"])
    finish(
        "checks",
        [
            Row(
                name=name,
                value=statistics.median(times[name]),
                target=target,
                unit="CPU s",
                peers={"ruff": ruff, "ratio": statistics.median(times[name]) / ruff},
            )
            for name, (_, target) in commands.items()
        ],
    )


def spent(command: list[str]) -> float:
    """Run a command of this environment; return its seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    finished = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, stdout=subprocess.DEVNULL, check=False
    )
    # An audit that finds something ends with 1; all else must end well.
    if finished.returncode not in ({0, 1} if "audit" in command else {0}):
        raise SystemExit(f"{' '.join(command)} ended with code {finished.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def front_end(folder: Path) -> Path:
    """Return a folder with three copies of the styles of calls that the tests know."""
    for copy in range(3):
        shutil.copytree(FIXTURES, folder / "front-end" / f"part{copy}")
    return folder / "front-end"


def thousand_files(project: Path) -> Path:
    """Return a folder with copies of this repository's sources."""
    folders = (ROOT / "ts" / "apps" / "console" / "src", ROOT / "src" / "lockstitch")
    sources = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".ts", ".tsx", ".py"}
    ]
    for number in range(AUDITED):
        path = sources[number % len(sources)]
        copy = project / f"part{number // len(sources)}" / path.parent.name
        copy.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy / f"{number}-{path.name}")
    return project


if __name__ == "__main__":
    main()
