"""The TypeScript that generated modules stand on.

The source is `ts/packages/client/src`; this folder holds copies so that the wheel carries them.
`scripts/copy_runtime.py` refreshes the copies, and a test tells when they are stale.
"""

import re
from importlib.resources import files
from typing import Final

SOURCES: Final = ("decoding.ts", "formats.ts")
# The sources import each other as `.ts`, which only a project that emits nothing may do.
_IMPORT: Final = re.compile(r"from '(\./[a-z-]+)\.ts'")


def runtime_files() -> dict[str, str]:
    """Return the runtime by the path that it has in a generated folder."""
    folder = files(__package__)
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in SOURCES}
    return {f"runtime/{name}": _IMPORT.sub(r"from '\1.js'", text) for name, text in texts.items()}
