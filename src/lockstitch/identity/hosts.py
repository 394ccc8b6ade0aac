"""Which Host headers the service answers to.

A page can point a name of its own at 127.0.0.1 and then call what listens there as if it were the
page's own server (DNS rebinding): for the browser all of it is one origin. The name stays in the
Host header, and by it such calls are refused.
"""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from lockstitch.errors import HostRefused
from lockstitch.settings import Settings

_HOST: Final = re.compile(rb"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_MOST_KEPT: Final = 256


class Judgement(NamedTuple):
    """What is known of one Host header at one address of ours."""

    refused: bool
    # `localhost` and what else leads to the same machine everywhere.
    loopback: bool


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The names of one service.

    Names of the loopback interface always lead to the machine that asks, so they are allowed
    everywhere. Others must be those of `LOCKSTITCH_PUBLIC_URL` and `LOCKSTITCH_ALLOWED_HOSTS`.
    Where none is set, a service that others can reach answers to every name: nobody knows what it
    is called, and who can point a name at it can reach it anyway.
    """

    names: frozenset[str]
    _kept: dict[tuple[bytes, str], Judgement] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "AllowedHosts":
        """Return the names that the settings give."""
        public = [urlsplit(settings.public_url).netloc] if settings.public_url else []
        return cls(frozenset([*public, *settings.allowed_hosts]))

    def judge(self, host: bytes, server: str) -> Judgement:
        """Return what is known of a Host header.

        Args:
            host: The header's value, empty when there is none.
            server: The address of ours at which the request came in.
        """
        known = self._kept.get((host, server))
        if known is None:
            known = self._judge(host, server)
            # A caller may send as many names as it likes.
            if len(self._kept) < _MOST_KEPT:
                self._kept[host, server] = known
        return known

    def _judge(self, host: bytes, server: str) -> Judgement:
        found = _HOST.fullmatch(host)
        if found is None:
            return Judgement(refused=bool(host) or self._asks(server), loopback=False)
        name = found[1].decode().lower().removesuffix(".")
        if is_loopback(name):
            return Judgement(refused=False, loopback=True)
        named = name in self.names or host.decode().lower() in self.names
        return Judgement(refused=self._asks(server) and not named, loopback=False)

    def _asks(self, server: str) -> bool:
        """Return whether a name must be a known one."""
        return bool(self.names) or _is_loopback_address(server)


def is_loopback(name: str) -> bool:
    """Return whether a host leads to the machine that asks, wherever that is."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_loopback_address(name.strip("[]"))


def refusal(host: bytes) -> HostRefused:
    """Return the error of a Host header that is refused."""
    if not host:
        return HostRefused("The request names no host. Send a Host header.")
    return HostRefused(
        "The service does not answer to the host that this request names. Open its own address, or "
        "name the host in LOCKSTITCH_PUBLIC_URL or LOCKSTITCH_ALLOWED_HOSTS."
    )


def _is_loopback_address(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
