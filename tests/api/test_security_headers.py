"""What every answer tells a browser to refrain from: each operation, each refusal, each file."""

from collections.abc import Callable, Iterator
from secrets import token_hex
from uuid import uuid4

import httpx2
import pytest
from conftest import Fragile, Repeat
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.responses import Response

from lockstitch import Lockstitch, Settings
from lockstitch.console.mount import mount_console
from lockstitch.identity.audience import person

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
STRONG = token_hex(32)
FRESH = {"get_prediction"}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    application = FastAPI()
    Lockstitch(application, models=[Repeat, Fragile], settings=settings)
    mount_console(application)

    @application.get("/own/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>Mine")

    @application.get("/own/framed")
    async def framed() -> HTMLResponse:
        return HTMLResponse(
            "<p>Mine",
            headers={
                "content-security-policy": "frame-ancestors *",
                "x-content-type-options": "own",
                "referrer-policy": "unsafe-url",
            },
        )

    @application.get("/own/data")
    async def data() -> dict[str, bool]:
        return {"own": True}

    @application.get("/own/unchanged")
    async def unchanged() -> Response:
        return Response(status_code=304, headers={"etag": '"one"'})

    @application.get("/own/me", dependencies=[Depends(person())])
    async def me() -> PlainTextResponse:
        return PlainTextResponse("you")

    @application.get("/own/kept", dependencies=[Depends(person())])
    async def kept() -> PlainTextResponse:
        return PlainTextResponse("you", headers={"cache-control": "private, max-age=60"})

    @application.get("/own/broken")
    async def broken() -> None:
        raise ValueError

    return application


def requests_of(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Return the id, method and path of every operation, each id in a path made up."""
    for path, item in app.openapi()["paths"].items():
        if path.startswith("/own"):
            continue
        for method, operation in item.items():
            concrete = path.replace("{id}", str(uuid4()))
            for parameter in operation.get("parameters", []):
                concrete = concrete.replace(f"{{{parameter['name']}}}", "missing")
            yield operation["operationId"], method, concrete


def assert_complete(answer: httpx2.Response, *, kept: bool = False) -> None:
    where = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
    for name, value in {
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "content-security-policy": DATA_POLICY,
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert answer.headers.get_list(name) == [value], where
    assert "camera=()" in answer.headers["permissions-policy"], where
    if not kept:
        assert answer.headers.get_list("cache-control") == ["no-store"], where
    # The test calls by plain http.
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


async def test_every_operation_of_the_contract_answers_with_them(
    app: FastAPI, anonymous: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    statuses = set()
    requests = list(requests_of(app))
    # Signing out is the last of it.
    requests.sort(key=lambda one: one[0] == "delete_current_session")
    for operation, method, path in requests:
        for caller in (anonymous, client):
            for body in (None, b"{}", b'{"text": "hello"}'):
                if body and method == "get":
                    continue
                kind = {"content-type": "application/json"} if body else {}
                answer = await caller.request(method, path, content=body, headers=kind)
                statuses.add(answer.status_code)
                assert_complete(answer, kept=operation in FRESH)
    assert len(requests) > 25
    assert statuses >= {200, 204, 401, 404, 415, 422}


async def test_a_prediction_that_may_be_kept_says_so_and_has_the_others(
    client: httpx2.AsyncClient,
) -> None:
    made = (await client.post("/v1/models/repeat/predictions", json={"text": "hello"})).json()
    answer = await client.get(f"/v1/predictions/{made['id']}")

    assert_complete(answer, kept=True)
    assert answer.headers["cache-control"] == "private, max-age=300"


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v1/../v1/x"])
async def test_an_unknown_path_of_ours_has_them(anonymous: httpx2.AsyncClient, path: str) -> None:
    assert_complete(await anonymous.get(path))


@pytest.mark.parametrize("path", ["/nothing", "/own/data", "/openapi.json"])
async def test_data_elsewhere_has_them_and_is_kept_as_its_owner_says(
    anonymous: httpx2.AsyncClient, path: str
) -> None:
    answer = await anonymous.get(path)

    assert_complete(answer, kept=True)
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/docs", "/sign-in/", "/nothing/at/all"])
async def test_a_page_of_the_console_keeps_its_policy(
    anonymous: httpx2.AsyncClient, path: str
) -> None:
    answer = await anonymous.get(path, headers={"accept": "text/html"})

    assert answer.headers["content-type"].startswith("text/html"), answer.status_code
    for name in ("content-security-policy", "permissions-policy", "cross-origin-opener-policy"):
        assert len(answer.headers.get_list(name)) == 1, name
    assert "sha256-" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("cache-control") == ["no-cache"]


async def test_a_page_of_the_owner_loads_what_it_likes_and_is_framed_by_nobody_else(
    anonymous: httpx2.AsyncClient,
) -> None:
    answer = await anonymous.get("/own/page")

    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "permissions-policy" not in answer.headers
    assert "cross-origin-opener-policy" not in answer.headers
    assert "cache-control" not in answer.headers


async def test_what_the_owner_says_is_left_alone(anonymous: httpx2.AsyncClient) -> None:
    answer = await anonymous.get("/own/framed")

    assert answer.headers.get_list("content-security-policy") == ["frame-ancestors *"]
    assert answer.headers.get_list("x-content-type-options") == ["own"]
    assert answer.headers.get_list("referrer-policy") == ["unsafe-url"]


async def test_a_page_that_the_browser_has_kept_keeps_its_policy(
    anonymous: httpx2.AsyncClient,
) -> None:
    answer = await anonymous.get("/own/unchanged")

    assert answer.status_code == 304
    assert "content-security-policy" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_route_of_the_owner_that_asks_who_calls_is_not_kept(
    client: httpx2.AsyncClient,
) -> None:
    signed_in = await client.get("/own/me")
    client.cookies.clear()
    refused = await client.get("/own/me")

    assert [signed_in.status_code, refused.status_code] == [200, 401]
    assert signed_in.headers["cache-control"] == refused.headers["cache-control"] == "no-store"


async def test_a_route_of_the_owner_that_says_how_long_is_kept(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/own/kept")).headers["cache-control"] == "private, max-age=60"


async def test_an_unexpected_error_has_them_and_an_id(anonymous: httpx2.AsyncClient) -> None:
    answer = await anonymous.get("/own/broken")

    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://app.example.com", "max-age=60"),
        ("http://app.example.com", None),
        # Else a browser would insist on https for every other service of this machine.
        ("https://localhost:8443", None),
        ("https://127.0.0.1:8443", None),
    ],
)
async def test_browsers_insist_on_https_where_they_came_by_it(
    settings: Settings, start: Callable, url: str, told: str | None
) -> None:
    application = FastAPI()
    Lockstitch(application, settings=Settings(**{**dict(settings), "hsts_seconds": 60}))
    await start(application)
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url=url) as client:
        for path in ("/livez", "/nothing", "/openapi.json"):
            assert (await client.get(path)).headers.get("strict-transport-security") == told


async def test_behind_a_proxy_that_ends_tls_browsers_insist_too(
    settings: Settings, start: Callable
) -> None:
    application = FastAPI()
    declared = {"https": True, "secret_key": STRONG}
    Lockstitch(application, settings=Settings(**{**dict(settings), **declared}))
    client = await start(application)

    answer = await client.get("/livez", headers={"host": "app.example.com"})

    assert answer.headers["strict-transport-security"] == "max-age=31536000"
