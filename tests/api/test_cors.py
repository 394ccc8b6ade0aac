"""Which pages of other origins may call, and that each answer tells their browser so."""

from collections.abc import Callable

import httpx2
import pytest
from conftest import PASSWORD, Fragile, Repeat
from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware

from lockstitch import Lockstitch, Settings
from lockstitch.api.cors import EXPOSED
from lockstitch.errors import ConfigurationError
from lockstitch.identity.audience import person

PAGE = "https://app.example.com"
OTHER = "https://evil.example"
ADA = {"email": "ada@example.com", "password": PASSWORD}
JSON = {"content-type": "application/json"}
ASK = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


def application(settings: Settings, **changes: object) -> FastAPI:
    made = FastAPI()
    given = {"cors_origins": PAGE, "sign_ups_per_address": 2, **changes}
    Lockstitch(made, models=[Repeat, Fragile], settings=Settings(**{**dict(settings), **given}))

    @made.get("/own")
    async def own() -> dict[str, bool]:
        return {"own": True}

    @made.get("/own/broken")
    async def broken() -> None:
        raise ValueError

    @made.get("/own/teapot")
    async def teapot() -> None:
        raise HTTPException(418)

    @made.post("/own/members", dependencies=[Depends(person(role="member"))])
    async def members() -> dict[str, bool]:
        return {"own": True}

    return made


@pytest.fixture
async def client(settings: Settings, start: Callable) -> httpx2.AsyncClient:
    return await start(application(settings))


async def errors_of(client: httpx2.AsyncClient, origin: str) -> list[httpx2.Response]:
    """Return an answer of each kind that a page may get."""
    headers = {"origin": origin}
    post = client.post
    return [
        await client.get("/livez", headers=headers),
        await post("/v1/accounts", json=ADA, headers=headers),
        await post("/v1/accounts", json={}, headers=headers),
        await post("/v1/accounts", content=b"{", headers={**headers, **JSON}),
        await post("/v1/accounts", content=b" " * 3000, headers={**headers, **JSON}),
        await post("/v1/accounts", json=ADA, headers=headers),
        await post("/v1/accounts", json=ADA, headers=headers),
        await post("/v1/models/fragile/predictions", json={"text": "raise"}, headers=headers),
        await client.get("/v1/api-keys", headers={**headers, "cookie": ""}),
        await client.get("/v1/nothing", headers=headers),
        await client.put("/v1/accounts", headers=headers),
        await client.get("/nothing", headers=headers),
        await client.get("/own", headers=headers),
        await client.get("/own/broken", headers=headers),
        await client.get("/own/teapot", headers=headers),
        await client.get("/openapi.json", headers=headers),
    ]


async def test_every_answer_can_be_read_by_an_allowed_page(client: httpx2.AsyncClient) -> None:
    answers = await errors_of(client, PAGE)

    statuses = {answer.status_code for answer in answers}
    assert statuses >= {200, 201, 400, 401, 404, 405, 409, 413, 418, 422, 429, 500}
    for answer in answers:
        assert answer.headers.get_list("access-control-allow-origin") == [PAGE], answer.url
        assert answer.headers.get_list("access-control-allow-credentials") == ["true"]
        assert "Origin" in answer.headers["vary"]
        exposed = answer.headers["access-control-expose-headers"]
        assert exposed == ", ".join(EXPOSED)
        assert answer.headers["x-request-id"]


async def test_no_answer_can_be_read_by_another_page(client: httpx2.AsyncClient) -> None:
    for answer in await errors_of(client, OTHER):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers["vary"]


async def test_what_no_page_asked_for_varies_too(client: httpx2.AsyncClient) -> None:
    # A cache would else hand an answer without the headers to a page that needs them.
    assert "Origin" in (await client.get("/own")).headers["vary"]


@pytest.mark.parametrize("path", ["/v1/accounts", "/own", "/nothing"])
async def test_a_preflight_is_answered_and_kept(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.options(path, headers={"origin": PAGE, **ASK})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type"
    assert answer.headers["access-control-max-age"] == "7200"
    assert answer.headers["x-request-id"]


async def test_the_preflight_of_another_page_is_not(client: httpx2.AsyncClient) -> None:
    answer = await client.options("/v1/accounts", headers={"origin": OTHER, **ASK})

    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (PAGE, "cross-site", 201),
        (PAGE, "same-site", 201),
        (OTHER, "cross-site", 403),
        (f"{PAGE}:8443", "same-site", 403),
        ("http://app.example.com", "cross-site", 403),
        ("https://sub.app.example.com", "same-site", 403),
        ("https://app.example.com.evil.example", "cross-site", 403),
        ("null", "cross-site", 403),
    ],
)
async def test_only_pages_of_allowed_origins_write(
    client: httpx2.AsyncClient, origin: str, site: str, status: int
) -> None:
    headers = {"origin": origin, "sec-fetch-site": site}
    answer = await client.post("/v1/accounts", json=ADA, headers=headers)

    assert answer.status_code == status


async def test_without_credentials_a_page_writes_with_a_bearer_key_alone(
    settings: Settings, start: Callable
) -> None:
    client = await start(application(settings, cors_origins="*", cors_credentials=False))
    headers = {"origin": OTHER, "sec-fetch-site": "cross-site"}

    signed_up = await client.post("/v1/accounts", json=ADA)
    session = await client.post(
        "/v1/models/repeat/predictions", json={"text": "hello"}, headers=headers
    )
    made = await client.post("/v1/api-keys", json={"name": "page", "scopes": ["predict"]})
    client.cookies.clear()
    key = await client.post(
        "/v1/models/repeat/predictions",
        json={"text": "hello"},
        headers={**headers, "authorization": f"Bearer {made.json()['key']}"},
    )

    assert [signed_up.status_code, session.status_code, key.status_code] == [201, 403, 200]
    assert key.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in key.headers


async def test_the_owners_own_middleware_keeps_working_and_nothing_is_doubled(
    settings: Settings, start: Callable
) -> None:
    theirs = "https://partner.example"
    made = application(settings)
    made.add_middleware(
        CORSMiddleware, allow_origins=[theirs, PAGE], allow_methods=["GET"], expose_headers=["X-A"]
    )
    client = await start(made)

    own = await client.get("/own", headers={"origin": theirs})
    own_preflight = await client.options(
        "/own", headers={"origin": theirs, "access-control-request-method": "GET"}
    )
    both = await client.get("/own", headers={"origin": PAGE})

    assert own.headers["access-control-allow-origin"] == theirs
    assert own.headers["access-control-expose-headers"] == "X-A"
    assert "access-control-allow-credentials" not in own.headers
    assert own_preflight.headers["access-control-allow-origin"] == theirs
    assert own_preflight.headers["access-control-allow-methods"] == "GET"
    assert both.headers.get_list("access-control-allow-origin") == [PAGE]
    assert both.headers.get_list("access-control-allow-credentials") == ["true"]
    assert len(both.headers.get_list("access-control-expose-headers")) == 1


async def test_without_the_setting_there_is_no_cors(settings: Settings, start: Callable) -> None:
    client = await start(application(settings, cors_origins=()))

    answer = await client.get("/own", headers={"origin": PAGE})

    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "vary" not in answer.headers


@pytest.mark.parametrize(
    "options",
    [
        {"allow_origins": ["*"]},
        {"allow_origin_regex": ".*"},
        {"allow_origins": [], "allow_origin_regex": "https://.*"},
    ],
)
async def test_an_application_that_opens_itself_to_every_page_does_not_start(
    settings: Settings, start: Callable, options: dict[str, object]
) -> None:
    made = application(settings)
    made.add_middleware(CORSMiddleware, allow_credentials=True, **options)

    with pytest.raises(ConfigurationError, match="every origin together with credentials"):
        await start(made)


async def test_an_application_that_opens_itself_without_credentials_does(
    settings: Settings, start: Callable
) -> None:
    made = application(settings, cors_origins=())
    made.add_middleware(CORSMiddleware, allow_origins=["*"])
    client = await start(made)

    assert (await client.get("/own", headers={"origin": OTHER})).headers[
        "access-control-allow-origin"
    ] == "*"
