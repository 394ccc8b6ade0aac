"""Copy the TypeScript runtime into the Python package, from where it is copied into projects."""

import shutil
from pathlib import Path

from lockstitch.contract.typescript.runtime import SOURCES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "ts/packages/client/src"
TARGET = ROOT / "src/lockstitch/contract/typescript/runtime"

if __name__ == "__main__":
    for name in SOURCES:
        shutil.copyfile(SOURCE / name, TARGET / name)
