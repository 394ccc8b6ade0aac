"""What an answer costs: CPU time per request beside raw ASGI, FastAPI and servers for models.

All servers run at once and are asked in turns, so that whatever else the machine does falls on all
of them alike; a ratio is the median over the turns. CPU time is user and system time of the
processes that answer, which for stored rows leaves Postgres out.

`python benchmarks/serving.py echo idle` measures these figures alone. Each is a module of
`answering`.
"""

import sys
from collections.abc import Callable

from answering import echo, idle, memory, servers
from rows import Row, finish

FIGURES: dict[str, Callable[[servers.Servers], list[Row]]] = {
    "echo": echo.measure,
    "idle": idle.measure,
    "memory": memory.measure,
}


def main(names: list[str]) -> None:
    """Measure and report."""
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        sys.exit(f"There is no figure {unknown[0]!r}. Name some of: {', '.join(FIGURES)}.")
    rows: list[Row] = []
    with servers.started() as running:
        for name in names or FIGURES:
            rows += FIGURES[name](running)
    finish("serving", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
