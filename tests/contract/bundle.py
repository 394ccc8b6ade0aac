"""A module as one script, for a page."""

import subprocess
from pathlib import Path

from generated import node

ROOT = Path(__file__).parents[2]
ESBUILD = ROOT / "ts" / "node_modules" / "esbuild" / "bin" / "esbuild"


def bundled(module: Path) -> str:
    """Return a module with all that it imports, as one script."""
    run = subprocess.run(
        [node(), ESBUILD, module, "--bundle", "--format=esm", "--target=es2022"],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout
