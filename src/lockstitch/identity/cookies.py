"""The session cookie."""

from starlette.requests import Request
from starlette.responses import Response

from lockstitch.settings import Settings


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name.

    `__Host-` makes a browser refuse the cookie unless it is for https, this host and every path.
    On loopback the port is part of the name, since browsers share cookies between ports.
    """
    return "__Host-lockstitch" if settings.https else f"lockstitch-{settings.port}"


def read_token(request: Request, settings: Settings) -> str | None:
    """Return the session token that the browser sent, or None."""
    return request.cookies.get(cookie_name(settings))


def set_token(response: Response, token: str, settings: Settings) -> None:
    """Make the browser keep the token, out of the reach of scripts and other sites."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(settings.session_days * 86_400),
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def clear_token(response: Response, settings: Settings) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax"
    )
