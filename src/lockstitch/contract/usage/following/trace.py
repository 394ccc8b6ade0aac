"""What following values through a front end has found so far."""

from dataclasses import dataclass, field

from lockstitch.contract.usage.calls import Base, MemberClaim, MemberPath, MemberRead, Side
from lockstitch.contract.usage.following.values import Record, Request, Site, Typed
from lockstitch.contract.usage.syntax import Function
from lockstitch.contract.usage.urls import Target

# What tells one request of a front end from another: where, how, and which path.
RequestKey = tuple[Site, str, str, str]


@dataclass(slots=True)
class Found:
    """What is known of one request."""

    request: Request
    bases: set[Base] = field(default_factory=set)
    targets: dict[Target, None] = field(default_factory=dict)
    reads: set[MemberRead] = field(default_factory=set)
    probes: set[tuple[Side, MemberPath]] = field(default_factory=set)
    claims: set[MemberClaim] = field(default_factory=set)
    bodies: dict[Record | Typed, None] = field(default_factory=dict)
    query: dict[Record, None] = field(default_factory=dict)
    inputs: dict[Record | Typed, None] = field(default_factory=dict)
    query_names: set[str] = field(default_factory=set)
    other_body: bool = False


@dataclass(slots=True)
class Trace:
    """The requests, and which functions use which."""

    requests: dict[RequestKey, Found] = field(default_factory=dict)
    uses: dict[tuple[Function, Function], None] = field(default_factory=dict)

    def of(self, request: Request) -> Found:
        """Return what is known of a request."""
        key = (request.site, request.style, request.method, request.path)
        return self.requests[key]

    def intern(self, request: Request) -> Found:
        """Return the entry of a request, the one that is there where it is the same."""
        key = (request.site, request.style, request.method, request.path)
        found = self.requests.get(key)
        if found is None:
            found = self.requests[key] = Found(request)
        return found
