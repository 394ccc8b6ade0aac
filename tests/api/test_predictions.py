"""Predictions and their history, over HTTP on a real database."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from lockstitch import Settings

PATH = "/v1/models/repeat/predictions"
FRAGILE = "/v1/models/fragile/predictions"


async def test_a_prediction_is_answered_and_stands_in_the_history(
    client: httpx2.AsyncClient,
) -> None:
    body = {
        "text": "hello",
        "id": "6f0e2c1e-4b5b-4a7e-8f6e-2f3b1c0d9e8f",
        "heard_at": "2026-01-31T09:30:00+01:00",
        "mood": "loud",
        "volume": 0.25,
    }

    answer = await client.post(PATH, json=body)

    assert answer.status_code == 200
    prediction = answer.json()
    assert prediction["output"]["text"] == "hello"
    assert prediction["output"]["loudness"] == 0.25
    assert prediction["model"] == "repeat"
    assert prediction["model_version"] == 1
    assert UUID(prediction["id"]).version == 7
    page = (await client.get("/v1/predictions")).json()
    assert [item["id"] for item in page["items"]] == [prediction["id"]]
    stored = page["items"][0]
    assert stored["input"]["id"] == body["id"]
    assert stored["output"] == prediction["output"]
    assert stored["created_at"] == prediction["created_at"]
    assert (await client.get(f"/v1/predictions/{prediction['id']}")).json() == stored


async def test_a_body_that_does_not_arrive_is_given_up(
    app: FastAPI, settings: Settings, client: httpx2.AsyncClient
) -> None:
    app.state.lockstitch_settings = settings.model_copy(update={"body_seconds": 0.05})

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"text": "he'
        await asyncio.Event().wait()

    headers = {"content-type": "application/json"}
    answer = await client.post(PATH, content=endless(), headers=headers)

    assert answer.status_code == 408
    assert answer.json()["type"] == "urn:lockstitch:problem:body-too-slow"
    assert answer.headers["connection"] == "close"


async def test_a_kept_prediction_is_for_its_reader_alone(client: httpx2.AsyncClient) -> None:
    prediction = (await client.post(PATH, json={"text": "hello"})).json()

    one = await client.get(f"/v1/predictions/{prediction['id']}")
    page = await client.get("/v1/predictions")

    assert one.headers["cache-control"] == "private, max-age=300"
    assert {name.strip().lower() for name in one.headers["vary"].split(",")} >= {
        "authorization",
        "cookie",
    }
    assert "cache-control" not in page.headers


async def test_another_organisation_gets_404_and_an_empty_history(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    prediction = (await client.post(PATH, json={"text": "hello"})).json()

    theirs = await stranger.get(f"/v1/predictions/{prediction['id']}")
    nowhere = await stranger.get(f"/v1/predictions/{uuid4()}")

    assert theirs.status_code == nowhere.status_code == 404
    assert theirs.json()["detail"] == nowhere.json()["detail"]
    assert (await stranger.get("/v1/predictions")).json()["items"] == []


async def test_nobody_predicts_or_reads_without_a_session(anonymous: httpx2.AsyncClient) -> None:
    for answer in (
        await anonymous.post(PATH, json={"text": "hello"}),
        await anonymous.get("/v1/predictions"),
        await anonymous.get(f"/v1/predictions/{uuid4()}"),
        await anonymous.get("/v1/models"),
        await anonymous.get("/v1/models/repeat"),
    ):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b'{"text": ""}', 422, "/text"),
        (b'{"text": "%s"}' % (b"x" * 51), 422, "/text"),
        (b'{"text": 1}', 422, "/text"),
        (b"{}", 422, "/text"),
        (b"[]", 422, ""),
        (b'{"text": "a", "loud": true}', 422, "/loud"),
        (b'{"text": "a", "volume": NaN}', 422, "/volume"),
        (b'{"text": "a", "volume": 1e999}', 422, "/volume"),
        (b'{"text": "a", "notes": {"a/b": Infinity}}', 422, "/notes/a~1b"),
        (b'{"text": "a", "volume": "0.5"}', 422, "/volume"),
        (b'{"text": "a", "mood": "angry"}', 422, "/mood"),
        (b'{"text": "a", "id": "no"}', 422, "/id"),
        (b'{"text": "a", "heard_at": "2026-01-31T09:30:00"}', 422, "/heard_at"),
        (b'{"text": "a\\u0000b"}', 422, "/text"),
        (b'{"text": "a"', 400, None),
        (b"", 400, None),
        (b'{"text": "\xff"}', 400, None),
        (b'{"text": "a"} trailing', 400, None),
        (b'{"text": "%s"}' % (b"x" * 3_000), 413, None),
    ],
)
async def test_a_bad_body_is_refused_with_the_place(
    client: httpx2.AsyncClient, body: bytes, status: int, pointer: str | None
) -> None:
    answer = await client.post(PATH, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"] == answer.headers["x-request-id"]
    errors = problem.get("errors", [])
    assert [error["pointer"] for error in errors] == ([] if pointer is None else [pointer])
    assert (await client.get("/v1/predictions")).json()["items"] == []


async def test_a_body_without_a_length_is_stopped_at_the_limit(client: httpx2.AsyncClient) -> None:
    sent = 0

    async def endless() -> object:
        nonlocal sent
        while True:
            sent += 1000
            yield b" " * 1000

    answer = await client.post(
        PATH, content=endless(), headers={"content-type": "application/json"}
    )

    assert answer.status_code == 413
    assert sent < 10_000


async def test_a_body_of_another_media_type_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=b'{"text": "a"}')
    form = await client.post(PATH, data={"text": "a"})

    assert answer.status_code == form.status_code == 415


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        ("raise", 500, "prediction-failed"),
        ("nan", 500, "prediction-failed"),
        ("refuse", 500, "prediction-failed"),
    ],
)
async def test_a_failing_model_fails_one_prediction_and_stores_nothing(
    client: httpx2.AsyncClient, text: str, status: int, kind: str
) -> None:
    failed, fine = await asyncio.gather(
        client.post(FRAGILE, json={"text": text}), client.post(FRAGILE, json={"text": "fine"})
    )

    assert failed.status_code == status
    assert failed.json()["type"] == f"urn:lockstitch:problem:{kind}"
    assert "the secret input" not in failed.text
    assert fine.status_code == 200
    history = (await client.get("/v1/predictions")).json()["items"]
    assert [item["input"]["text"] for item in history] == ["fine"]


async def test_the_history_pages_without_loss_or_repetition(client: httpx2.AsyncClient) -> None:
    # At once, so that several share a millisecond.
    made = await asyncio.gather(
        *(client.post(PATH, json={"text": str(number)}) for number in range(25))
    )
    made_ids = {answer.json()["id"] for answer in made}

    seen: list[dict[str, str]] = []
    cursor = None
    for _ in range(4):
        query = {"limit": "10", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/predictions", params=query)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert cursor is None
    assert len(seen) == 25
    assert {item["id"] for item in seen} == made_ids
    moments = [item["created_at"] for item in seen]
    assert moments == sorted(moments, reverse=True)


async def test_the_history_can_be_limited_to_a_model(client: httpx2.AsyncClient) -> None:
    await client.post(PATH, json={"text": "a"})
    await client.post(FRAGILE, json={"text": "b"})

    page = (await client.get("/v1/predictions", params={"model": "fragile"})).json()

    assert [item["model"] for item in page["items"]] == ["fragile"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("colour=red", "/colour"),
        ("model=%00", "/model"),
    ],
)
async def test_a_bad_query_is_refused_with_the_name(
    client: httpx2.AsyncClient, query: str, pointer: str
) -> None:
    answer = await client.get(f"/v1/predictions?{query}")

    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [(error["in"], error["pointer"]) for error in errors] == [("query", pointer)]


async def test_a_person_of_two_organisations_sees_the_one_they_act_for(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, owner_dsn: str
) -> None:
    mine = (await client.post(PATH, json={"text": "mine"})).json()
    theirs = (await stranger.post(PATH, json={"text": "theirs"})).json()
    me = (await client.get("/v1/sessions/current")).json()
    them = (await stranger.get("/v1/sessions/current")).json()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "insert into public.organisation_members (organisation_id, person_id, role) "
            "values (%s, %s, 'member')",
            (them["organisation"]["id"], me["person"]["id"]),
        )

    history = (await client.get("/v1/predictions")).json()["items"]

    assert [item["id"] for item in history] == [mine["id"]]
    assert (await client.get(f"/v1/predictions/{theirs['id']}")).status_code == 404


async def test_a_viewer_may_read_and_not_predict(
    client: httpx2.AsyncClient, app: FastAPI, owner_dsn: str
) -> None:
    person = (await client.get("/v1/sessions/current")).json()["person"]["id"]
    with psycopg.connect(owner_dsn) as connection:
        # The only member is its owner, who stays one.
        connection.execute("alter table organisation_members disable trigger keep_an_owner")
        connection.execute(
            "update public.organisation_members set role = 'viewer' where person_id = %s", (person,)
        )
    # The word of it goes round by itself, a moment later.
    app.state.lockstitch.sessions.forget_all()

    refused = await client.post(PATH, json={"text": "a"})

    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:lockstitch:problem:role-too-low"
    assert (await client.get("/v1/predictions")).status_code == 200
