"""Many predictions in one request, and how long a request may take."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar
from uuid import uuid4

import httpx2
import psycopg
import pytest
import uvicorn
from conftest import Echo, Sound, signed_up
from fastapi import FastAPI

from lockstitch import Lockstitch, Model, Settings

PATH = "/v1/models/repeat/predictions"
BATCH = f"{PATH}:batch"
FRAGILE = "/v1/models/fragile/predictions:batch"


def rows(owner_dsn: str) -> int:
    with psycopg.connect(owner_dsn) as connection:
        found = connection.execute("select count(*) from public.inference_results").fetchone()
    assert found is not None
    return int(found[0])


async def test_each_item_is_answered_in_order_and_stands_in_the_history(
    client: httpx2.AsyncClient,
) -> None:
    texts = [f"sound {number}" for number in range(40)]

    answer = await client.post(BATCH, json={"items": [{"text": text} for text in texts]})

    assert answer.status_code == 200
    outcomes = answer.json()["items"]
    assert [one["outcome"] for one in outcomes] == ["answered"] * 40
    assert [one["prediction"]["output"]["text"] for one in outcomes] == texts
    page = (await client.get("/v1/predictions?limit=100")).json()
    assert {one["id"] for one in page["items"]} == {one["prediction"]["id"] for one in outcomes}


async def test_an_item_that_fails_says_why_and_costs_no_other(client: httpx2.AsyncClient) -> None:
    items = [
        {"text": "fine"},
        {"text": "raise"},
        {"text": "nan"},
        {"text": "refuse", "id": str(uuid4()), "heard_at": "2026-01-31T09:30:00Z"},
        {"text": "also fine", "id": str(uuid4()), "mood": "loud"},
    ]

    answer = await client.post(FRAGILE, json={"items": items})

    assert answer.status_code == 200
    outcomes = answer.json()["items"]
    assert [one["outcome"] for one in outcomes] == (
        ["answered", "failed", "failed", "failed", "answered"]
    )
    statuses = [one["error"]["status"] for one in outcomes if one["outcome"] == "failed"]
    assert statuses == [500, 500, 500]
    assert "secret" not in answer.text
    page = (await client.get("/v1/predictions")).json()
    assert len(page["items"]) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"text": "a"}] * 257}, "/items"),
        ({}, "/items"),
        ({"items": [{"text": "a"}], "more": 1}, "/more"),
        ({"items": {"text": "a"}}, "/items"),
        ({"items": [{"text": "a"}, {"text": ""}]}, "/items/1/text"),
        ({"items": [{"text": "a"}, {"text": "b", "extra": 1}]}, "/items/1/extra"),
        ({"items": [{"text": "a"}, "no object"]}, "/items/1"),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(
    app: FastAPI, settings: Settings, client: httpx2.AsyncClient, body: object, pointer: str
) -> None:
    app.state.lockstitch_settings = settings.model_copy(update={"max_body_bytes": 100_000})

    answer = await client.post(BATCH, json=body)

    assert answer.status_code == 422
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert (await client.get("/v1/predictions")).json()["items"] == []


async def test_a_batch_that_is_sent_again_has_one_effect(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    headers = {"idempotency-key": uuid4().hex}
    body = {"items": [{"text": "a"}, {"text": "raise"}, {"text": "b"}]}

    first = await client.post(FRAGILE, json=body, headers=headers)
    second = await client.post(FRAGILE, json=body, headers=headers)
    other = await client.post(FRAGILE, json={"items": [{"text": "c"}]}, headers=headers)

    assert first.status_code == 200
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422
    assert rows(owner_dsn) == 2


async def test_a_batch_needs_the_same_caller_as_a_prediction(
    anonymous: httpx2.AsyncClient,
) -> None:
    assert (await anonymous.post(BATCH, json={"items": [{"text": "a"}]})).status_code == 401


@pytest.mark.parametrize("sent", ["0", "-5", "1.5", "soon", "9" * 10, "", "²"])
async def test_a_deadline_that_is_no_number_is_refused(
    client: httpx2.AsyncClient, sent: str
) -> None:
    headers = [(b"x-request-deadline-ms", sent.encode())]

    answer = await client.post(PATH, json={"text": "a"}, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["in"] == "header"
    assert answer.json()["errors"][0]["pointer"] == "/x-request-deadline-ms"


class Gated(Model[Sound, Echo]):
    """Waits until it may go on, and remembers what it was given."""

    max_batch = 4
    gate = threading.Event()
    entered = threading.Event()
    seen: ClassVar[list[str]] = []

    def predict(self, batch: list[Sound]) -> list[Echo]:
        self.seen.extend(sound.text for sound in batch)
        self.entered.set()
        assert self.gate.wait(timeout=60)
        return [Echo(text=sound.text, loudness=0.0) for sound in batch]


@pytest.fixture
def gated(settings: Settings) -> FastAPI:
    Gated.gate.clear()
    Gated.entered.clear()
    Gated.seen.clear()
    application = FastAPI()
    Lockstitch(application, models=[Gated], settings=settings)
    return application


GATED = "/v1/models/gated/predictions"


async def entered() -> None:
    assert await asyncio.to_thread(Gated.entered.wait, 60)


async def test_what_is_late_is_answered_504_and_not_computed(
    gated: FastAPI, start: Callable, owner_dsn: str
) -> None:
    client = await signed_up(await start(gated))
    first = asyncio.create_task(client.post(GATED, json={"text": "first"}))
    await entered()

    late = await client.post(GATED, json={"text": "late"}, headers={"x-request-deadline-ms": "50"})
    some_late = await client.post(
        f"{GATED}:batch",
        json={"items": [{"text": "late too"}]},
        headers={"x-request-deadline-ms": "50"},
    )
    Gated.gate.set()

    assert (await first).status_code == 200
    assert late.status_code == 504
    assert late.json()["type"] == "urn:lockstitch:problem:deadline-exceeded"
    assert some_late.json()["items"][0]["error"]["status"] == 504
    assert Gated.seen == ["first"]
    assert rows(owner_dsn) == 1


@asynccontextmanager
async def served(application: FastAPI) -> AsyncIterator[uvicorn.Server]:
    """Serve with a real uvicorn in this loop."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="on"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started or running.done())
    try:
        yield server
    finally:
        server.should_exit = True
        await running


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what other tasks of this loop bring about."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - nobody tells it.
            await asyncio.sleep(0.01)


async def test_nothing_is_computed_for_callers_who_hung_up(gated: FastAPI, owner_dsn: str) -> None:
    async with served(gated) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await signed_up(client)
            first = asyncio.create_task(client.post(GATED, json={"text": "first"}))
            await entered()
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            left = [await ask(port, cookies, f"left {number}") for number in range(5)]
            staying = asyncio.create_task(client.post(GATED, json={"text": "staying"}))
            runtime = gated.state.lockstitch.models["gated"].runtime
            await until(lambda: runtime.waiting == len(left) + 1)
            connections = server.server_state.connections
            open_before = len(connections)
            for writer in left:
                writer.transport.abort()
            await until(lambda: len(connections) == open_before - len(left))
            Gated.gate.set()
            answers = [await first, await staying]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Gated.seen == ["first", "staying"]
    assert rows(owner_dsn) == 2


async def ask(port: int, cookies: str, text: str) -> asyncio.StreamWriter:
    """Send a request whose connection the caller is going to close."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    body = f'{{"text": "{text}"}}'
    head = (
        f"POST {GATED} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookies}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write((head + body).encode())
    await writer.drain()
    return writer
