"""The TypeScript that generated modules stand on.

Its one place is `ts/packages/client/src`. A wheel carries a copy of that folder beside this
module (pyproject.toml, force-include); an editable install reads the folder itself.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_SOURCES: Final = Path(__file__).parents[5] / "ts" / "packages" / "client" / "src"
# The mock and its values are for development: a client goes without them.
_APART: Final = "mock-"
# The sources import each other as `.ts`, which only a project that emits nothing may do.
_IMPORT: Final = re.compile(r"from '(\./[a-z-]+)\.ts'")
# What decoders and encoders stand on; other modules may export types of the same names.
_DECODING: Final = ("containers", "decoding", "formats")
_EXPORT: Final = re.compile(r"^export (?:function|interface|type) (\w+)", re.MULTILINE)


def runtime_folder() -> Path:
    """Return where the sources are: beside this module in a wheel, else in the repository."""
    return _HERE if (_HERE / "decoding.ts").is_file() else _SOURCES


def runtime_files() -> dict[str, str]:
    """Return the runtime by the path that it has in a generated folder."""
    return {
        f"runtime/{path.name}": runtime_text(path.name)
        for path in sorted(runtime_folder().glob("*.ts"))
        if not path.name.startswith(_APART)
    }


def runtime_text(name: str) -> str:
    """Return one file of the runtime, with its imports as generated modules have theirs."""
    text = (runtime_folder() / name).read_text(encoding="utf-8")
    return _IMPORT.sub(r"from '\1.js'", text)


def runtime_module(name: str) -> str:
    """Return the module, relative to the generated folder, from which decoders take a name."""
    return _exports()[name]


@cache
def _exports() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in _DECODING:
        text = (runtime_folder() / f"{module}.ts").read_text(encoding="utf-8")
        found |= dict.fromkeys(_EXPORT.findall(text), f"./runtime/{module}.js")
    return found
