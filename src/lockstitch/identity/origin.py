"""Requests that a browser sends for a page of another origin: which of them are taken.

A browser sends the session cookie along whatever page asks for it, as long as the page is of the
same site. So a write, and a WebSocket, from a page of another origin is refused, unless the origin
is one of `LOCKSTITCH_CORS_ORIGINS`. Programs send neither `Origin` nor `Sec-Fetch-Site` and pass.
"""

from typing import Final

from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection, Request
from starlette.status import WS_1008_POLICY_VIOLATION

from lockstitch.errors import ForeignOrigin
from lockstitch.settings import ANY_ORIGIN, Settings

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})
_SECURE: Final = frozenset({"https", "wss"})


def refuse_foreign_write(request: Request, settings: Settings) -> None:
    """Refuse a write that a browser sent from a page of another origin.

    Raises:
        ForeignOrigin: Origin or Sec-Fetch-Site names another origin, and it is not allowed.
    """
    if request.method in _READS or not is_foreign(request, settings):
        return
    raise ForeignOrigin(
        "This request comes from a page of another site. Open the application's own address, or "
        "name the page's origin in LOCKSTITCH_CORS_ORIGINS."
    )


def own_origin(connection: HTTPConnection) -> None:
    """Refuse a WebSocket that a page of another origin opens: `Depends(own_origin)`.

    The handshake is answered with 403 before anything is accepted. Routes below `/v1` are guarded
    already; this is for WebSocket routes elsewhere, which browsers open across origins without
    asking first.

    Raises:
        WebSocketException: The origin is neither the service's own nor allowed.
    """
    settings: Settings = connection.app.state.lockstitch_settings
    if is_foreign(connection, settings):
        raise WebSocketException(WS_1008_POLICY_VIOLATION, "This page may not connect.")


def is_foreign(connection: HTTPConnection, settings: Settings) -> bool:
    """Return whether a browser sent this for a page of an origin that is not allowed."""
    origin = connection.headers.get("origin")
    site = connection.headers.get("sec-fetch-site")
    if origin is None:
        # A browser names the origin with every write; without one only the site is known.
        return site is not None and site not in _OWN_SITE
    if _is_allowed(origin, connection, settings):
        return False
    return (site is not None and site not in _OWN_SITE) or not _is_own(origin, connection, settings)


def _is_allowed(origin: str, connection: HTTPConnection, settings: Settings) -> bool:
    allowed = settings.cors_origins
    if not allowed or (allowed != (ANY_ORIGIN,) and origin not in allowed):
        return False
    # No browser adds a bearer key by itself: whoever sends one means to.
    return settings.cors_credentials or _has_bearer(connection)


def _has_bearer(connection: HTTPConnection) -> bool:
    return connection.headers.get("authorization", "").lower().startswith("bearer ")


def _is_own(origin: str, connection: HTTPConnection, settings: Settings) -> bool:
    if origin == settings.public_url:
        return True
    scheme, _, host = origin.partition("://")
    # Behind a proxy that is not declared, pages are of https while the application sees http.
    if scheme == "http" and connection.scope.get("scheme") in _SECURE:
        return False
    return host == connection.headers.get("host")
