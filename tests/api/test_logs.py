"""What a terminal gets to see."""

import os
import pty
import subprocess
import sys

PROGRAM = """
import structlog
from lockstitch import Settings
from lockstitch.api.logs import configure_logs

configure_logs(Settings())
structlog.get_logger().info("request", path="/\\x1b]0;OWNED\\x07\\x1b[2J", status=200)
"""


def test_a_path_cannot_command_the_terminal() -> None:
    reader, writer = pty.openpty()
    subprocess.run([sys.executable, "-c", PROGRAM], stderr=writer, check=True)
    os.close(writer)
    shown = os.read(reader, 10_000)
    os.close(reader)

    assert b"OWNED" in shown
    assert b"\x1b]0;" not in shown
    assert b"\x07" not in shown
    assert b"\x1b[2J" not in shown
