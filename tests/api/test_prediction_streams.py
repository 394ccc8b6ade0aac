"""`POST /v1/models/<name>/predictions:stream` over a real socket."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from conftest import PASSWORD, Repeat
from fastapi import FastAPI
from product_thread import product_serving, roomy_settings
from streaming_models import Hum, Spell

from lockstitch import Lockstitch

SPELL = "/v1/models/spell/predictions:stream"
HUM = "/v1/models/hum/predictions:stream"
PATIENCE_SECONDS = 20


@pytest.fixture
def client(database_dsn: str, tmp_path: Path) -> Iterator[httpx2.Client]:
    application = FastAPI()
    settings = roomy_settings(database_dsn, tmp_path).model_copy(update={"stream_seconds": 15.0})
    Lockstitch(application, models=[Spell, Hum, Repeat], settings=settings)
    with (
        product_serving(application) as url,
        httpx2.Client(base_url=url, timeout=PATIENCE_SECONDS) as opened,
    ):
        account = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        assert opened.post("/v1/accounts", json=account).status_code == 201
        yield opened


def events_of(answer: httpx2.Response) -> list[dict[str, Any]]:
    frames = answer.read().decode().split("\n\n")
    assert frames.pop() == ""
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def history(client: httpx2.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/v1/predictions").json()["items"]
    return items


def test_pieces_then_the_prediction_that_the_history_holds(client: httpx2.Client) -> None:
    with client.stream("POST", SPELL, json={"text": "abc"}) as answer:
        *pieces, last = events_of(answer)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-request-id"]
    assert pieces == [{"type": "piece", "piece": {"letter": letter}} for letter in "abc"]
    assert last["type"] == "finished"
    assert last["prediction"]["output"] == {"text": "abc", "loudness": 1.0, "heard_at": None}
    (stored,) = history(client)
    assert stored["id"] == last["prediction"]["id"]
    assert stored["output"] == last["prediction"]["output"]


def test_the_other_two_routes_give_the_whole_output(client: httpx2.Client) -> None:
    one = client.post("/v1/models/spell/predictions", json={"text": "abc"})
    many = client.post(
        "/v1/models/spell/predictions:batch", json={"items": [{"text": "a"}, {"text": "!"}]}
    )

    assert one.json()["output"]["text"] == "abc"
    assert [item["outcome"] for item in many.json()["items"]] == ["answered", "failed"]


def test_an_error_before_the_first_piece_has_its_status(client: httpx2.Client) -> None:
    refused = client.post(SPELL, json={"text": ""})
    failed = client.post(SPELL, json={"text": "!"})

    assert refused.status_code == 422
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "application/problem+json"
    assert failed.json()["type"] == "urn:lockstitch:problem:prediction-failed"
    assert "secret" not in failed.text


def test_an_error_after_a_piece_is_an_event_and_nothing_is_stored(client: httpx2.Client) -> None:
    with client.stream("POST", SPELL, json={"text": "ab!"}) as answer:
        *pieces, last = events_of(answer)

    assert len(pieces) == 2
    assert last["type"] == "failed"
    assert last["error"]["status"] == 500
    assert last["error"]["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in json.dumps(last)
    assert history(client) == []


def test_a_caller_without_a_sign_in_is_refused(client: httpx2.Client) -> None:
    client.cookies.clear()

    assert client.post(SPELL, json={"text": "a"}).status_code == 401


def test_an_idempotency_key_is_refused_because_a_stream_has_no_replay(
    client: httpx2.Client,
) -> None:
    answer = client.post(SPELL, json={"text": "a"}, headers={"Idempotency-Key": "one"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/idempotency-key"


def test_only_models_that_stream_have_the_route(client: httpx2.Client) -> None:
    assert client.post("/v1/models/repeat/predictions:stream", json={}).status_code == 404


def test_to_hang_up_stops_the_computation_and_frees_the_slot(client: httpx2.Client) -> None:
    with client.stream("POST", HUM, json={"text": "hum"}) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert Hum.begun.get(timeout=PATIENCE_SECONDS) == "hum"

    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)
    assert history(client) == []
    with client.stream("POST", HUM, json={"text": "hum"}) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert Hum.begun.get(timeout=PATIENCE_SECONDS) == "hum"
    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)


def test_to_hang_up_before_the_first_piece_stops_it_too(client: httpx2.Client) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        client.post(HUM, json={"text": "silent"}, timeout=0.5)

    assert Hum.begun.get(timeout=PATIENCE_SECONDS) == "silent"
    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)


def test_a_deadline_is_a_504_before_the_first_piece_and_an_event_after_it(
    client: httpx2.Client,
) -> None:
    late = client.post(HUM, json={"text": "silent"}, headers={"X-Request-Deadline-Ms": "200"})
    assert late.status_code == 504
    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)

    headers = {"X-Request-Deadline-Ms": "1000"}
    with client.stream("POST", HUM, json={"text": "hum"}, headers=headers) as answer:
        *pieces, last = events_of(answer)
    assert pieces
    assert last["error"]["type"] == "urn:lockstitch:problem:deadline-exceeded"
    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)
    Hum.begun.get()
    Hum.begun.get()


def test_a_full_queue_is_a_503_that_says_when_to_come_back(client: httpx2.Client) -> None:
    def post(text: str) -> httpx2.Response:
        headers = {"X-Request-Deadline-Ms": "3000"}
        return client.post(HUM, json={"text": text}, headers=headers)

    with client.stream("POST", HUM, json={"text": "hum"}) as running:
        # Kept, because the end of this iterator is the end of the connection.
        pieces = running.iter_raw()
        next(pieces)
        with ThreadPoolExecutor() as pool:
            waited, refused = sorted(
                pool.map(post, ["one", "two"]), key=lambda answer: -answer.status_code
            )
    assert waited.status_code == 504
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert Hum.begun.get(timeout=PATIENCE_SECONDS) == "hum"
    assert Hum.ended.acquire(timeout=PATIENCE_SECONDS)
    assert Hum.begun.empty()
