"""What a service that others can reach must have: a secret of its own, and https."""

from functools import lru_cache
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from lockstitch.errors import HttpsRequired, PlaceholderSecret
from lockstitch.settings import LOOPBACK, PLACEHOLDER, Settings

PROBES = frozenset({"/livez", "/readyz"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def refuse_exposed_placeholder(connection: HTTPConnection, settings: Settings) -> None:
    """Refuse a request that came in at an address which others can reach, on the placeholder key.

    `lockstitch up` knows its address and refuses to start; another server's is known only here.

    Raises:
        PlaceholderSecret: The secret key is the placeholder and the address is not loopback.
    """
    if settings.secret_key.get_secret_value() != PLACEHOLDER:
        return
    if _came_from_outside(connection):
        raise PlaceholderSecret(
            "The service runs on a placeholder secret and answers this machine alone. "
            "Set LOCKSTITCH_SECRET_KEY and start it again."
        )


def refuse_plain_http(connection: HTTPConnection, settings: Settings) -> None:
    """Refuse a request that came over a network by plain http, where all can read it.

    The probes of an orchestrator may: `/livez` and `/readyz` say nothing.

    Raises:
        HttpsRequired: It came by plain http, and `LOCKSTITCH_INSECURE_HTTP` is not set.
    """
    scope = connection.scope
    if scope.get("scheme") in {"https", "wss"} or settings.insecure_http or scope["path"] in PROBES:
        return
    proxy = scope.get("state", {}).get("lockstitch_forwarded")
    # A proxy on this machine or in front of it decides; one that says nothing may be of https.
    plain = _came_from_outside(connection) if proxy is None else proxy.is_plain
    if plain:
        raise HttpsRequired(
            "The service is to be reached by https, and this request came by plain http. Use the "
            "https address; who runs the service may allow http with LOCKSTITCH_INSECURE_HTTP=true."
        )


def _came_from_outside(connection: HTTPConnection) -> bool:
    server = connection.scope.get("server")
    return server is not None and _is_reachable(str(server[0]))


def is_development(request: HTTPConnection, settings: Settings) -> bool:
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
