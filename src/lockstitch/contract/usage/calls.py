"""What a front end does with a contract: calls, the members they read, the members they send."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lockstitch.findings import Place

# The path of a member in wire names. `EACH` stands for an item of an array or a value of a map.
MemberPath = tuple[str, ...]
EACH = "*"

Style = Literal[
    "fetch",
    "axios",
    "ky",
    "swr",
    "openapi-fetch",
    "generated",
]
# `problem`: read of an answer that the code takes for a failure, such as after `if (!res.ok)`.
Side = Literal["answer", "problem"]
Part = Literal["body", "query", "path", "header"]


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in a source; `line` and `column` count from 1, `file` is relative to the project."""

    file: str
    line: int
    column: int

    @property
    def place(self) -> Place:
        """The spot as findings name it."""
        return Place(file=self.file, line=self.line, column=self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRead:
    """A member of an answer that the code reads. `name` is how the code spells its last part."""

    path: MemberPath
    name: str
    spot: Spot
    side: Side = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSend:
    """A member of a request that the code fills in, in its body or among its parameters."""

    part: Part
    path: MemberPath
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberClaim:
    """A member of a type that the code declares for an answer, whether it is read or not.

    `certain` tells that the type, as it is written, does not let the member be null.
    """

    path: MemberPath
    name: str
    type: str
    spot: Spot
    optional: bool = False
    certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where a client expects the service: `http://localhost:8000`, `NEXT_PUBLIC_API_URL`, or "".

    `origin` is empty for a path of the page's own origin and None where an environment variable
    alone says it; `prefix` is the part of the path that the contract does not know.
    """

    origin: str | None
    prefix: str = ""
    variable: str | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One place that calls the service.

    `operation` is None where no operation of the contract answers `method` and `path`, and `path`
    is what the code asks for, `{}` in place of what it fills in. `spot` is where the path is given:
    the call of `fetch`, or of the function of the front end that hands a path on to it.
    `body_is_whole` tells that the code shows every member of the body, so a missing one is missing.
    """

    operation: str | None
    method: str
    path: str
    spot: Spot
    style: Style
    base: Base
    reads: tuple[MemberRead, ...] = ()
    sends: tuple[MemberSend, ...] = ()
    claims: tuple[MemberClaim, ...] = ()
    body_is_whole: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A function on the way from a page to a call: a page, a component, a hook or another."""

    name: str
    kind: Literal["page", "component", "hook", "function"]
    spot: Spot

    @property
    def key(self) -> str:
        """Tells this stage from others: `src/app/page.tsx#Page`."""
        return f"{self.spot.file}#{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Every call of a front end, and who uses whom on the way to it.

    `own_routes` are the paths that the front end answers itself, `{}` for what varies in them;
    `uses` holds pairs of the keys of stages; `Call.owner` is the key of the stage that calls.
    `unfinished` names functions whose values were not followed to the end: a bound was reached.
    """

    calls: tuple[Call, ...] = ()
    stages: tuple[Stage, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()
    own_routes: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()

    @property
    def known(self) -> "tuple[Call, ...]":
        """The calls that an operation of the contract answers."""
        return tuple(call for call in self.calls if call.operation is not None)

    def of(self, operation: str) -> Iterator[Call]:
        """Yield the calls of one operation."""
        return (call for call in self.calls if call.operation == operation)
