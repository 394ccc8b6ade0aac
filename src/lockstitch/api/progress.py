"""A progress bar for what takes long at start-up, on a terminal only."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lockstitch.serving.artefact import Progress as Report

_log = structlog.get_logger("lockstitch.models")


@contextmanager
def progress_bar(title: str) -> Iterator[Report]:
    """Yield what a long task calls to say how far it is; nothing is drawn before the first call."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
    task = None
    logged = ""

    def report(done: float, step: str) -> None:
        nonlocal task, logged
        if task is None:
            bar.start()
            task = bar.add_task(title, total=1.0)
        bar.update(task, completed=done, description=f"{title}: {step}")
        if not console.is_terminal and step != logged:
            logged = step
            _log.info("preparing", model=title, step=step)

    try:
        yield report
    finally:
        bar.stop()
