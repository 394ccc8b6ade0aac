"""A service on a guessable secret answers this machine alone."""

from functools import lru_cache
from ipaddress import ip_address

from starlette.requests import Request

from lockstitch.errors import PlaceholderSecret
from lockstitch.settings import LOOPBACK, PLACEHOLDER, Settings

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def refuse_exposed_placeholder(request: Request, settings: Settings) -> None:
    """Refuse a request that came in at an address which others can reach, on the placeholder key.

    `lockstitch up` knows its address and refuses to start; another server's is known only here.

    Raises:
        PlaceholderSecret: The secret key is the placeholder and the address is not loopback.
    """
    if settings.secret_key.get_secret_value() != PLACEHOLDER:
        return
    server = request.scope.get("server")
    if server is not None and _is_reachable(str(server[0])):
        raise PlaceholderSecret(
            "The service runs on a placeholder secret and answers this machine alone. "
            "Set LOCKSTITCH_SECRET_KEY and start it again."
        )


def is_development(request: Request, settings: Settings) -> bool:
    """Whether a program of this machine calls a service that nobody runs for others.

    The name in the address counts as well: a page of another site may let a name of its own lead
    here. What came through a proxy may come from anywhere.
    """
    return (
        settings.is_private
        and settings.secret_key.get_secret_value() == PLACEHOLDER
        and request.url.hostname in LOOPBACK
        and not any(name in request.headers for name in _FORWARDED)
    )


@lru_cache(maxsize=16)
def _is_reachable(host: str) -> bool:
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return False  # A unix socket, or a name that a test gave.
