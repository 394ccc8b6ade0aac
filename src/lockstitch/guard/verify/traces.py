"""Why an application failed, from the tracebacks in its log."""

import re
import time
from pathlib import Path
from typing import Final

_PATIENCE_SECONDS: Final = 0.3
_PAUSE_SECONDS: Final = 0.01
_LONGEST: Final = 160
_START: Final = "Traceback (most recent call last)"
_FRAME: Final = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<name>\S+)')
_ERROR: Final = re.compile(r"^(?:  [|+] ?)*(?P<error>[A-Za-z_][\w.]*(?:: .*)?)$", re.MULTILINE)
_LIBRARY: Final = re.compile(r"[/\\](?:site-packages|dist-packages|lib[/\\]python[\d.]+)[/\\]")


class LogReader:
    """Reads what an application has logged since it was last asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def skip(self) -> None:
        """Forget what is there by now."""
        self._offset = self._path.stat().st_size

    def last_error(self) -> str | None:
        """Return the error of the newest traceback and its line; None when there is none.

        A server logs after it has answered, so the line is waited for a moment.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = last_error(self._new_text())
            if found is not None or time.monotonic() > end:
                self.skip()
                return found
            time.sleep(_PAUSE_SECONDS)

    def _new_text(self) -> str:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            return file.read().decode(errors="replace")


def last_error(log: str) -> str | None:
    """Return the error of the last traceback in a log, and where the application raised it."""
    _, start, trace = log.rpartition(_START)
    errors = [found["error"] for found in _ERROR.finditer(trace)]
    if not start or not errors:
        return None
    frames = [frame for frame in _FRAME.finditer(trace) if not _LIBRARY.search(frame["file"])]
    error = errors[0] if len(errors[0]) <= _LONGEST else f"{errors[0][: _LONGEST - 1]}…"
    if not frames:
        return error
    last = frames[-1]
    return f"{error} ({Path(last['file']).name}, line {last['line']}, in {last['name']})"
