"""Start on a disk that cannot be written: read_only_disk.py DIRECTORY, with the right to mount."""

import subprocess
import sys
from pathlib import Path

from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import DatabaseError

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", disk], check=True)
try:
    EmbeddedPostgres(disk / "data").start()
except DatabaseError as error:
    print(type(error).__name__, error)
