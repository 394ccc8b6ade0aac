"""The sources of a front end: which files belong to it, and what they are parsed into."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from tree_sitter import Language, Parser, Tree

from lockstitch.contract.usage.lowering.module import lower_module
from lockstitch.contract.usage.resolution import Resolver, read_configurations
from lockstitch.contract.usage.syntax import Module

SUFFIXES: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
LOCK_FILE: Final = "lockstitch.lock.json"
SKIPPED_FOLDERS: Final = frozenset(
    """
    node_modules .next .git .venv venv dist build out coverage .turbo .vercel .output .nuxt
    .svelte-kit .cache storybook-static __pycache__ public static
    """.split()  # noqa: SIM905 - a list of words reads as words
)
# Tests call what they like, against servers of their own.
_TESTS: Final = (".test.", ".spec.", ".stories.", ".test-d.", ".config.", ".d.ts")
_TEST_FOLDERS: Final = frozenset({"__tests__", "__mocks__", "e2e", "cypress", "test", "tests"})
# Larger files are bundles that somebody has put among the sources.
MAXIMUM_BYTES: Final = 600_000
_PLAIN_TYPESCRIPT: Final = (".ts", ".mts", ".cts")


@dataclass(slots=True, eq=False)
class Source:
    """A file of a front end. `name` is its path from the root, with `/` between folders."""

    name: str
    code: bytes
    generated: bool = False
    _tree: Tree | None = None
    _module: Module | None = None
    _lines: list[bytes] | None = None

    @property
    def tree(self) -> Tree:
        """The syntax tree; parsed when it is asked for, and only once."""
        if self._tree is None:
            self._tree = _parser(self.name).parse(self.code)
        return self._tree

    @property
    def module(self) -> Module:
        """The source with its names resolved."""
        if self._module is None:
            self._module = lower_module(self.tree.root_node, self.name)
        return self._module

    def column(self, row: int, byte: int) -> int:
        """Return the column, from 1 and in characters, of a byte of a row that counts from 0."""
        if self._lines is None:
            self._lines = self.code.split(b"\n")
        return len(self._lines[row][:byte].decode(errors="replace")) + 1


@dataclass(eq=False)
class FrontEnd:
    """All sources under a root, and how their imports find each other."""

    root: Path
    sources: dict[str, Source]
    generated: frozenset[str] = frozenset()
    skipped: tuple[str, ...] = ()
    texts: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def resolver(self) -> Resolver:
        """What finds the file that an import means."""
        return Resolver(frozenset(self.sources), read_configurations(self.texts))

    def resolve(self, importer: str, source: str) -> str | None:
        """Return the name of the source that an import means, or None for a package."""
        return self.resolver.resolve(importer, source)


def read_front_end(root: Path, *, within: Path | None = None, tests: bool = False) -> FrontEnd:
    """Read the sources under a folder, once.

    Names are relative to `within`, the project's folder, or to the root where that is not given.
    Packages, build output and tests are left out; `tests` keeps the latter. A folder with a
    `lockstitch.lock.json` is a generated client: its functions are known, its code is not judged.
    """
    sources: dict[str, Source] = {}
    texts: dict[str, bytes] = {}
    generated: set[str] = set()
    skipped: list[str] = []
    for path in _files(root, tests=tests):
        name = path.relative_to(within or root).as_posix()
        if path.suffix == ".json":
            texts[name] = path.read_bytes()
            if path.name == LOCK_FILE:
                generated |= _listed(name, texts[name])
        elif path.stat().st_size > MAXIMUM_BYTES:
            skipped.append(name)
        else:
            sources[name] = Source(name, path.read_bytes())
    for name in generated & sources.keys():
        sources[name].generated = True
    return FrontEnd(root, sources, frozenset(generated), tuple(sorted(skipped)), texts)


def _files(root: Path, *, tests: bool) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS and (tests or name not in _TEST_FOLDERS)
        )
        for name in sorted(files):
            path = Path(folder, name)
            wanted = _is_configuration(name) or _is_source(name, tests=tests)
            # A link may lead nowhere.
            if wanted and path.is_file():
                yield path


def _is_configuration(name: str) -> bool:
    if not name.endswith(".json"):
        return False
    return name in {"package.json", LOCK_FILE} or name.startswith(("tsconfig", "jsconfig"))


def _is_source(name: str, *, tests: bool) -> bool:
    if not name.endswith(SUFFIXES) or name.endswith((".min.js", ".d.ts")):
        return False
    return tests or not any(mark in name for mark in _TESTS)


def _listed(lock: str, text: bytes) -> set[str]:
    folder = lock.removesuffix(LOCK_FILE)
    try:
        return {f"{folder}{name}" for name in json.loads(text)["files"]}
    except (ValueError, KeyError, TypeError):
        return set()


def _parser(name: str) -> Parser:
    import tree_sitter_typescript

    # JSX is read in JavaScript too; in TypeScript `<T>value` is a cast.
    plain = name.endswith(_PLAIN_TYPESCRIPT)
    grammar = (
        tree_sitter_typescript.language_typescript()
        if plain
        else tree_sitter_typescript.language_tsx()
    )
    return Parser(Language(grammar))
