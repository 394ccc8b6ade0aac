"""Why an application failed, read from its log."""

import threading
import time
from pathlib import Path

import pytest

from lockstitch.guard.verify.traces import LogReader, last_error

TRACE = """Exception in ASGI application
Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/fastapi/routing.py", line 3, in app
    raw = await call()
  File "/home/me/shop/stock.py", line 12, in take
    return stock[name]
  File "/venv/lib/python3.11/site-packages/x/y.py", line 9, in get
    raise KeyError(name)
KeyError: 'lamp'
INFO: a line that comes later
"""


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (TRACE, "KeyError: 'lamp' (stock.py, line 12, in take)"),
        (TRACE.replace("KeyError: 'lamp'", "shop.errors.Sold"), "shop.errors.Sold"),
        (TRACE + TRACE.replace("'lamp'", "'chair'"), "KeyError: 'chair'"),
        (TRACE.replace("/home/me/", "/venv/lib/python3.11/"), "KeyError: 'lamp'"),
        ("INFO: nothing happened\n", None),
        ("", None),
    ],
)
def test_the_cause_is_the_error_and_the_application_s_own_line(log: str, cause: str | None) -> None:
    found = last_error(log)

    assert found == cause if cause is None else str(found).startswith(cause)


def test_a_trace_is_read_once_and_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(TRACE)
    reader = LogReader(log)

    assert reader.last_error() is not None
    assert reader.last_error() is None

    def write_later() -> None:
        time.sleep(0.05)
        with log.open("a") as file:
            file.write(TRACE.replace("KeyError", "IndexError"))

    thread = threading.Thread(target=write_later)
    thread.start()
    assert str(reader.last_error()).startswith("IndexError")
    thread.join()
