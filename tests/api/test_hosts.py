"""Which hosts the service answers to, how it may be reached, and requests that are two at once."""

import socket
from collections.abc import Callable, Iterator
from secrets import token_hex

import httpx2
import pytest
from conftest import PASSWORD
from fastapi import FastAPI
from listening_application import listening_application
from starlette.types import Receive, Scope, Send

from lockstitch import Lockstitch, Settings

STRONG = token_hex(32)
ADA = {"email": "ada@example.com", "password": PASSWORD}
NETWORK = "192.0.2.1"


def application(settings: Settings, **changes: object) -> FastAPI:
    made = FastAPI()
    Lockstitch(made, settings=Settings(**{**dict(settings), **changes}))

    @made.post("/own/echo")
    async def echo() -> dict[str, bool]:
        return {"own": True}

    return made


async def asked(
    made: FastAPI, path: str, *, server: str, url: str, peer: str = "127.0.0.1", **headers: str
) -> httpx2.Response:
    """Ask at an address of the service's, as uvicorn tells it."""

    async def reached(scope: Scope, receive: Receive, send: Send) -> None:
        await made({**scope, "server": (server, 8000)}, receive, send)

    transport = httpx2.ASGITransport(reached, client=(peer, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=url) as client:
        if path == "/v1/accounts":
            return await client.post(path, json=ADA, headers=headers)
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("LocalHost", 200),
        ("localhost.", 200),
        ("app.localhost:3000", 200),
        ("[::1]:8000", 200),
        ("127.8.8.8", 200),
        # A page may point its own name at 127.0.0.1.
        ("evil.example:8000", 421),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("192.0.2.1:8000", 421),
        ("", 421),
        ("localhost, evil.example", 421),
        ("localhost/evil", 421),
    ],
)
@pytest.mark.parametrize("path", ["/openapi.json", "/v1/sessions/current", "/nothing"])
async def test_on_loopback_only_names_of_this_machine_are_answered_to(
    settings: Settings, start: Callable, host: str, status: int, path: str
) -> None:
    made = application(settings)
    await start(made)

    answer = await asked(made, path, server="127.0.0.1", url="http://localhost", host=host)

    assert (answer.status_code == 421) == (status == 421), answer.text
    if status == 421:
        assert answer.json()["type"] == "urn:lockstitch:problem:host-refused"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("app.example.com", False),
        ("app.example.com:443", False),
        ("APP.example.com", False),
        ("other.example.com:9000", False),
        ("other.example.com:9001", True),
        ("localhost", False),
        ("sub.app.example.com", True),
        ("evil.example", True),
    ],
)
@pytest.mark.parametrize("server", ["127.0.0.1", NETWORK])
async def test_with_names_of_its_own_the_service_answers_to_those_everywhere(
    settings: Settings, start: Callable, host: str, refused: bool, server: str
) -> None:
    made = application(
        settings,
        secret_key=STRONG,
        public_url="https://app.example.com",
        allowed_hosts="other.example.com:9000",
    )
    await start(made)

    answer = await asked(made, "/openapi.json", server=server, url="http://localhost", host=host)

    assert (answer.status_code == 421) == refused


async def test_an_orchestrator_may_ask_by_any_name_whether_the_process_lives(
    settings: Settings, start: Callable
) -> None:
    made = application(settings, secret_key=STRONG, allowed_hosts="app.example.com")
    await start(made)

    for path in ("/livez", "/readyz"):
        answer = await asked(made, path, server=NETWORK, url="http://10.9.8.7:8000")
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("server", "url", "changes", "status"),
    [
        (NETWORK, "http://app.example.com", {}, 403),
        (NETWORK, "https://app.example.com", {}, 201),
        (NETWORK, "http://app.example.com", {"insecure_http": True}, 201),
        (NETWORK, "http://app.example.com", {"https": True}, 201),
        ("127.0.0.1", "http://localhost", {}, 201),
        ("::1", "http://localhost", {}, 201),
    ],
)
async def test_what_comes_over_a_network_comes_by_https_unless_told(
    settings: Settings,
    start: Callable,
    server: str,
    url: str,
    changes: dict[str, object],
    status: int,
) -> None:
    made = application(settings, secret_key=STRONG, **changes)
    await start(made)

    answer = await asked(made, "/v1/accounts", server=server, url=url)

    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["type"] == "urn:lockstitch:problem:https-required"
    else:
        secure = url.startswith("https") or "https" in changes
        assert ("; Secure" in answer.headers["set-cookie"]) == secure


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://app.example.com", 201),
        ("https://www.example.com", 201),
        # Somebody between could have written that page.
        ("http://app.example.com", 403),
        ("http://www.example.com", 403),
        ("https://evil.example", 403),
    ],
)
async def test_on_https_a_page_of_plain_http_is_foreign_and_the_public_one_never(
    settings: Settings, start: Callable, origin: str, status: int
) -> None:
    # A proxy that does not pass on the host: the service sees another one than the browser.
    made = application(
        settings,
        secret_key=STRONG,
        public_url="https://www.example.com",
        allowed_hosts="app.example.com",
    )
    await start(made)

    answer = await asked(
        made, "/v1/accounts", server=NETWORK, url="https://app.example.com", origin=origin
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "https"}, 201),
        ({"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "http"}, 403),
        # Forged before the proxy has added the last.
        ({"x-forwarded-for": "127.0.0.1, 198.51.100.1", "x-forwarded-proto": "http"}, 403),
        ({"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http"}, 201),
        ({"x-forwarded-for": "198.51.100.1"}, 201),
        ({}, 201),
    ],
)
async def test_who_came_to_the_proxy_by_plain_http_is_refused(
    settings: Settings, start: Callable, said: dict[str, str], status: int
) -> None:
    made = application(settings, secret_key=STRONG, trusted_proxies="10.0.0.0/8")
    await start(made)

    answer = await asked(
        made, "/v1/accounts", server="127.0.0.1", url="http://localhost", peer="10.1.1.1", **said
    )

    assert answer.status_code == status


@pytest.fixture(params=["httptools", "h11"])
def port(settings: Settings, request: pytest.FixtureRequest) -> Iterator[int]:
    with listening_application(application(settings), http=str(request.param)) as found:
        yield found


def statuses(port: int, request: bytes) -> list[int]:
    """Send bytes and return the statuses of all that comes back until the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


SECOND = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    head = [b"POST /own/echo HTTP/1.1", *lines]
    return b"\r\n".join([*head, b"", b""]) + body


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(
            b"Host: localhost",
            b"Content-Length: 5",
            b"Transfer-Encoding: chunked",
            body=b"0\r\n\r\n" + SECOND,
        ),
        post(
            b"Host: localhost",
            b"Transfer-Encoding: chunked",
            b"Content-Length: 5",
            body=b"0\r\n\r\n" + SECOND,
        ),
        post(b"Host: localhost", b"Content-Length: 0", b"Content-Length: 70", body=SECOND),
        post(b"Host: localhost", b"Content-Length: 0, 70", body=SECOND),
        post(b"Host: localhost", b"Content-Length: +0", body=SECOND),
        post(b"Host: localhost", b"Content-Length: 0x0", body=SECOND),
        post(b"Host: localhost", b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SECOND),
        post(
            b"Host: localhost", b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SECOND
        ),
        post(b"Host: localhost", b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SECOND),
        post(
            b"Host: localhost",
            b"Transfer-Encoding: chunked",
            body=b"0x1\r\na\r\n0\r\n\r\n" + SECOND,
        ),
        post(b"Host: localhost", b"Transfer-Encoding: chunked", body=b"-1\r\n\r\n" + SECOND),
        post(b"Host: localhost", b"X: a\rContent-Length: 70", body=SECOND),
        post(b"Host: localhost", b"Host: evil.example", b"Content-Length: 0") + SECOND,
        post(b"Host: evil.example", b"Host: localhost", b"Content-Length: 0") + SECOND,
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_behind_it_is_answered(
    port: int, request_bytes: bytes
) -> None:
    answers = statuses(port, request_bytes)

    assert answers == [] or answers[0] in {400, 501}, answers
    assert answers.count(200) == 0 or b"Host: evil" in request_bytes


def test_one_request_after_another_is_answered(port: int) -> None:
    first = post(b"Host: localhost", b"Content-Length: 0")

    assert statuses(port, first + SECOND) == [200, 200]
