"""Addresses in code: what is base, what is path, and which operation answers there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import urlsplit

from lockstitch.contract.document import Document, Operation
from lockstitch.contract.usage.calls import Base
from lockstitch.contract.usage.following.values import Piece, Site, Text

HOLE: Final = "{}"
_ORIGIN = re.compile(r"[a-z][a-z+.-]*://[^/]*", re.IGNORECASE)
# What a proxy or a mount may put before the paths of a contract.
_PREFIX = re.compile(r"api|v\d+|backend|proxy|rest|services?|server|bff|gateway", re.IGNORECASE)
_PARAMETER = re.compile(r"\{[^}]*\}|:\w+|\[[^\]]*\]")
_MARK = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address taken apart. `path` has `{}` where the code fills something in."""

    origin: str | None
    variable: str | None
    segments: tuple[str, ...]
    tail: bool = False
    query: tuple[str, ...] = ()
    site: Site | None = None

    @property
    def path(self) -> str:
        """The path as a person would write it."""
        return "/" + "/".join(self.segments)


def target_of(address: Text) -> Target | None:
    """Take an address apart, or return None where nothing of its path is known."""
    whole, _, query = "".join(
        _MARK if piece.hole else piece.text for piece in address.pieces
    ).partition("?")
    origin, variable, path = _without_base(whole.partition("#")[0], address.pieces)
    segments = [part for part in path.split("/") if part]
    if not any(_is_literal(part) for part in segments):
        return None
    tail = _MARK in segments[-1] and segments[-1] != _MARK
    return Target(
        origin=origin,
        variable=variable,
        segments=tuple(_segment(part) for part in segments),
        tail=tail and segments[-1].endswith(_MARK),
        query=tuple(_query_names(query)),
        site=_site(address.pieces),
    )


def _without_base(whole: str, pieces: tuple[Piece, ...]) -> tuple[str | None, str | None, str]:
    found = _ORIGIN.match(whole)
    if found is not None:
        origin = found[0]
        return (None if _MARK in origin else origin), None, whole[found.end() :]
    if whole.startswith(_MARK):
        return None, pieces[0].text or None, whole[1:]
    return "", None, whole


def _is_literal(segment: str) -> bool:
    return _MARK not in segment and _PARAMETER.fullmatch(segment) is None


def _segment(part: str) -> str:
    if _PARAMETER.fullmatch(part):
        return HOLE
    if _MARK not in part:
        return part
    # `tasks${query}`: what comes last may well be a query.
    return part.rstrip(_MARK) if part.endswith(_MARK) and part.rstrip(_MARK) else HOLE


def _query_names(query: str) -> Iterator[str]:
    for part in query.split("&"):
        name = part.partition("=")[0]
        if name and _MARK not in name:
            yield name


def _site(pieces: tuple[Piece, ...]) -> Site | None:
    """Return the call that gave the path: the last part of the address that names something."""
    last: Piece | None = None
    for piece in pieces:
        before, mark, _ = piece.text.partition("?")
        if not piece.hole and re.search(r"\w", before):
            last = piece
        if mark and not piece.hole:
            break
    return last.site if last is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An operation that answers at an address, and what of the path came before its own."""

    operation: Operation
    prefix: str
    cost: tuple[int, int, int]


@dataclass(slots=True)
class Router:
    """Finds the operation of an address as a server would, with room for a base in between."""

    document: Document
    _routes: list[tuple[Operation, tuple[str, ...]]] = field(init=False)
    _mounts: tuple[tuple[str, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._routes = [(one, _parts(one.path)) for one in self.document.operations]
        paths = (_parts(urlsplit(server).path) for server in self.document.servers)
        self._mounts = tuple({(), *paths})

    def find(self, method: str, target: Target) -> Match | None:
        """Return the operation that fits best."""
        return min(
            (one for one in self._matches(target) if one.operation.method == method.lower()),
            key=lambda match: match.cost,
            default=None,
        )

    def methods(self, target: Target) -> list[str]:
        """Return the methods that the path of an address knows."""
        return sorted({match.operation.method.upper() for match in self._matches(target)})

    def nearest(self, target: Target) -> str | None:
        """Return the path of the contract that is most like that of an address."""
        own = prefix_free(target.segments)
        ranked = sorted(
            {operation.path for operation in self.document.operations},
            key=lambda path: (
                len(_parts(path)) != len(own),
                -SequenceMatcher(None, path, "/" + "/".join(own)).ratio(),
                path,
            ),
        )
        return ranked[0] if ranked else None

    def meant(self, method: str, target: Target) -> Operation | None:
        """Return the operation that an unknown path may mean: it differs in one word alone."""
        segments = prefix_free(target.segments)
        found = [
            operation
            for operation, parts in self._routes
            if operation.method == method.lower() and _differs_in_one_word(parts, segments)
        ]
        return found[0] if len(found) == 1 else None

    def words(self) -> frozenset[str]:
        """Return the first words of every path: what an address without `/` may begin with."""
        return frozenset(part for _, parts in self._routes for part in parts if part != HOLE)

    def _matches(self, target: Target) -> Iterator[Match]:
        segments = target.segments
        for operation, parts in self._routes:
            for mount in self._mounts:
                match = _fit(operation, (*mount, *parts), segments, target)
                if match is not None:
                    yield match


def prefix_free(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the segments of a path without those of a mount before it."""
    count = next((n for n, one in enumerate(segments) if not _PREFIX.fullmatch(one)), 0)
    return segments[count:]


def _differs_in_one_word(parts: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    if len(parts) != len(segments):
        return False
    other = [(a, b) for a, b in zip(parts, segments, strict=True) if a != b]
    return len(other) == 1 and HOLE not in other[0]


def _fit(
    operation: Operation, parts: tuple[str, ...], segments: tuple[str, ...], target: Target
) -> Match | None:
    before = len(segments) - len(parts)
    if before >= 0:
        prefix, rest = segments[:before], segments[before:]
        if not all(_PREFIX.fullmatch(part) or part == HOLE for part in prefix):
            return None
        cost = _compare(parts, rest)
        shown = "/" + "/".join(prefix) if prefix else ""
        return cost and Match(operation=operation, prefix=shown, cost=(before, *cost))
    # The base that an environment variable holds may end in the beginning of the paths.
    missing = parts[:-before]
    if HOLE in missing:
        return None
    if target.origin is not None and not all(_PREFIX.fullmatch(part) for part in missing):
        return None
    cost = _compare(parts[-before:], segments)
    return cost and Match(operation=operation, prefix="", cost=(-before, *cost))


def _compare(parts: tuple[str, ...], segments: tuple[str, ...]) -> tuple[int, int] | None:
    """Return how far an address is from a path, or None where they cannot be the same."""
    guessed = same = 0
    for part, segment in zip(parts, segments, strict=True):
        if part == segment and part != HOLE:
            same += 1
        elif segment == HOLE and part != HOLE:
            guessed += 1
        elif part != HOLE:
            return None
    if parts and not same and any(part != HOLE for part in parts):
        return None
    return guessed, -same


def _parts(path: str) -> tuple[str, ...]:
    return tuple(HOLE if "{" in part else part for part in path.split("/") if part)


def prefix_of(path: str) -> str:
    """Return what of a path looks like the mount of a service: `/api/v1` of `/api/v1/tasks`."""
    parts = path.split("/")
    count = next(
        (n for n, part in enumerate(parts) if n and not _PREFIX.fullmatch(part)), len(parts)
    )
    return "/".join(parts[:count])


def base_of(target: Target, prefix: str) -> Base:
    """Return where a client expects the service, given what the contract's path left over."""
    spot = target.site.spot if target.site is not None else None
    return Base(origin=target.origin, prefix=prefix, variable=target.variable, spot=spot)
