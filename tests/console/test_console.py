"""How the built console is served: encodings, caching, policy, and what it must not answer."""

import gzip
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from lockstitch.console.asset import Asset, content_security_policy
from lockstitch.console.mount import BUILT, mount_console
from lockstitch.errors import ConfigurationError


@pytest.fixture
async def client() -> httpx2.AsyncClient:
    application = FastAPI()
    mount_console(application)

    @application.get("/added/after")
    async def added_after() -> dict[str, bool]:
        return {"own": True}

    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as opened:
        yield opened


def script_of_the_build() -> str:
    # The largest one: what is too short to gain from compression has none.
    path = max((BUILT / "_next" / "static").rglob("*.js"), key=lambda file: file.stat().st_size)
    return f"/{path.relative_to(BUILT).as_posix()}"


async def test_the_page_comes_with_a_policy_that_allows_only_what_was_built(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.get("/")

    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy == content_security_policy(page.text)
    script_policy = policy.split("script-src ")[1].split(";")[0]
    assert "unsafe" not in script_policy
    assert "sha256-" in script_policy
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_files_with_hashed_names_are_kept_for_ever(client: httpx2.AsyncClient) -> None:
    answer = await client.get(script_of_the_build())

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip", "gzip"),
        ("", None),
        ("identity", None),
    ],
)
async def test_a_file_is_sent_in_the_best_encoding_that_is_accepted(
    client: httpx2.AsyncClient, accept: str, encoding: str | None
) -> None:
    path = script_of_the_build()
    plain = (BUILT / path[1:]).read_bytes()

    async with client.stream("GET", path, headers={"accept-encoding": accept}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])

    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) == len(raw)
    if encoding is None:
        assert raw == plain
    else:
        assert len(raw) < len(plain) / 2
    if encoding == "gzip":
        assert gzip.decompress(raw) == plain


async def test_an_unchanged_file_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    first = await client.get("/")

    again = await client.get("/", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""


async def test_head_answers_as_get_without_the_body(client: httpx2.AsyncClient) -> None:
    got, headed = await client.get("/"), await client.head("/")

    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["content-length"] == got.headers["content-length"]


async def test_a_folder_is_redirected_to_its_page_with_the_query(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get("/history?id=1")

    assert answer.status_code == 308
    assert answer.headers["location"] == "/history/?id=1"
    assert (await client.get("/history/?id=1")).status_code == 200


async def test_a_page_that_is_not_there_is_a_404_page_for_people_and_json_for_programs(
    client: httpx2.AsyncClient,
) -> None:
    person = await client.get("/nowhere", headers={"accept": "text/html"})
    program = await client.get("/nowhere", headers={"accept": "application/json"})

    assert person.status_code == program.status_code == 404
    assert person.headers["content-type"] == "text/html; charset=utf-8"
    assert program.headers["content-type"] == "application/json"


async def test_under_the_api_prefix_there_is_never_a_page(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/nowhere", headers={"accept": "text/html"})

    assert answer.status_code == 404
    assert "json" in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/../mount.py", "/%2e%2e/mount.py", "/..%2fmount.py"])
async def test_nothing_outside_the_build_is_served(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert b"mount_console" not in answer.content


async def test_routes_of_the_application_come_first_even_when_added_later(
    client: httpx2.AsyncClient,
) -> None:
    assert (await client.get("/added/after")).json() == {"own": True}


async def test_the_reference_loads_nothing_from_elsewhere(client: httpx2.AsyncClient) -> None:
    page = await client.get("/docs")

    assert page.status_code == 200
    assert "https://" not in page.text
    for part in page.text.split('"'):
        if part.startswith("/docs-assets/"):
            assert (await client.get(part)).status_code == 200
    assert "sha256-" in page.headers["content-security-policy"]


async def test_the_other_reference_leads_to_ours(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/redoc")

    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_without_docs_the_application_has_none() -> None:
    application = FastAPI(docs_url=None)
    mount_console(application)
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get("/docs")).status_code == 404


def test_a_console_that_was_not_built_says_how(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="make up"):
        mount_console(FastAPI(), tmp_path)


def test_an_inline_script_changes_the_policy() -> None:
    policy: Callable[[str], str] = content_security_policy

    assert policy("<script>a</script>") != policy("<script>b</script>")
    assert "sha256" not in policy('<script src="/a.js"></script>')


def test_a_picture_is_sent_as_what_it_is() -> None:
    assert Asset.of("/icon.png", b"png").headers["content-type"] == "image/png"
