"""Which pages may open a WebSocket: on a real server, by a program and in a real browser."""

import asyncio
import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from browser import visiting
from fastapi import Depends, FastAPI, WebSocket
from listening_application import listening_application
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lockstitch import Lockstitch, Settings
from lockstitch.identity.origin import own_origin

PAGE_SECONDS = 100
# Below our prefix by rule, elsewhere because the route says so, and one that does not.
GUARDED = ("/v1/own", "/own/guarded")
OPEN = "/own/open"
SCRIPT = """
const attempt = (path) => new Promise((resolve) => {
  const socket = new WebSocket(API + path)
  socket.onmessage = ({ data }) => resolve(data)
  socket.onclose = ({ code }) => resolve(`closed ${code}`)
})
const told = {}
for (const path of PATHS) told[path] = await attempt(path)
await fetch('/report', { method: 'POST', body: JSON.stringify(told) })
"""


@dataclass
class Pages:
    """A server of pages that open sockets, and what they tell of it."""

    api: str = ""
    told: "queue.Queue[dict[str, str]]" = field(default_factory=queue.Queue)

    def application(self) -> Starlette:
        report = Route("/report", self._take, methods=["POST"])
        return Starlette(routes=[Route("/", self._page), report])

    async def _page(self, _: Request) -> Response:
        known = {"API": self.api, "PATHS": [*GUARDED, OPEN]}
        constants = "".join(
            f"const {name} = {json.dumps(value)}\n" for name, value in known.items()
        )
        return HTMLResponse(f"<!doctype html><script type=module>{constants}{SCRIPT}</script>")

    async def _take(self, request: Request) -> Response:
        self.told.put(json.loads(await request.body()))
        return Response(status_code=204)


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("welcome")
    await socket.close()


def service(settings: Settings, origins: str) -> FastAPI:
    made = FastAPI()
    Lockstitch(made, settings=Settings(**{**dict(settings), "cors_origins": origins}))
    made.websocket("/v1/own")(greet)
    made.websocket("/own/guarded", dependencies=[Depends(own_origin)])(greet)
    made.websocket(OPEN)(greet)
    return made


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def ports(settings: Settings, pages: Pages) -> Iterator[tuple[int, int, int]]:
    """The ports of the service, of an allowed page and of another one."""
    with ExitStack() as stack:
        allowed = stack.enter_context(listening_application(pages.application()))
        other = stack.enter_context(listening_application(pages.application()))
        origins = f"http://127.0.0.1:{allowed}"
        api = stack.enter_context(listening_application(service(settings, origins)))
        pages.api = f"ws://127.0.0.1:{api}"
        yield api, allowed, other


async def opened(port: int, path: str, host: str = "127.0.0.1", **headers: str) -> Any:
    """Return what a program is told, or the status with which it is refused."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"ws://{host}:{port}{path}"
    try:
        async with connect(url, additional_headers=named, host="127.0.0.1", proxy=None) as socket:
            return await socket.recv()
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("path", GUARDED)
def test_a_program_the_own_page_and_an_allowed_one_connect_and_no_other(
    ports: tuple[int, int, int], path: str
) -> None:
    api, allowed, other = ports

    def told(**headers: str) -> Any:
        return asyncio.run(opened(api, path, **headers))

    assert told() == "welcome"
    assert told(origin=f"http://127.0.0.1:{api}") == "welcome"
    assert told(origin=f"http://127.0.0.1:{allowed}", sec_fetch_site="same-site") == "welcome"
    assert told(origin=f"http://127.0.0.1:{other}") == 403
    assert told(origin=f"http://localhost:{api}") == 403
    assert told(origin="https://evil.example") == 403
    assert told(origin="null") == 403
    assert told(sec_fetch_site="cross-site") == 403


def test_a_socket_for_another_host_is_not_accepted(ports: tuple[int, int, int]) -> None:
    for path in (*GUARDED, OPEN):
        assert asyncio.run(opened(ports[0], path, host="localhost")) == "welcome"
        assert asyncio.run(opened(ports[0], path, host="evil.example")) == 421


def test_the_refusal_says_why(ports: tuple[int, int, int]) -> None:
    async def refusal() -> dict[str, Any]:
        headers = {"origin": "https://evil.example"}
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{ports[0]}/v1/own", additional_headers=headers)
        return json.loads(caught.value.response.body or b"{}")

    assert asyncio.run(refusal())["type"] == "urn:lockstitch:problem:foreign-origin"


def test_in_a_browser_too(pages: Pages, ports: tuple[int, int, int]) -> None:
    _, allowed, other = ports
    with visiting(f"http://127.0.0.1:{allowed}/"):
        assert pages.told.get(timeout=PAGE_SECONDS) == dict.fromkeys([*GUARDED, OPEN], "welcome")
    with visiting(f"http://127.0.0.1:{other}/"):
        assert pages.told.get(timeout=PAGE_SECONDS) == {
            **dict.fromkeys(GUARDED, "closed 1006"),
            # What no rule guards, any page opens: browsers do not ask first.
            OPEN: "welcome",
        }
