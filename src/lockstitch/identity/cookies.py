"""The session cookie."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from lockstitch.settings import Settings


def is_secure(connection: HTTPConnection, settings: Settings) -> bool:
    """Return whether the caller came by https, or is known to come by nothing else."""
    return settings.secure or connection.scope.get("scheme") in {"https", "wss"}


def cookie_name(connection: HTTPConnection, settings: Settings) -> str:
    """Return the cookie's name.

    `__Host-` makes a browser refuse the cookie unless it is for https, this host and every path.
    On loopback the port is part of the name, since browsers share cookies between ports.
    """
    secure = is_secure(connection, settings)
    return "__Host-lockstitch" if secure else f"lockstitch-{settings.port}"


def read_token(connection: HTTPConnection, settings: Settings) -> str | None:
    """Return the session token that the browser sent, or None."""
    return connection.cookies.get(cookie_name(connection, settings))


def set_token(request: Request, response: Response, token: str, settings: Settings) -> None:
    """Make the browser keep the token, out of the reach of scripts and other sites."""
    response.set_cookie(
        cookie_name(request, settings),
        token,
        max_age=int(settings.session_days * 86_400),
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def clear_token(request: Request, response: Response, settings: Settings) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(
        cookie_name(request, settings),
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )
