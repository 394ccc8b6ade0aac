"""The files in which all web processes of a product keep their metrics."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

# prometheus_client reads it once, when it is imported.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_LOCK = "lock"


@contextmanager
def metrics_folder(data: Path) -> Iterator[Path]:
    """Make a new folder below `data/metrics`, and remove it in the end.

    Folders that a killed product has left are removed, too. Its number tells nothing, since in a
    container every product has the same: a lock that ends with its holder does.
    """
    above = data / "metrics"
    above.mkdir(parents=True, exist_ok=True)
    for left in above.iterdir():
        _remove_if_left(left)
    folder = Path(mkdtemp(dir=above))
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError), (folder / _LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
