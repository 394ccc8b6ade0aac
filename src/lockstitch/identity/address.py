"""From which network address a request comes, as far as that can be believed."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address

# A subscriber gets at least this much of IPv6: one of its addresses says nothing of who calls.
_IPV6_PREFIX: Final = 64


def client_address(scope: Scope, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """Return who called: an IPv4 address, or the /64 network of an IPv6 one.

    It is the other end of the socket. Where that is a trusted proxy, it is the last address in
    `X-Forwarded-For` that no trusted proxy has: what stands before it, the caller can forge.

    Args:
        scope: The ASGI scope of the request.
        trusted: The networks of proxies that are believed.
    """
    client = scope.get("client")
    host = client[0] if client else ""
    return _behind_proxies(host, scope, trusted) if trusted else _of_peer(host)


@lru_cache(maxsize=4096)
def _of_peer(host: str) -> str:
    return _counted(_parse(host))


def _behind_proxies(host: str, scope: Scope, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    peer = _parse(host)
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    while peer is not None and hops and any(peer in network for network in trusted):
        hop = _parse(hops.pop())
        if hop is None:
            break
        peer = hop
    return _counted(peer)


def _counted(peer: Address | None) -> str:
    if peer is None:
        return "unknown"  # A unix socket has no address.
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, _IPV6_PREFIX), strict=False))
    return str(peer)


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
