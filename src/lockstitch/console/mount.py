"""Mounting the console on an application: it answers what no route of the application does."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch.api.problems import is_ours
from lockstitch.console.asset import COMPRESSED_SUFFIXES, Asset
from lockstitch.errors import ConfigurationError

BUILT = Path(__file__).parent / "static"

_DOCS_ASSETS = "/docs-assets"


def mount_console(app: FastAPI, directory: Path = BUILT) -> None:
    """Serve the built console at `/` and the interactive reference at the application's docs URL.

    The application's own routes come first, also those that are added later.

    Raises:
        ConfigurationError: The console was never built.
    """
    if not (directory / "index.html").is_file():
        raise ConfigurationError(
            "The console is not built. Run `make up` in a clone, or install the released wheel."
        )
    assets = read_assets(directory)
    if app.docs_url and app.openapi_url:
        _replace_docs(app, assets)
    app.router.default = Console(assets, app.router.default)


def read_assets(directory: Path) -> dict[str, Asset]:
    """Read every file of the built console, by the path at which it is served."""
    assets = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.suffix not in COMPRESSED_SUFFIXES:
            url_path = f"/{path.relative_to(directory).as_posix()}".removesuffix("index.html")
            assets[url_path] = Asset.read(path, url_path)
    return assets


class Console:
    """The console as an ASGI application in front of what would else be a 404."""

    def __init__(self, assets: dict[str, Asset], otherwise: ASGIApp) -> None:
        self._assets = assets
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer reads of the console's files; everything else goes on."""
        response = self._response(scope) if scope["type"] == "http" else None
        await (response or self._otherwise)(scope, receive, send)

    def _response(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"} or is_ours(path):
            return None
        headers = Headers(scope=scope)
        head = scope["method"] == "HEAD"
        asset = self._assets.get(path)
        if asset is not None:
            return asset.response(headers, head=head)
        if f"{path}/" in self._assets:
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{path}/{'?' + query if query else ''}", 308)
        if "text/html" in headers.get("accept", ""):
            return self._assets["/404.html"].response(headers, status=404, head=head)
        return None


def _replace_docs(app: FastAPI, assets: dict[str, Asset]) -> None:
    """Serve FastAPI's reference from files of ours, since its own page loads from elsewhere."""
    docs_url, openapi_url = str(app.docs_url), str(app.openapi_url)
    app.router.routes[:] = [
        route
        for route in app.router.routes
        if not (isinstance(route, Route) and route.path in {docs_url, app.redoc_url})
    ]
    if app.redoc_url:
        app.router.routes.append(
            Route(app.redoc_url, lambda _: RedirectResponse(docs_url), include_in_schema=False)
        )
    page = get_swagger_ui_html(
        openapi_url=openapi_url,
        title=f"{app.title} reference",
        swagger_js_url=f"{_DOCS_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_DOCS_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_DOCS_ASSETS}/favicon-32x32.png",
    )
    assets[docs_url] = Asset.of(docs_url, bytes(page.body))
