"""One key, one effect: over HTTP on a real database, with processes that die."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from conftest import PASSWORD, Echo, Sound, signed_up
from fastapi import Depends, FastAPI
from serving_process import serving_process

from lockstitch import Lockstitch, Model, Settings
from lockstitch.api.route import ContractRoute
from lockstitch.contract.declarations import declare, idempotent
from lockstitch.errors import RouteNotReady
from lockstitch.identity.audience import person, public
from lockstitch.identity.principal import Principal

PREDICT = "/v1/models/repeat/predictions"
HELLO = {"text": "hello"}
KEY = {"name": "robot", "scopes": ["predict"]}


def keyed(key: str = "one") -> dict[str, str]:
    return {"idempotency-key": key}


def count(dsn: str, table: str) -> int:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(f"select count(*) from public.{table}").fetchall()
    return int(rows[0][0])


def outlive_the_lease(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        aged = "update public.idempotency_keys set created_at = created_at - interval '61 seconds'"
        connection.execute(aged)


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [
        (PREDICT, HELLO, "inference_results"),
        ("/v1/api-keys", KEY, "api_keys"),
        ("/v1/invitations", {"email": "bob@example.com"}, "invitations"),
    ],
)
async def test_the_same_request_gets_the_stored_answer_and_has_one_effect(
    client: httpx2.AsyncClient, owner_dsn: str, path: str, body: dict[str, Any], table: str
) -> None:
    first = await client.post(path, json=body, headers=keyed())
    again = await client.post(path, json=body, headers=keyed())

    assert first.is_success
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert count(owner_dsn, table) == 1


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [(PREDICT, HELLO, "inference_results"), ("/v1/api-keys", KEY, "api_keys")],
)
async def test_fifty_at_once_make_exactly_one_effect(
    client: httpx2.AsyncClient, owner_dsn: str, path: str, body: dict[str, Any], table: str
) -> None:
    posts = [client.post(path, json=body, headers=keyed()) for _ in range(50)]
    answers = await asyncio.gather(*posts)

    good = [answer for answer in answers if answer.is_success]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert count(owner_dsn, table) == 1
    assert len({answer.content for answer in good}) == 1
    assert len([one for one in good if "idempotency-replayed" not in one.headers]) == 1
    assert len(good) + len(waiting) == 50
    for answer in waiting:
        assert answer.json()["type"] == "urn:lockstitch:problem:idempotency-key-in-use"
        assert answer.headers["retry-after"] == "1"


async def test_another_request_with_the_key_is_refused(client: httpx2.AsyncClient) -> None:
    await client.post(PREDICT, json=HELLO, headers=keyed())

    other_body = await client.post(PREDICT, json={"text": "bye"}, headers=keyed())
    other_path = await client.post("/v1/api-keys", json=KEY, headers=keyed())

    for answer in (other_body, other_path):
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:lockstitch:problem:idempotency-key-reused"


async def test_keys_are_the_callers_own(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    machine = (await client.post("/v1/api-keys", json=KEY)).json()["key"]
    bearer = {"authorization": f"Bearer {machine}"}

    answers = [
        await client.post(PREDICT, json=HELLO, headers=keyed()),
        await stranger.post(PREDICT, json={"text": "bye"}, headers=keyed()),
        await client.post(PREDICT, json={"text": "me"}, headers={**keyed(), **bearer}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not [one for one in answers if "idempotency-replayed" in one.headers]


async def test_what_failed_may_be_tried_again_with_the_same_key(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    path, body = "/v1/models/fragile/predictions", {"text": "raise"}

    failed = [await client.post(path, json=body, headers=keyed()) for _ in range(2)]
    refused = await client.post(path, json={}, headers=keyed())

    assert [answer.status_code for answer in failed] == [500, 500]
    assert refused.json()["type"] == "urn:lockstitch:problem:invalid-request"
    assert count(owner_dsn, "idempotency_keys") == 0


@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "tab\there"])
async def test_a_key_that_is_none_is_refused(client: httpx2.AsyncClient, key: str) -> None:
    answer = await client.post(PREDICT, json=HELLO, headers=keyed(key))

    assert answer.status_code == 422
    (reason,) = answer.json()["errors"]
    assert (reason["in"], reason["pointer"]) == ("header", "/idempotency-key")


async def test_what_is_shown_once_is_not_readable_in_the_database(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    made = (await client.post("/v1/api-keys", json=KEY, headers=keyed())).json()["key"]

    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("select body from public.idempotency_keys").fetchall()
    assert len(rows) == 1
    assert made.encode() not in rows[0][0]


async def test_a_key_is_free_again_after_its_retention(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    await client.post(PREDICT, json=HELLO, headers=keyed())
    with psycopg.connect(owner_dsn) as connection:
        aged = "update public.idempotency_keys set created_at = now() - interval '25 hours'"
        connection.execute(aged)

    assert (await client.post(PREDICT, json={"text": "bye"}, headers=keyed())).status_code == 200


class Gate:
    """Holds a model up until the test opens it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def model(self) -> type[Model[Sound, Echo]]:
        gate = self

        class Repeat(Model[Sound, Echo]):
            """Says it again, once it may."""

            def predict(self, batch: list[Sound]) -> list[Echo]:
                gate.entered.set()
                assert gate.opened.wait(60)
                return [Echo(text=sound.text, loudness=0.0) for sound in batch]

        return Repeat


async def test_who_was_slower_than_the_lease_has_no_effect_beside_the_one_who_took_over(
    client: httpx2.AsyncClient, settings: Settings, start: Callable, owner_dsn: str
) -> None:
    gate, elsewhere = Gate(), FastAPI()
    Lockstitch(elsewhere, models=[gate.model()], settings=settings)
    other = await start(elsewhere)
    other.cookies = client.cookies
    slow = asyncio.create_task(other.post(PREDICT, json=HELLO, headers=keyed()))
    assert await asyncio.to_thread(gate.entered.wait, 60)

    assert (await client.post(PREDICT, json=HELLO, headers=keyed())).status_code == 409
    outlive_the_lease(owner_dsn)
    quick = await client.post(PREDICT, json=HELLO, headers=keyed())
    gate.opened.set()

    assert quick.status_code == 200
    assert (await slow).json()["type"] == "urn:lockstitch:problem:idempotency-key-in-use"
    assert count(owner_dsn, "inference_results") == 1
    again = await client.post(PREDICT, json=HELLO, headers=keyed())
    assert again.content == quick.content


async def test_a_killed_process_holds_its_key_no_longer_than_the_lease(
    app: FastAPI, start: Callable, database_dsn: str, owner_dsn: str, tmp_path: Path
) -> None:
    ada = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    client = await start(app)
    await client.post("/v1/accounts", json=ada)
    with serving_process("slow_application", database_dsn, tmp_path / "slow") as (process, url):
        async with httpx2.AsyncClient(base_url=url) as other:
            assert (await other.post("/v1/sessions", json=ada)).status_code == 201
            lost = asyncio.create_task(other.post(PREDICT, json=HELLO, headers=keyed()))
            while count(owner_dsn, "idempotency_keys") == 0:
                assert not lost.done()
                await asyncio.sleep(0.05)
            process.kill()
            with pytest.raises(httpx2.TransportError):
                await lost

    early = await client.post(PREDICT, json=HELLO, headers=keyed())
    outlive_the_lease(owner_dsn)
    late = await client.post(PREDICT, json=HELLO, headers=keyed())

    assert early.status_code == 409
    assert late.status_code == 200
    assert count(owner_dsn, "inference_results") == 1


async def test_a_route_without_a_transaction_stores_its_answer_after_it(
    app: FastAPI, start: Callable
) -> None:
    made: list[str] = []

    async def make(principal: Annotated[Principal, Depends(person())]) -> dict[str, str]:
        made.append(principal.email)
        return {"made": str(len(made))}

    route = ContractRoute("/make", make, methods=["POST"], **declare(idempotent()))
    app.router.routes.append(route)
    client = await signed_up(await start(app))

    answers = [await client.post("/make", headers=keyed()) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"made": "1"}] * 2
    assert len(made) == 1


def test_a_keyed_route_without_a_caller_does_not_start() -> None:
    async def make() -> None:
        """Make nothing."""

    with pytest.raises(RouteNotReady, match="does not know its caller"):
        ContractRoute(
            "/make",
            make,
            methods=["POST"],
            dependencies=[Depends(public())],
            **declare(idempotent()),
        )


async def test_an_invitation_is_accepted_again_without_a_key_while_one_is_a_member(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    who = (await stranger.get("/v1/sessions/current")).json()["person"]
    invited = await client.post("/v1/invitations", json={"email": who["email"], "role": "viewer"})
    token = {"token": invited.json()["token"]}

    twice = [await stranger.post("/v1/invitations:accept", json=token) for _ in range(2)]
    removed = await client.delete(f"/v1/members/{who['id']}")
    after = await stranger.post("/v1/invitations:accept", json=token)

    assert [answer.status_code for answer in twice] == [204, 204]
    assert removed.status_code == 204, removed.text
    assert after.status_code in {401, 409}
