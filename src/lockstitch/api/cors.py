"""Cross-origin requests: which pages of other origins may call, and read what is answered."""

from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message

from lockstitch.api.idempotency import REPLAYED
from lockstitch.errors import ConfigurationError
from lockstitch.settings import ANY_ORIGIN, Settings

# What a page may read of an answer, beside the few headers that it always may.
EXPOSED: Final = (
    "Content-Disposition",
    "Date",
    "Deprecation",
    "ETag",
    REPLAYED,
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Request-Id",
)
# As long as Chromium keeps it; other browsers would keep it for a day.
_PREFLIGHT_SECONDS: Final = 7200
# No site has such a name, so who allows it allows every site.
_SOME_SITE: Final = "https://any.invalid"


class Cors:
    """Answers the preflight requests of allowed origins and lets their pages read answers.

    For other origins it does nothing: an application's own `CORSMiddleware` may allow them.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._origins = frozenset(origin.encode() for origin in settings.cors_origins)
        self._any = ANY_ORIGIN in settings.cors_origins
        self.answer: ASGIApp = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_credentials=settings.cors_credentials,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )

    def allows(self, origin: bytes) -> bool:
        """Return whether pages of this origin may call."""
        return self._any or origin in self._origins


def vary_by_origin(message: Message) -> None:
    """Say that the answer would differ for another origin, so that no cache mixes them up."""
    for place, (name, value) in enumerate(message["headers"]):
        if name == b"vary":
            if b"origin" not in value.lower():
                message["headers"][place] = (name, value + b", Origin")
            return
    message["headers"].append((b"vary", b"Origin"))


def refuse_open_cors(app: FastAPI) -> None:
    """Refuse an application whose own CORS middleware lets every page act as who looks at it.

    Raises:
        ConfigurationError: It allows every origin together with credentials.
    """
    for middleware in app.user_middleware:
        if _is_open(middleware):
            raise ConfigurationError(
                "The application's CORSMiddleware allows every origin together with credentials: "
                "any page could act as whoever looks at it. Name the origins in it, or in "
                "LOCKSTITCH_CORS_ORIGINS."
            )


def _is_open(middleware: Middleware) -> bool:
    kind: Any = middleware.cls
    if not (isinstance(kind, type) and issubclass(kind, CORSMiddleware)):
        return False
    # As Any, since Starlette types the options of a middleware by its factory.
    build: Any = kind
    made = build(_nothing, *middleware.args, **middleware.kwargs)
    with_credentials = "Access-Control-Allow-Credentials" in made.simple_headers
    return with_credentials and bool(made.is_allowed_origin(_SOME_SITE))


async def _nothing(*_: Any) -> None:
    """Stand where a middleware that is only looked at expects an application."""
