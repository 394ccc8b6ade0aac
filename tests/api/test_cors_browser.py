"""Pages of other origins in a real browser: what they may send, and what they may read."""

import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from browser import visiting
from conftest import PASSWORD, Fragile, Repeat
from fastapi import FastAPI
from listening_application import listening_application
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from lockstitch import Lockstitch, Settings

# A page on a busy machine; else it takes two.
PAGE_SECONDS = 100

SCRIPT = """
const told = {}
const attempt = async (name, path, options = {}) => {
  try {
    const answer = await fetch(API + path, { credentials: 'include', ...options })
    const names = ['x-request-id', 'retry-after', 'ratelimit', 'idempotency-replayed']
    told[name] = {
      status: answer.status,
      body: await answer.text(),
      headers: names.filter((one) => answer.headers.get(one) !== null),
    }
  } catch (error) {
    told[name] = { error: error.name }
  }
}
const json = (body, more = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...more },
  body: JSON.stringify(body),
})
const account = { email: `${ID}@example.com`, password: PASSWORD }
await attempt('preflighted write', '/v1/accounts', json(account))
await attempt('simple write', '/v1/accounts', { method: 'POST', body: JSON.stringify(account) })
await attempt('read with the cookie', '/v1/sessions/current')
await attempt('missing', '/v1/nothing')
await attempt('refused', '/v1/accounts', json({}))
await attempt('too often', '/v1/accounts', json({ ...account, email: 'b@example.com' }))
await attempt('own', '/own')
await attempt('broken', '/own/broken')
const prediction = json({ text: 'hello' }, { 'idempotency-key': ID })
await attempt('keyed', '/v1/models/repeat/predictions', prediction)
await attempt('again', '/v1/models/repeat/predictions', prediction)
await fetch('/report', { method: 'POST', body: JSON.stringify(told) })
"""


@dataclass
class Pages:
    """A server of pages that call the service, and what they tell of it."""

    api: str = ""
    told: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)

    def application(self) -> Starlette:
        return Starlette(
            routes=[Route("/", self._page), Route("/report", self._take, methods=["POST"])]
        )

    async def _page(self, _: Request) -> Response:
        known = {"API": self.api, "ID": uuid4().hex, "PASSWORD": PASSWORD}
        constants = "".join(
            f"const {name} = {json.dumps(value)}\n" for name, value in known.items()
        )
        return HTMLResponse(f"<!doctype html><script type=module>{constants}{SCRIPT}</script>")

    async def _take(self, request: Request) -> Response:
        self.told.put(json.loads(await request.body()))
        return Response(status_code=204)


def service(settings: Settings, origins: str) -> FastAPI:
    made = FastAPI()
    given = {**dict(settings), "cors_origins": origins, "sign_ups_per_address": 1}
    Lockstitch(made, models=[Repeat, Fragile], settings=Settings(**given))

    @made.get("/own")
    async def own() -> dict[str, bool]:
        return {"own": True}

    @made.get("/own/broken")
    async def broken() -> None:
        raise ValueError

    return made


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def ports(settings: Settings, pages: Pages) -> Iterator[tuple[int, int]]:
    """The ports of an allowed page and of another one."""
    with ExitStack() as stack:
        allowed = stack.enter_context(listening_application(pages.application()))
        other = stack.enter_context(listening_application(pages.application()))
        origins = f"http://127.0.0.1:{allowed},http://localhost:{allowed}"
        api = stack.enter_context(listening_application(service(settings, origins)))
        pages.api = f"http://127.0.0.1:{api}"
        yield allowed, other


def told_by(pages: Pages, url: str) -> dict[str, Any]:
    with visiting(url):
        return pages.told.get(timeout=PAGE_SECONDS)


def test_an_allowed_page_of_the_same_site_signs_in_and_reads_every_answer(
    pages: Pages, ports: tuple[int, int]
) -> None:
    told = told_by(pages, f"http://127.0.0.1:{ports[0]}/")

    assert {name: answer.get("status") for name, answer in told.items()} == {
        "preflighted write": 201,
        "simple write": 415,
        "read with the cookie": 200,
        "missing": 404,
        "refused": 422,
        "too often": 429,
        "own": 200,
        "broken": 500,
        "keyed": 200,
        "again": 200,
    }
    problem = json.loads(told["missing"]["body"])
    assert problem["type"] == "urn:lockstitch:problem:not-found"
    assert all("x-request-id" in answer["headers"] for answer in told.values())
    assert {"retry-after", "ratelimit"} <= set(told["too often"]["headers"])
    assert "idempotency-replayed" in told["again"]["headers"]


def test_an_allowed_page_of_another_site_reads_answers_and_has_no_cookie(
    pages: Pages, ports: tuple[int, int]
) -> None:
    # For a browser localhost and 127.0.0.1 are two sites, and the cookie is SameSite=Lax.
    told = told_by(pages, f"http://localhost:{ports[0]}/")

    assert told["preflighted write"]["status"] == 201
    assert told["read with the cookie"]["status"] == 401
    assert "sign-in-required" in told["read with the cookie"]["body"]
    assert told["keyed"]["status"] == 401


def test_another_page_reads_nothing_and_changes_nothing(
    pages: Pages, ports: tuple[int, int], owner_dsn: str
) -> None:
    told = told_by(pages, f"http://127.0.0.1:{ports[1]}/")

    assert {name: answer for name, answer in told.items() if "error" not in answer} == {}
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select count(*) from auth.users").fetchone() == (0,)
