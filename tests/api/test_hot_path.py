"""What each request pays for: the bound, the times, the log, the way in."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import structlog
from conftest import ORIGIN, Echo, Repeat, Sound, signed_up
from fastapi import FastAPI
from opentelemetry import trace
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch import Lockstitch, Model, Settings
from lockstitch.api.front import front_of
from lockstitch.api.services import Services

PATH = "/v1/models/repeat/predictions"
SLOW = "/v1/models/waiting/predictions"


class Waiting(Model[Sound, Echo]):
    """Answers when it is let."""

    go = threading.Event()
    store = "never"

    def predict(self, batch: list[Sound]) -> list[Echo]:
        self.go.wait(30)
        return [Echo(text=sound.text, loudness=0.0) for sound in batch]


class PassThrough:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def application(settings: Settings, **changes: Any) -> FastAPI:
    app = FastAPI()
    Lockstitch(app, models=[Repeat, Waiting], settings=settings.model_copy(update=changes))
    return app


async def in_work(running: Services, count: int) -> None:
    """Return when so many predictions are in work."""
    async with asyncio.timeout(10):
        while running.in_flight.count < count:  # noqa: ASYNC110 - the count tells nobody.
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("compiled", [True, False])
async def test_one_prediction_too_many_is_refused_at_once(
    settings: Settings, start: Callable, *, compiled: bool
) -> None:
    app = application(settings, max_in_flight=2)
    if not compiled:
        app.add_middleware(PassThrough)
    client = await signed_up(await start(app))
    assert (SLOW in app.state.lockstitch_extension.compiled_paths) is compiled
    running: Services = app.state.lockstitch
    Waiting.go.clear()
    waiting = [asyncio.create_task(client.post(SLOW, json={"text": "a"})) for _ in range(2)]
    await in_work(running, 2)

    refused = await client.post(PATH, json={"text": "hello"})
    many = await client.post(f"{PATH}:batch", json={"items": [{"text": "hello"}]})
    alive = await client.get("/livez")
    Waiting.go.set()
    answers = await asyncio.gather(*waiting)
    after = await client.post(PATH, json={"text": "hello"})

    assert refused.status_code == many.status_code == 503
    assert refused.json()["type"] == "urn:lockstitch:problem:service-busy"
    assert refused.headers["retry-after"] == "1"
    assert [answer.status_code for answer in (alive, *answers, after)] == [200, 200, 200, 200]
    assert running.in_flight.count == 0


async def test_a_caller_who_leaves_makes_room(settings: Settings, start: Callable) -> None:
    app = application(settings, max_in_flight=1)
    client = await signed_up(await start(app))
    running: Services = app.state.lockstitch
    Waiting.go.clear()
    waiting = asyncio.create_task(client.post(SLOW, json={"text": "a"}))
    await in_work(running, 1)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    left = running.in_flight.count
    Waiting.go.set()

    assert left == 0


@pytest.mark.parametrize(
    ("changes", "logged"),
    [
        ({}, []),
        ({"access_log": "all"}, [200, 401]),
        ({"slow_seconds": 1e-9}, [200, 401]),
    ],
)
async def test_the_log_holds_the_requests_that_are_worth_a_line(
    settings: Settings, start: Callable, changes: dict[str, Any], logged: list[int]
) -> None:
    app = application(settings, **changes)
    client = await start(app)
    with structlog.testing.capture_logs() as lines:
        await client.get("/livez")
        await client.get("/openapi.json")
        await client.post(PATH, json={"text": "hello"})

    assert [line["status"] for line in lines if line["event"] == "request"] == logged


async def test_a_failure_is_logged_whatever_the_log_holds(
    settings: Settings, start: Callable
) -> None:
    app = application(settings)

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("on purpose")

    client = await start(app)
    with structlog.testing.capture_logs() as lines:
        assert (await client.get("/fails")).status_code == 500

    assert [line["status"] for line in lines if line["event"] == "request"] == [500]


async def asked(entrance: ASGIApp, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(entrance)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.get(path)


async def test_the_front_answers_as_the_application_does(app: FastAPI, start: Callable) -> None:
    await start(app)
    front = front_of(app)

    for path in ("/livez", "/livez", "/v1/nothing"):
        ours, theirs = await asked(front, path), await asked(app, path)
        assert ours.status_code == theirs.status_code
        assert ours.headers.keys() == theirs.headers.keys()


class Naming(trace.NoOpTracer):
    """Remembers how the spans are called."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start_span(self, name: str, *arguments: Any, **options: Any) -> trace.Span:
        self.names.append(name)
        return super().start_span(name, *arguments, **options)


class Provider(trace.TracerProvider):
    def __init__(self) -> None:
        self.tracer = Naming()

    def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
        return self.tracer


async def test_an_application_with_spans_is_called_as_ever(
    settings: Settings, start: Callable
) -> None:
    provider = Provider()
    app = FastAPI(telemetry={"tracer_provider": provider})
    Lockstitch(app, models=[Repeat], settings=settings)
    await start(app)
    front = front_of(app)

    for _ in range(3):
        assert (await asked(front, "/livez")).status_code == 200

    assert len(provider.tracer.names) == 3


def test_an_application_with_a_call_of_its_own_is_its_own_front() -> None:
    class Own(FastAPI):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("mine")(scope, receive, send)

    app = Own()

    assert front_of(app) is app
