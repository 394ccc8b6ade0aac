"""What is believed of proxies: through real ones, one behind the other, and past them."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from certificates import Pair, make_pair
from conftest import PASSWORD
from fastapi import FastAPI
from listening_application import listening_application
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lockstitch import Lockstitch, Settings
from lockstitch.identity.address import client_address

INNER, OUTER = "127.0.0.2", "127.0.0.3"
NAME = "app.example.com"
STRONG = token_hex(32)
ADA = {"email": "ada@example.com", "password": PASSWORD}
METHODS = ["GET", "POST", "OPTIONS"]


@dataclass
class Proxy:
    """Sends requests on from an address of its own, with the headers that proxies write."""

    upstream: int
    address: str
    family: str
    # Whether it ends TLS, and so knows the scheme; one behind another passes on what that said.
    outermost: bool

    def application(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.forward, methods=METHODS)])

    async def forward(self, request: Request) -> Response:
        assert request.client is not None
        headers = [(name, value) for name, value in request.headers.raw if name != b"connection"]
        wanted: dict[str, str] = {}
        if self.family == "forwarded":
            element = f"for={request.client.host};proto={request.url.scheme};host={NAME}"
            wanted["forwarded"] = ", ".join([*request.headers.getlist("forwarded"), element])
        else:
            hops = [*request.headers.getlist("x-forwarded-for"), request.client.host]
            wanted["x-forwarded-for"] = ", ".join(hops)
            if self.outermost:
                wanted["x-forwarded-proto"] = request.url.scheme
        kept = [(name, value) for name, value in headers if name.decode() not in wanted]
        sent = [*kept, *((name.encode(), value.encode()) for name, value in wanted.items())]
        transport = httpx2.AsyncHTTPTransport(local_address=self.address)
        async with httpx2.AsyncClient(transport=transport) as client:
            answer = await client.request(
                request.method,
                f"http://127.0.0.1:{self.upstream}{request.url.path}",
                headers=sent,
                content=await request.body(),
            )
        response = Response(answer.content, answer.status_code)
        response.headers.raw[:] = answer.headers.raw
        return response


@dataclass
class Chain:
    """A service, two proxies in front of it, and who calls."""

    client: httpx2.Client
    outside: str
    direct: str

    def seen(self, url: str, **headers: str) -> dict[str, Any]:
        named = {"host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
        answer = self.client.get(f"{url}/own/seen", headers=named)
        return answer.json()


def service(settings: Settings, family: str) -> FastAPI:
    made = FastAPI()
    given = {
        "trusted_proxies": f"{INNER},{OUTER}",
        "proxy_headers": family,
        "public_url": f"https://{NAME}",
        "secret_key": STRONG,
    }
    found = Settings(**{**dict(settings), **given})
    Lockstitch(made, settings=found)

    @made.get("/own/seen")
    async def seen(request: Request) -> dict[str, str]:
        return {
            "scheme": request.url.scheme,
            "host": request.url.netloc,
            "address": client_address(request.scope, found.trusted_proxies),
        }

    return made


@pytest.fixture(params=["x-forwarded", "forwarded"])
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


@pytest.fixture
def chain(settings: Settings, pair: Pair, family: str) -> Iterator[Chain]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair.certificate, pair.key)
    with ExitStack() as stack:
        api = stack.enter_context(listening_application(service(settings, family)))
        inner = Proxy(api, INNER, family, outermost=False)
        middle = stack.enter_context(listening_application(inner.application()))
        outer = Proxy(middle, OUTER, family, outermost=True)
        front = stack.enter_context(listening_application(outer.application(), tls=tls))
        trust = ssl.create_default_context(cafile=pair.certificate)
        client = stack.enter_context(httpx2.Client(verify=trust, timeout=30))
        yield Chain(client, f"https://localhost:{front}", f"http://127.0.0.1:{api}")


def test_through_both_the_service_sees_what_the_browser_does(chain: Chain) -> None:
    assert chain.seen(chain.outside) == {"scheme": "https", "host": NAME, "address": "127.0.0.1"}

    headers = {"host": NAME, "origin": f"https://{NAME}", "sec-fetch-site": "same-origin"}
    answer = chain.client.post(f"{chain.outside}/v1/accounts", json=ADA, headers=headers)

    assert answer.status_code == 201
    assert answer.headers["set-cookie"].startswith("__Host-lockstitch=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_what_a_caller_writes_before_them_counts_for_nothing(chain: Chain, family: str) -> None:
    forged = {
        "x_forwarded_for": f"198.51.100.1, {OUTER}",
        "x_forwarded_proto": "http",
        "forwarded": f'for=198.51.100.1;proto=http;host=evil.example, for="{OUTER}"',
    }

    assert chain.seen(chain.outside, **forged) == {
        "scheme": "https",
        "host": NAME,
        "address": "127.0.0.1",
    }


def test_what_a_caller_writes_past_them_counts_for_nothing(chain: Chain) -> None:
    forged = {
        "x_forwarded_for": "198.51.100.1",
        "x_forwarded_proto": "gopher",
        "x_forwarded_host": "evil.example",
        "forwarded": "for=198.51.100.1;proto=http;host=evil.example",
    }

    assert chain.seen(chain.direct, **forged) == {
        # What the public address says, since no proxy of ours has spoken.
        "scheme": "https",
        "host": NAME,
        "address": "127.0.0.1",
    }


@pytest.mark.parametrize("family", ["x-forwarded"])
def test_a_host_that_a_caller_slips_through_a_proxy_is_judged_like_any(chain: Chain) -> None:
    headers = {"host": NAME, "x-forwarded-host": "evil.example"}
    answer = chain.client.get(f"{chain.outside}/own/seen", headers=headers)

    assert answer.status_code == 421
    assert answer.json()["type"] == "urn:lockstitch:problem:host-refused"
