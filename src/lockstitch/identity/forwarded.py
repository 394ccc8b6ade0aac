"""What trusted proxies say of a request: who sent it, by which scheme, to which host.

Whoever calls can write the same headers. So only what the proxy at the other end of the socket,
and those before it that are trusted too, have added is believed. Which of the two families of
headers they write is a setting: a proxy passes on what it does not know, so believing both would
let a caller choose.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Literal

from starlette.types import Scope

from lockstitch.identity.address import Address, parse_address

Family = Literal["x-forwarded", "forwarded"]
Field = tuple[bytes, bytes]

_FOR: Final = b"x-forwarded-for"
_SCHEMES: Final = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
_SOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}
# RFC 7239: a token, or a quoted string that may hold commas.
_PAIR: Final = re.compile(
    r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))\s*'
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What is known of the request as it reached the outermost trusted proxy."""

    scheme: str | None
    host: str | None
    caller: str
    # Those that the proxies saw, the caller first; in the form of `X-Forwarded-For`.
    addresses: str

    @property
    def is_plain(self) -> bool:
        """Whether a proxy says that the caller, on another machine, used plain http."""
        caller = _parse(self.caller)
        return self.scheme == "http" and (caller is None or not caller.is_loopback)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Reads the headers of trusted proxies."""

    trusted: tuple[IPv4Network | IPv6Network, ...]
    family: Family = "x-forwarded"

    def read(self, scope: Scope) -> Forwarded | None:
        """Return what the proxies say; None when the other end of the socket is none of them."""
        client = scope.get("client")
        if client is None or not is_within(client[0], self.trusted):
            return None
        if self.family == "forwarded":
            return self._standard(_joined(scope["headers"], b"forwarded"))
        return self._customary(scope["headers"])

    def _customary(self, fields: Iterable[Field]) -> Forwarded:
        fields = list(fields)
        hops = _joined(fields, _FOR).split(",")
        depth = self._depth(hops)
        scheme = _one_of(_joined(fields, b"x-forwarded-proto"), depth)
        host = _one_of(_joined(fields, b"x-forwarded-host"), depth)
        return _forwarded(scheme, host, hops, depth)

    def _standard(self, header: str) -> Forwarded:
        elements = _elements(header)
        if not elements:
            return _forwarded("", "", [""], 1)
        hops = [element.get("for", "") for element in elements]
        depth = self._depth(hops)
        element = elements[-depth]
        return _forwarded(element.get("proto", ""), element.get("host", ""), hops, depth)

    def _depth(self, hops: Sequence[str]) -> int:
        """Return how many proxies, counted from the socket, have added what can be believed."""
        for depth, hop in enumerate(reversed(hops), 1):
            if not is_within(_bare(hop), self.trusted):
                return depth
        return len(hops)


def apply(forwarded: Forwarded, scope: Scope) -> None:
    """Make a request look as it did to the outermost trusted proxy.

    `scheme` and the Host header are replaced where they are known, and `X-Forwarded-For` is what
    the chosen family says, so that everything behind reads one form.
    """
    if forwarded.scheme is not None:
        is_socket = scope["type"] == "websocket"
        scope["scheme"] = _SOCKET_SCHEMES[forwarded.scheme] if is_socket else forwarded.scheme
    replaced = {_FOR} if forwarded.host is None else {_FOR, b"host"}
    fields = [field for field in scope["headers"] if field[0] not in replaced]
    fields.append((_FOR, forwarded.addresses.encode("latin-1")))
    if forwarded.host is not None:
        fields.append((b"host", forwarded.host.encode("latin-1")))
    scope["headers"] = fields


def is_within(text: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Return whether an address, as text, is in one of the networks."""
    address = _parse(text)
    return address is not None and any(address in network for network in networks)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Address | None:
    return parse_address(text)


def _joined(fields: Iterable[Field], name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in fields if key == name)


def _one_of(header: str, depth: int) -> str:
    """Return what the proxy at this depth wrote; of one that overwrites there is one value."""
    values = [value.strip() for value in header.split(",")]
    return values[-min(depth, len(values))]


def _elements(header: str) -> list[dict[str, str]]:
    """Return the elements of a Forwarded header; none when it is not well-formed."""
    elements: list[dict[str, str]] = [{}]
    place = 0
    while place < len(header):
        pair = _PAIR.match(header, place)
        if pair is None:
            return []
        name, quoted, token = pair.groups()
        elements[-1][name.lower()] = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        place = pair.end()
        if place == len(header):
            break
        if header[place] == ",":
            elements.append({})
        elif header[place] != ";":
            return []
        place += 1
    return elements if header.strip() else []


def _forwarded(scheme: str, host: str, hops: Sequence[str], depth: int) -> Forwarded:
    addresses = [_bare(hop) for hop in hops]
    return Forwarded(
        _SCHEMES.get(scheme.lower()), host or None, addresses[-depth], ",".join(addresses)
    )


def _bare(node: str) -> str:
    """Return the address of a node, without brackets and port."""
    node = node.strip()
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node
