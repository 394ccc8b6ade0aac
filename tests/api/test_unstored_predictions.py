"""Models that keep a part of their predictions, or none."""

from collections.abc import Callable
from uuid import UUID

import httpx2
import psycopg
import pytest
from conftest import Echo, Sound, signed_up
from fastapi import FastAPI

from lockstitch import Lockstitch, Model, Settings

NEVER = "/v1/models/forgetful/predictions"
SAMPLED = "/v1/models/sampling/predictions"
PUBLIC = "/v1/models/open/predictions"


class Forgetful(Model[Sound, Echo]):
    """Keeps nothing."""

    store = "never"

    def predict(self, batch: list[Sound]) -> list[Echo]:
        return [Echo(text=sound.text, loudness=len(batch)) for sound in batch]


class Sampling(Forgetful):
    """Keeps about a third."""

    store = "sampled"
    sample_rate = 0.3


class Open(Forgetful):
    """Answers everybody."""

    public = True


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    application = FastAPI()
    Lockstitch(application, models=[Forgetful, Sampling, Open], settings=settings)
    return application


async def history(client: httpx2.AsyncClient) -> set[str]:
    page = (await client.get("/v1/predictions?limit=100")).json()
    return {item["id"] for item in page["items"]}


async def test_a_model_that_never_stores_answers_and_leaves_nothing(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    answer = await client.post(NEVER, json={"text": "hello"})

    assert answer.status_code == 200
    assert answer.json()["output"]["text"] == "hello"
    assert await history(client) == set()
    assert (await client.get(f"/v1/predictions/{answer.json()['id']}")).status_code == 404
    with psycopg.connect(owner_dsn) as connection:
        assert connection.execute("select count(*) from public.inference_results").fetchone() == (
            0,
        )


async def test_a_batch_keeps_what_single_predictions_keep(
    client: httpx2.AsyncClient, anonymous: httpx2.AsyncClient
) -> None:
    batch = {"items": [{"text": "hello"}] * 40}

    never = await client.post(f"{NEVER}:batch", json=batch)
    sampled = await client.post(f"{SAMPLED}:batch", json=batch)
    opened = await anonymous.post(f"{PUBLIC}:batch", json=batch)

    assert [answer.status_code for answer in (never, sampled, opened)] == [200, 200, 200]
    ids = {item["prediction"]["id"] for item in sampled.json()["items"]}
    kept = {id_ for id_ in ids if UUID(id_).int % 2**32 < 0.3 * 2**32}
    assert len(ids) == 40
    assert await history(client) == kept


async def test_a_key_repeats_the_answer_of_a_prediction_that_is_not_stored(
    client: httpx2.AsyncClient,
) -> None:
    headers = {"Idempotency-Key": "one"}

    first = await client.post(NEVER, json={"text": "hello"}, headers=headers)
    again = await client.post(NEVER, json={"text": "hello"}, headers=headers)
    other = await client.post(NEVER, json={"text": "bye"}, headers=headers)

    assert first.status_code == 200
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422


async def test_a_sample_is_stored_and_the_ids_say_which(client: httpx2.AsyncClient) -> None:
    answers = [await client.post(SAMPLED, json={"text": "hello"}) for _ in range(60)]

    ids = {answer.json()["id"] for answer in answers}
    stored = await history(client)

    assert len(ids) == 60
    assert stored == {id_ for id_ in ids if UUID(id_).int % 2**32 < 0.3 * 2**32}
    # 60 draws at 0.3: fewer than 4 or more than 40 happens once in ten million runs.
    assert 4 <= len(stored) <= 40


async def test_everybody_may_call_a_public_model(
    anonymous: httpx2.AsyncClient, start: Callable, app: FastAPI
) -> None:
    somebody = await signed_up(await start(app))

    assert (await anonymous.post(PUBLIC, json={"text": "hello"})).status_code == 200
    assert (await somebody.post(PUBLIC, json={"text": "hello"})).status_code == 200
    assert (await anonymous.post(NEVER, json={"text": "hello"})).status_code == 401
    assert await history(somebody) == set()


async def test_a_public_model_refuses_the_pages_of_other_sites(
    anonymous: httpx2.AsyncClient,
) -> None:
    headers = {"origin": "https://elsewhere.example"}

    refused = await anonymous.post(PUBLIC, json={"text": "hello"}, headers=headers)

    assert refused.status_code == 403


def test_the_contract_says_what_may_be_repeated_and_what_goes_stale(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    never, sampled, opened = (paths[path]["post"] for path in (NEVER, SAMPLED, PUBLIC))

    assert opened["x-lockstitch-audience"] == {"kind": "public"}
    assert opened["x-lockstitch-idempotency"] == "natural"
    assert opened["security"] == []
    assert never["x-lockstitch-idempotency"] == "key"
    assert "x-lockstitch-invalidates" not in never
    assert sampled["x-lockstitch-invalidates"] == ["list_predictions"]
