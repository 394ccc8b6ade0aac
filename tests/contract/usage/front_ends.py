"""Small front ends, read from the fixtures, and the lines that say what they are hit by."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from lockstitch.contract.generation import GeneratedFolder
from lockstitch.contract.typescript.client import make_client
from lockstitch.contract.usage import FrontEnd, read_front_end
from tests.contract.usage.tasks import contract

FIXTURES = Path(__file__).parents[2] / "fixtures" / "usage"
# style/variant, such as "axios/interceptor".
VARIANTS = sorted(
    path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*") if path.is_dir()
)
STYLES = sorted({variant.partition("/")[0] for variant in VARIANTS})

# A comment on a line names what is found there: `// hit`, `/* hit sent */`.
_MARK = re.compile(r"(?://|/\*)((?: (?:hit|sent|claimed))+)")

Line = tuple[str, int]


@dataclass(frozen=True)
class Expected:
    """The marked lines of a front end."""

    hit: set[Line]
    sent: set[Line]
    claimed: set[Line]


def expected_of(front_end: FrontEnd) -> Expected:
    found: dict[str, set[Line]] = {"hit": set(), "sent": set(), "claimed": set()}
    for name, source in front_end.sources.items():
        if not source.generated:
            for number, line in enumerate(source.code.decode().splitlines(), 1):
                for marks in _MARK.findall(line):
                    for mark in marks.split():
                        found[mark].add((name, number))
    return Expected(**found)


def front_end_of(variant: str, folder: Path) -> FrontEnd:
    """Read a front end; those with a client of their own get one that is really generated."""
    source = FIXTURES / variant
    if not variant.startswith("own-client/"):
        return read_front_end(source)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    GeneratedFolder(folder / "src" / "api").write(make_client(contract()).files)
    return read_front_end(folder)
