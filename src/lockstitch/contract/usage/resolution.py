"""Which file an import means: relative paths, aliases of tsconfig, imports and workspaces."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ENDINGS: Final = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs")
_COMPILED: Final = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_MAXIMUM_EXTENDS: Final = 5


@dataclass(frozen=True, slots=True)
class Alias:
    """A pattern such as `@/*` with what stands in its place, from the root."""

    folder: str
    pattern: str
    targets: tuple[str, ...]

    def apply(self, source: str) -> Iterator[str]:
        """Yield the paths that an import may mean."""
        before, star, after = self.pattern.partition("*")
        if not star:
            if source == self.pattern:
                yield from self.targets
            return
        if source.startswith(before) and source.endswith(after):
            inner = source[len(before) : len(source) - len(after)]
            yield from (target.replace("*", inner) for target in self.targets)


@dataclass(frozen=True, slots=True)
class Configurations:
    """What the configuration files of a front end say about imports."""

    aliases: tuple[Alias, ...] = ()
    roots: tuple[tuple[str, str], ...] = ()
    packages: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Resolver:
    """Finds sources by what imports say."""

    files: frozenset[str]
    configurations: Configurations
    _known: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def resolve(self, importer: str, source: str) -> str | None:
        """Return the source that an import means, or None where it is not among the sources."""
        key = (posixpath.dirname(importer), source)
        if key not in self._known:
            found = (self._file(path) for path in self._candidates(importer, source))
            self._known[key] = next((path for path in found if path is not None), None)
        return self._known[key]

    def _candidates(self, importer: str, source: str) -> Iterator[str]:
        if source.startswith("."):
            yield posixpath.join(posixpath.dirname(importer), source)
            return
        for alias in self.configurations.aliases:
            if _is_within(importer, alias.folder):
                yield from alias.apply(source)
        for folder, root in self.configurations.roots:
            if _is_within(importer, folder):
                yield posixpath.join(root, source)
        for name, (folder, entries) in self.configurations.packages.items():
            if source == name:
                yield from entries
                yield from (posixpath.join(folder, one) for one in ("src/index", "index", "src"))
            elif source.startswith(f"{name}/"):
                inner = source[len(name) + 1 :]
                yield from (posixpath.join(folder, one, inner) for one in ("src", "", "dist"))

    def _file(self, path: str) -> str | None:
        clean = posixpath.normpath(path)
        if clean in self.files:
            return clean
        stem, ending = posixpath.splitext(clean)
        for compiled in _COMPILED.get(ending, ()):
            if stem + compiled in self.files:
                return stem + compiled
        tries = (f"{clean}{middle}{one}" for middle in ("", "/index") for one in _ENDINGS)
        return next((one for one in tries if one in self.files), None)


def read_configurations(texts: Mapping[str, bytes]) -> Configurations:
    """Read the `tsconfig.json` and `package.json` files of a front end; nearer ones come first."""
    aliases: list[Alias] = []
    roots: list[tuple[str, str]] = []
    packages: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name in sorted(texts, key=lambda one: (-one.count("/"), one)):
        data = _json(texts[name])
        folder, file = posixpath.split(name)
        if file == "package.json":
            aliases += _imports(data, folder)
            if isinstance(data.get("name"), str):
                packages[data["name"]] = (folder, tuple(_entries(data, folder)))
        elif file != "lockstitch.lock.json":
            base, paths, origin = _paths(name, data, texts)
            aliases += [
                Alias(folder, pattern, tuple(posixpath.join(origin, base, one) for one in targets))
                for pattern, targets in paths.items()
            ]
            if "baseUrl" in _options(data):
                roots.append((folder, posixpath.join(origin, base)))
    return Configurations(tuple(aliases), tuple(roots), packages)


def _is_within(file: str, folder: str) -> bool:
    return not folder or file.startswith(f"{folder}/")


def _options(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found = data.get("compilerOptions")
    return found if isinstance(found, dict) else {}


def _paths(
    name: str, data: Mapping[str, Any], texts: Mapping[str, bytes]
) -> tuple[str, dict[str, list[str]], str]:
    """Return `baseUrl` and `paths`, those of what a configuration extends where it has none."""
    for _ in range(_MAXIMUM_EXTENDS):
        options, folder = _options(data), posixpath.dirname(name)
        paths = options.get("paths")
        if isinstance(paths, dict):
            listed = {key: one for key, one in paths.items() if isinstance(one, list)}
            return str(options.get("baseUrl", ".")), listed, folder
        parent = data.get("extends")
        if not isinstance(parent, str) or not parent.startswith("."):
            return str(options.get("baseUrl", ".")), {}, folder
        name = posixpath.normpath(posixpath.join(folder, parent))
        name = name if name in texts else f"{name}.json"
        data = _json(texts.get(name, b"{}"))
    return ".", {}, ""


def _imports(data: Mapping[str, Any], folder: str) -> Iterator[Alias]:
    found = data.get("imports")
    for pattern, target in found.items() if isinstance(found, dict) else ():
        targets = [one for one in _strings(target) if one.startswith(".")]
        yield Alias(folder, pattern, tuple(posixpath.join(folder, one) for one in targets))


def _entries(data: Mapping[str, Any], folder: str) -> Iterator[str]:
    exports = data.get("exports")
    main = exports.get(".", exports) if isinstance(exports, dict) else exports
    for value in (data.get("source"), data.get("types"), data.get("main"), main):
        yield from (posixpath.join(folder, one) for one in _strings(value))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)


def _json(text: bytes) -> dict[str, Any]:
    """Read JSON as tsconfig has it: with comments and trailing commas."""
    clean = _STRING_OR_COMMENT.sub(lambda one: one[1] or "", text.decode(errors="replace"))
    clean = _TRAILING_COMMA.sub(lambda one: one[1] or "", clean)
    try:
        data = json.loads(clean)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
