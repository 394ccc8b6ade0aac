"""The requests that a finding shows, the forged ones, and what is never sent."""

import math
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyHeader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from service_thread import serving

from lockstitch.contract.reading import read_document
from lockstitch.guard.verify import exchange
from lockstitch.guard.verify.credentials import Credentials, Forgeries
from lockstitch.guard.verify.curl import curl_line
from lockstitch.guard.verify.requests_made import Effort
from lockstitch.guard.verify.run import verify_service

SEES = Path(shutil.which("bash") or "bash")


def shell_words(line: str) -> list[bytes]:
    """Return the words of a command as bash gives them to a program."""
    program = f"set -- {line}\nprintf '%s\\0' \"$@\""
    run = subprocess.run([SEES, "-c", program], capture_output=True, check=True)
    return run.stdout.split(b"\0")[:-1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary().filter(lambda body: b"\0" not in body), st.text(st.characters(codec="ascii")))
def test_a_shell_sends_the_same_body(body: bytes, query: str) -> None:
    url = f"http://127.0.0.1/rows?{query.replace(chr(0), '')}"
    request = exchange.Request("POST", url, {"content-type": "text/plain"}, body)

    words = shell_words(curl_line(request))

    assert words[:5] == [b"curl", b"-i", b"-X", b"POST", url.encode()]
    assert words[5:7] == [b"-H", b"content-type: text/plain"]
    assert words[7:] == ([b"--data-binary", body] if body else [])


def test_a_secret_is_not_shown() -> None:
    headers = {"authorization": "Bearer hunter2", "x-key": "hunter3", "user-agent": "x"}
    line = curl_line(exchange.Request("GET", "http://h/", headers), {"authorization", "x-key"})

    assert line == 'curl -i http://h/ -H "authorization: $AUTHORIZATION" -H "x-key: $X_KEY"'


SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
}


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [("bearer", 2), ("basic", 1), ("key", 1), ("session", 1), ("query", 1)],
)
def test_forged_requests_carry_no_true_credential(scheme: str, headers: int) -> None:
    document = read_document(
        {
            "openapi": "3.1.0",
            "info": {},
            "paths": {"/rows": {"get": {"security": [{scheme: []}], "responses": {}}}},
            "components": {"securitySchemes": SCHEMES},
        }
    )
    secret = {"authorization": "Bearer hunter2-hunter2", "cookie": "s=hunter2", "x-key": "hunter2"}
    url = "http://h/rows?page=2&key=hunter2" if scheme == "query" else "http://h/rows?page=2"
    request = exchange.Request("GET", url, {**secret, "accept": "*/*"})
    forgeries = Forgeries(document, Credentials(secret))
    operation = document.operations[0]

    anonymous = forgeries.anonymous(operation, request)
    assert anonymous.headers == {"accept": "*/*"}
    assert anonymous.url == "http://h/rows?page=2"
    forged = list(forgeries.broken(operation, request))
    assert len(forged) == headers + 1
    for _, one in forged:
        assert not set(one.headers.values()) & set(secret.values())
        assert "hunter2" not in one.url


@contextmanager
def guarded(*, looks: bool) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """A service that needs a key, and looks at it or only at whether there is one."""
    app = FastAPI()
    calls: list[str] = []
    key = APIKeyHeader(name="X-Key", auto_error=False)

    def holder(given: Annotated[str | None, Depends(key)]) -> None:
        if given is None or (looks and given != "hunter2"):
            raise HTTPException(401, "A key is needed")

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        calls.append(request.method)
        return await call_next(request)

    @app.get("/rows", dependencies=[Depends(holder)])
    @app.delete("/rows", dependencies=[Depends(holder)])
    def rows() -> int:
        return 1

    with serving(app) as url:
        yield url, app.openapi(), calls


@pytest.mark.parametrize(("looks", "found"), [(True, 0), (False, 2)])
def test_any_key_will_do_is_found_and_a_true_check_is_not(looks: bool, found: int) -> None:
    with guarded(looks=looks) as (url, contract, _):
        result = verify_service(contract, url, credentials=Credentials({"x-key": "hunter2"}))

    findings = result.report.findings
    assert [one.rule for one in findings] == ["security-not-enforced"] * found
    assert all("made-up key" in one.message for one in findings)
    assert result.reached == 2
    assert "hunter2" not in result.model_dump_json()


def test_reads_alone_are_sent_where_writes_are_not_allowed() -> None:
    with guarded(looks=False) as (url, contract, calls):
        verify_service(contract, url, effort=Effort(writes=False))

    assert set(calls) == {"GET"}


class Booking(BaseModel):
    day: date
    seats: int


@pytest.mark.parametrize(("least", "found"), [(0, []), (math.inf, ["allowed-request-refused"])])
def test_that_every_allowed_body_is_refused_is_a_warning(least: float, found: list[str]) -> None:
    app = FastAPI()

    @app.post("/bookings")
    def book(booking: Booking) -> Booking:
        if abs(booking.seats) < least or booking.day.year == 2000:
            raise RequestValidationError([])
        return booking

    with serving(app) as url:
        result = verify_service(app.openapi(), url, effort=Effort(examples=10))

    findings = result.report.findings
    assert [(one.rule, one.severity) for one in findings] == [(rule, "warning") for rule in found]


def test_a_service_that_hangs_or_hangs_up_is_found() -> None:
    app = FastAPI()

    @app.get("/slow")
    async def slow() -> int:
        import asyncio

        await asyncio.sleep(30)
        return 1

    with serving(app) as url:
        result = verify_service(app.openapi(), url, effort=Effort(request_seconds=0.3))

    assert [(one.rule, one.place.name) for one in result.report.findings] == [
        ("no-answer", "GET /slow")
    ]


def test_the_time_is_kept() -> None:
    app = FastAPI()

    @app.get("/rows")
    def rows(number: int = 1, text: str = "") -> int:
        return number + len(text)

    with serving(app) as url:
        effort = Effort(examples=100_000, max_seconds=2)
        result = verify_service(app.openapi(), url, effort=effort)

    assert not result.complete
