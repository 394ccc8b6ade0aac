"""TypeScript, TSX and JavaScript as syntax trees: the one place that finds and parses them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

SUFFIXES: Final = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})

# Folders of what is installed or built, never written by hand.
_NOT_SOURCES: Final = frozenset(
    {
        *("node_modules", "bower_components", "vendor", "site-packages", "venv", "__pycache__"),
        *("dist", "build", "out", "coverage", "htmlcov"),
    }
)
_MAX_BYTES: Final = 1_000_000
# A longer line was written by a bundler, not by a person.
_LONG_LINE: Final = 3000


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path relative to the folder that was read, its bytes and its tree."""

    path: str
    text: bytes
    root: Node


def source_files(folder: Path, suffixes: frozenset[str] = SUFFIXES) -> Iterator[Path]:
    """Yield the hand-written files of a folder in the order of their paths."""
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _NOT_SOURCES and not name.startswith(".")
        )
        for name in sorted(names):
            stem, dot, suffix = name.rpartition(".")
            if f"{dot}{suffix}" in suffixes and not stem.endswith(".min"):
                yield Path(directory, name)


def read_text(path: Path) -> bytes | None:
    """Return the bytes of a file, or None when it is too long or was written by a bundler."""
    try:
        text = path.read_bytes()
    except OSError:
        return None
    longest = max(map(len, text.split(b"\n")))
    return None if len(text) > _MAX_BYTES or longest > _LONG_LINE else text


def parse(path: str, text: bytes) -> Source:
    """Parse one file; where its syntax is broken, the tree has error nodes."""
    # `<T>value` is a cast in .ts and would be an element in the other grammar.
    is_plain = path.endswith((".ts", ".mts", ".cts"))
    return Source(path, text, _parser(is_plain=is_plain).parse(text).root_node)


def read_sources(folder: Path) -> Iterator[Source]:
    """Parse the files of a folder, leaving out what is installed, built or bundled."""
    for path in source_files(folder):
        text = read_text(path)
        if text is not None:
            yield parse(path.relative_to(folder).as_posix(), text)


def text_of(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode(errors="replace")


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(current.children))


def language(*, is_plain: bool) -> Language:
    """Return the grammar of .ts files, or the one that reads elements as well."""
    grammar = tree_sitter_typescript
    return Language(grammar.language_typescript() if is_plain else grammar.language_tsx())


@cache
def _parser(*, is_plain: bool) -> Parser:
    return Parser(language(is_plain=is_plain))
