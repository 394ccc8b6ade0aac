"""References that lead out of their document, and those by `$anchor`, made local pointers."""

import copy
import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from lockstitch.contract.pointers import child, resolve, target
from lockstitch.contract.revisions import is_revision
from lockstitch.errors import UnreadableDocument

# Where the other files stand in the bundle, each under its name relative to the first.
FILES: Final = "x-lockstitch-files"
# What stands below these has names of its own choice.
_NAMES: Final = frozenset(
    {
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "headers",
        "parameters",
        "pathItems",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
    }
)
_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})
Load = Callable[[str], Any]


def bundled(document: Mapping[str, Any], source: str, load: Load) -> Mapping[str, Any]:
    """Return a document in which every reference is a pointer into itself.

    Args:
        document: The parsed document; it is not changed.
        source: Its path or URL, from which the names of other files go on; empty when it has
            none, and so no files beside it.
        load: Returns the parsed document at a path or URL.

    Raises:
        UnreadableDocument: An anchor is not there, a file cannot be read, or it is of another host.
    """
    if not _leads_out(document):
        return document
    return _Bundle(document, source, load).whole()


class _Bundle:
    def __init__(self, document: Mapping[str, Any], source: str, load: Load) -> None:
        self._root: dict[str, Any] = copy.deepcopy(dict(document))
        self._source = source
        self._load = load
        self._files: dict[str, Any] = {}
        self._places = {source: ""}
        self._loaded: dict[str, Any] = {}
        self._anchors: dict[str, dict[str, str]] = {}

    def whole(self) -> dict[str, Any]:
        """Return the document with every file that it leads to."""
        self._localise(self._root, self._source)
        if self._files:
            self._root[FILES] = self._files
            self._adopt()
        return self._root

    def _adopt(self) -> None:
        """Put what a component merely refers to in its place, and lead others there."""
        moved: dict[str, str] = {}
        components = self._root.get("components")
        for kind, named in components.items() if isinstance(components, dict) else ():
            for name, node in named.items() if isinstance(named, dict) else ():
                if not isinstance(node, dict) or [*node] != ["$ref"]:
                    continue
                here = child("/components", kind, name)
                place = target(node["$ref"], here)
                if place.startswith(f"/{FILES}/") and place not in moved:
                    moved[place] = here
                    named[name] = resolve(self._root, place, here)
        for document in (self._root, *self._files.values()):
            for pointer, node in _references(document):
                place = target(node["$ref"], pointer)
                node["$ref"] = f"#{quote(moved.get(place, place))}"

    def _localise(self, document: Any, source: str) -> None:
        place = self._places[source]
        for pointer, node in _references(document):
            name, fragment = urldefrag(node["$ref"])
            goal = self._file(source, name, place + pointer) if name else source
            if fragment and not fragment.startswith("/"):
                fragment = quote(self._anchored(fragment, goal, place + pointer))
            node["$ref"] = f"#{quote(self._places[goal])}{fragment}"

    def _anchored(self, name: str, source: str, pointer: str) -> str:
        """Return the pointer of an anchor within its document."""
        if source not in self._anchors:
            whole = self._root if source == self._source else self._loaded[source]
            self._anchors[source] = dict(_anchors(whole))
        if name not in self._anchors[source]:
            raise UnreadableDocument(
                f'"$ref" leads to the anchor {name!r}, which is not there.', pointer=pointer
            )
        return self._anchors[source][name]

    def _file(self, source: str, name: str, pointer: str) -> str:
        """Return the whole name of a file, having read it if nobody has."""
        goal = _joined(source, unquote(name))
        if not self._source or urlsplit(goal)[:2] != urlsplit(self._source)[:2]:
            message = f'"$ref" leads to {goal}. Only files beside the document can be read.'
            raise UnreadableDocument(f"{message} Bundle it first.", pointer=pointer)
        if goal not in self._places:
            key = posixpath.relpath(goal, posixpath.dirname(self._source) or ".")
            self._places[goal] = child(f"/{FILES}", key)
            self._loaded[goal] = self._files[key] = copy.deepcopy(self._load(goal))
            self._localise(self._files[key], goal)
        return goal


def _joined(source: str, goal: str) -> str:
    if "://" in source or "://" in goal:
        return urljoin(source, goal)
    if is_revision(source):
        # Beside `git:REF:path` is what the same revision has there.
        revision, _, path = source.rpartition(":")
        return f"{revision}:{posixpath.normpath(posixpath.join(posixpath.dirname(path), goal))}"
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), goal))


def _leads_out(document: Any) -> bool:
    """Whether there may be a reference that is no pointer; it is quick, for there seldom is one."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref", "#/")
            if isinstance(reference, str) and not reference.startswith("#/"):
                return True
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return False


def _references(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pointer of each object with a `$ref`, and the object."""
    for pointer, node in _objects(document):
        if isinstance(node.get("$ref"), str):
            yield pointer, node


def _anchors(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the anchors of a document with their pointers."""
    for pointer, node in _objects(document):
        for word in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(word), str):
                yield node[word], pointer


def _objects(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a document with its pointer, but for those that are data."""
    waiting: list[tuple[str, Any, bool]] = [("", document, False)]
    while waiting:
        pointer, node, named = waiting.pop()
        if isinstance(node, dict):
            yield pointer, node
            waiting += [
                (child(pointer, name), inner, name in _NAMES and not named)
                for name, inner in node.items()
                if isinstance(inner, dict | list) and (named or not _is_data(name))
            ]
        elif isinstance(node, list):
            waiting += [(child(pointer, place), one, False) for place, one in enumerate(node)]


def _is_data(name: str) -> bool:
    return name in _DATA or name.startswith("x-")
