"""Cross-site request forgery: a write from a page of another origin is refused."""

from starlette.requests import Request

from lockstitch.errors import ForeignOrigin

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_foreign_write(request: Request) -> None:
    """Refuse a write that a browser sent from a page of another origin.

    Programs send neither header and pass; browsers send at least one with every write.

    Raises:
        ForeignOrigin: Origin or Sec-Fetch-Site names another origin.
    """
    if request.method in _READS:
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in {"same-origin", "none"} or (origin and not _is_own(origin, request)):
        raise ForeignOrigin(
            "This request comes from a page of another site. Open the application's own address."
        )


def _is_own(origin: str, request: Request) -> bool:
    # The scheme is left out: behind a proxy that ends TLS the application sees http.
    _, _, host = origin.partition("://")
    return host == request.headers.get("host")
