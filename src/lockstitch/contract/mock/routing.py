"""Which operation a method and a path are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lockstitch.contract.document import Document, Operation
from lockstitch.errors import MethodNotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    operations: Mapping[str, Operation]


class Router:
    """Finds operations; paths begin at the root, and where the document's servers have them."""

    def __init__(self, document: Document) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in document.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        # A path without parameters is meant before one whose parameter would take its place.
        ordered = sorted(by_path.items(), key=lambda pair: (pair[0].count("{"), -len(pair[0])))
        self._routes = [_route(path, operations) for path, operations in ordered]
        paths = (urlsplit(server).path.rstrip("/") for server in document.servers)
        self._prefixes = tuple(dict.fromkeys(["", *paths]))

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation and its path parameters.

        Raises:
            NotFound: No path of the contract is like this one.
            MethodNotAllowed: The path has other methods.
        """
        allowed: set[str] = set()
        for route, values in self._matches(path):
            wanted = method.lower()
            if wanted == "head" and "head" not in route.operations:
                wanted = "get"
            if wanted in route.operations:
                return route.operations[wanted], dict(zip(route.names, values, strict=True))
            allowed.update(one.upper() for one in route.operations)
        if allowed:
            raise MethodNotAllowed(f"This path has {', '.join(sorted(allowed))}.")
        raise NotFound(f"The contract has no path like {path}.")

    def _matches(self, path: str) -> Iterator[tuple[_Route, tuple[str, ...]]]:
        for prefix in self._prefixes:
            if not path.startswith(prefix):
                continue
            for route in self._routes:
                found = route.pattern.fullmatch(path, len(prefix))
                if found:
                    yield route, tuple(unquote(text) for text in found.groups())


def _route(path: str, operations: Mapping[str, Operation]) -> _Route:
    parts = re.split(r"\{([^{}]+)\}", path)
    literals = [re.escape(part) for part in parts[::2]]
    pattern = literals[0] + "".join(f"([^/]+?){literal}" for literal in literals[1:])
    return _Route(re.compile(pattern), tuple(parts[1::2]), operations)
