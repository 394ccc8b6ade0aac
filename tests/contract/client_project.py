"""Generated clients in a project of their own: type-checked and run like a user's."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generated import node

from lockstitch.contract.generation import GeneratedFolder
from lockstitch.contract.typescript.client import emit_client

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))

from typescript_inspection import TOOLS, compiler  # noqa: E402 - found where scripts are
from typescript_inspection import compile_errors as strict_errors  # noqa: E402

# The scenarios are Node programs.
NODE = {"types": ["node"]}


def write_client(name: str, contract: Mapping[str, Any], **choices: Any) -> Path:
    """Generate the client of a contract into a folder of the project."""
    compiler()
    folder = TOOLS / "clients" / name / "api"
    GeneratedFolder(folder).write(emit_client(contract, **{"imports": "js", **choices}))
    return folder


def compile_errors(folder: Path, **options: Any) -> list[str]:
    """Return what the strictest compiler says about all modules below a folder."""
    return strict_errors(folder, **{**NODE, **options})


def run_module(path: Path, *arguments: str) -> Any:
    """Run a TypeScript module in Node and return the JSON that it prints."""
    run = subprocess.run(
        [node(), "--import", HERE / "resolve.mjs", path, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
