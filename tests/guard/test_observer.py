"""The development observer: it sees every planted fault, and changes nothing."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from faulty_application import FAULTS, Step, library
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import StreamingResponse
from structlog.testing import capture_logs

from lockstitch.guard.observer import Observer, observe

# Each shows one fault by its answer alone.
REQUESTS = {
    "missing-member": ("GET", "/shelves/maps"),
    "naive-date-time": ("GET", "/latest"),
    "plain-text": ("GET", "/inventory"),
    "missing-header": ("GET", "/visitors"),
    "undocumented-conflict": ("POST", f"/reservations/{uuid4()}?weeks=8"),
    "untrue-problem": ("GET", "/rooms/1"),
    "stack-trace": ("GET", "/scanner"),
    "wrong-event": ("GET", "/tour"),
}

STEP = {"type": "object", "properties": {"number": {"type": "integer"}}}


async def ask(app: FastAPI, method: str, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.request(method, path)


def seen_by(observer: Observer) -> set[tuple[str, str | None]]:
    return {(one.rule, one.place.name) for one in observer.report.findings}


@pytest.mark.parametrize("fault", REQUESTS)
async def test_a_fault_is_told_at_its_first_answer(fault: str) -> None:
    app = library(frozenset({fault}))
    observer = observe(app)

    with capture_logs() as logs:
        await ask(app, *REQUESTS[fault])

    assert seen_by(observer) == {FAULTS[fault]}
    assert [(one["rule"], one["operation"]) for one in logs] == [FAULTS[fault]]
    assert logs[0]["contract"].startswith("#/")


@pytest.mark.parametrize("fault", REQUESTS)
async def test_a_sound_answer_is_not_told(fault: str) -> None:
    app = library(frozenset())
    observer = observe(app)

    await ask(app, *REQUESTS[fault])

    assert seen_by(observer) == set()


@pytest.mark.parametrize("fault", REQUESTS)
async def test_answers_are_the_same_with_and_without(fault: str) -> None:
    plain, observed = library(frozenset({fault})), library(frozenset({fault}))
    observe(observed)

    one, other = [await ask(app, *REQUESTS[fault]) for app in (plain, observed)]

    assert (one.status_code, one.headers) == (other.status_code, other.headers)
    if fault not in {"naive-date-time", "undocumented-conflict"}:  # They answer ids made at random.
        assert one.content == other.content


async def test_an_event_is_told_before_the_stream_ends() -> None:
    app = FastAPI()
    observer = observe(app)
    seen: list[int] = []
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": STEP}
    item = {"type": "object", "properties": {"data": data}, "required": ["data"]}
    described = {200: {"content": {"text/event-stream": {"itemSchema": item}}}}

    @app.get("/ticks", response_class=StreamingResponse, responses=described)
    async def ticks() -> StreamingResponse:
        return StreamingResponse(pieces(), media_type="text/event-stream")

    async def pieces() -> AsyncIterator[bytes]:
        # Each piece has gone out, and was looked at, when the next one is asked for.
        yield b'data: {"number": 1}\n\ndata: {"num'
        seen.append(len(observer.report.findings))
        yield b'ber": "two"}\r\n'
        seen.append(len(observer.report.findings))
        yield b"\r\n: comment\n\n"
        seen.append(len(observer.report.findings))

    await ask(app, "GET", "/ticks")

    assert seen == [0, 0, 1]
    assert seen_by(observer) == {("event-schema", "GET /ticks")}


async def test_a_frequent_fault_does_not_fill_the_log() -> None:
    app = library(frozenset({"plain-text"}))
    observer = observe(app)

    with capture_logs() as logs:
        for _ in range(25):
            await ask(app, "GET", "/inventory")

    assert [one["seen"] for one in logs] == [1, 10]
    assert observer.count(observer.report.findings[0]) == 25


async def test_what_is_compressed_is_not_read() -> None:
    app = library(frozenset({"missing-member"}))
    app.add_middleware(GZipMiddleware, minimum_size=1)
    observer = observe(app)

    answer = await ask(app, "GET", "/shelves/maps")

    assert answer.headers["content-encoding"] == "gzip"
    assert seen_by(observer) == set()


async def test_an_undocumented_404_is_told_and_a_framework_s_refusal_is_not() -> None:
    app = FastAPI()
    observer = observe(app)

    @app.get("/rows/{number}")
    async def row(number: int) -> Step:
        raise HTTPException(404, "No such row")

    await ask(app, "GET", "/rows/one")
    assert seen_by(observer) == set()

    await ask(app, "GET", "/rows/1")
    assert seen_by(observer) == {("undocumented-status", "GET /rows/{number}")}


async def test_a_contract_that_cannot_be_read_is_told_once_and_nothing_breaks() -> None:
    app = FastAPI()
    observer = observe(app)

    @app.get("/rows")
    async def rows() -> list[int]:
        return [1]

    app.openapi = lambda: {"openapi": "2.0"}  # type: ignore[method-assign]

    with capture_logs() as logs:
        answers = [await ask(app, "GET", "/rows") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [one["event"] for one in logs] == ["answers are not observed"]
    assert seen_by(observer) == set()
