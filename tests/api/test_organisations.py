"""Several organisations of one person: switching, making, renaming, leaving, having none."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from letters import PASSWORD

HERE = "/v1/sessions/current"
SWITCH = "/v1/sessions/current/organisation"


async def organisation(client: httpx2.AsyncClient) -> dict[str, Any] | None:
    session: dict[str, Any] = (await client.get(HERE)).json()
    found: dict[str, Any] | None = session["organisation"]
    return found


async def names(client: httpx2.AsyncClient) -> list[tuple[str, str]]:
    items = (await client.get("/v1/organisations")).json()["items"]
    return [(one["name"], one["role"]) for one in items]


async def make(client: httpx2.AsyncClient, name: str) -> dict[str, Any]:
    answer = await client.put(f"/v1/organisations/{uuid4()}", json={"name": name})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["organisation"]
    return made


async def join(owner: httpx2.AsyncClient, guest: httpx2.AsyncClient, role: str) -> None:
    email = (await guest.get(HERE)).json()["person"]["email"]
    invited = await owner.post("/v1/invitations", json={"email": email, "role": role})
    token = invited.json()["token"]
    answer = await guest.post("/v1/invitations:accept", json={"token": token})
    assert answer.status_code == 204


async def leave(client: httpx2.AsyncClient) -> httpx2.Response:
    me = (await client.get(HERE)).json()["person"]["id"]
    return await client.delete(f"/v1/members/{me}")


async def test_whoever_makes_an_organisation_owns_it_and_acts_for_it(
    client: httpx2.AsyncClient,
) -> None:
    first = await organisation(client)
    made = await make(client, "Zinnia")

    assert made["role"] == "owner"
    assert await organisation(client) == made
    assert (await names(client))[-1] == ("Zinnia", "owner")
    assert first is not None
    assert first["name"] in [name for name, _ in await names(client)]


async def test_a_request_for_an_organisation_that_is_sent_again_makes_no_second_one(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    path = f"/v1/organisations/{uuid4()}"

    made = [await client.put(path, json={"name": "Zinnia"}) for _ in range(2)]
    foreign = await stranger.put(path, json={"name": "Zinnia"})

    assert made[0].json() == made[1].json()
    assert [name for name, _ in await names(client)].count("Zinnia") == 1
    assert foreign.status_code == 404


async def test_a_session_acts_for_the_organisation_that_it_switched_to_and_for_no_other(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient
) -> None:
    first = await organisation(client)
    assert first is not None
    await client.post("/v1/models/repeat/predictions", json={"text": "in the first"})
    second = await make(client, "Zinnia")
    assert (await client.get("/v1/predictions")).json()["items"] == []
    elsewhere = await start(app)
    email = (await client.get(HERE)).json()["person"]["email"]
    await elsewhere.post("/v1/sessions", json={"email": email, "password": PASSWORD})

    answer = await client.put(SWITCH, json={"organisation_id": first["id"]})

    assert answer.json()["organisation"] == first
    assert len((await client.get("/v1/predictions")).json()["items"]) == 1
    # The other session of the same person stays where it is.
    assert await elsewhere.put(SWITCH, json={"organisation_id": second["id"]})
    assert await organisation(client) == first
    assert await organisation(elsewhere) == second


async def test_nobody_switches_to_what_is_not_theirs(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    theirs = await organisation(stranger)
    own = await organisation(client)
    assert theirs is not None

    for foreign in (theirs["id"], "00000000-0000-7000-8000-000000000000"):
        answer = await client.put(SWITCH, json={"organisation_id": foreign})
        assert answer.json()["type"] == "urn:lockstitch:problem:not-found"
    assert await organisation(client) == own


async def test_admins_rename_and_nobody_below(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    path = "/v1/organisations/current"
    assert (await client.patch(path, json={"name": "Aster"})).status_code == 204
    await join(client, stranger, "member")

    assert (await stranger.patch(path, json={"name": "Mine"})).status_code == 403
    assert (await client.patch(path, json={"name": " "})).status_code == 422
    renamed = await organisation(stranger)
    assert renamed is not None
    assert renamed["name"] == "Aster"


async def test_a_new_name_is_read_at_once_though_the_notice_of_it_is_lost(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    # Sessions are kept in memory, and Postgres may tell of a change later than the next request.
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("alter table public.organisations disable trigger tell_identity")
    assert await organisation(client) is not None

    await client.patch("/v1/organisations/current", json={"name": "Aster"})

    renamed = await organisation(client)
    assert renamed is not None
    assert renamed["name"] == "Aster"


async def test_who_leaves_acts_for_none_and_chooses_another(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    own = await organisation(stranger)
    assert own is not None
    await join(client, stranger, "member")

    assert (await leave(stranger)).status_code == 204

    assert await organisation(stranger) is None
    refused = await stranger.get("/v1/predictions")
    assert refused.json()["type"] == "urn:lockstitch:problem:no-organisation"
    assert await names(stranger) == [(own["name"], "owner")]
    chosen = await stranger.put(SWITCH, json={"organisation_id": own["id"]})
    assert chosen.json()["organisation"] == own


async def test_without_any_organisation_one_signs_in_and_makes_one(
    app: FastAPI, start: Callable, client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    email = (await client.get(HERE)).json()["person"]["email"]
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("delete from public.organisations")
    fresh = await start(app)

    answer = await fresh.post("/v1/sessions", json={"email": email, "password": PASSWORD})

    assert answer.status_code == 201
    assert answer.json()["organisation"] is None
    assert (await fresh.get("/v1/organisations")).json() == {"items": []}
    assert (await fresh.get("/v1/sessions")).status_code == 200
    assert (await fresh.get("/v1/members")).status_code == 403
    assert (await make(fresh, "Phoenix"))["role"] == "owner"
    assert (await fresh.get("/v1/members")).status_code == 200


async def test_without_any_organisation_one_accepts_an_invitation(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, owner_dsn: str
) -> None:
    theirs = await organisation(stranger)
    email = (await stranger.get(HERE)).json()["person"]["email"]
    assert theirs is not None
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("delete from public.organisations where id = %s", [theirs["id"]])
    # The session was one of that organisation, and has gone with it.
    await stranger.post("/v1/sessions", json={"email": email, "password": PASSWORD})
    assert await organisation(stranger) is None

    await join(client, stranger, "viewer")

    joined, own = await organisation(stranger), await organisation(client)
    assert joined is not None
    assert own is not None
    assert (joined["id"], joined["role"]) == (own["id"], "viewer")


async def test_the_last_owner_stays_even_when_two_go_at_once(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    await join(client, stranger, "owner")

    statuses = [
        answer.status_code for answer in await asyncio.gather(leave(client), leave(stranger))
    ]

    assert sorted(statuses) == [204, 409]


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
async def test_the_last_owner_cannot_step_down(client: httpx2.AsyncClient, role: str) -> None:
    me = (await client.get(HERE)).json()["person"]["id"]

    answer = await client.patch(f"/v1/members/{me}", json={"role": role})

    assert answer.json()["type"] == "urn:lockstitch:problem:last-owner"


async def test_organisations_are_not_made_without_end(
    client: httpx2.AsyncClient, owner_dsn: str
) -> None:
    person = (await client.get(HERE)).json()["person"]["id"]
    await make(client, "One")
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "update private.rate_limits set hits = 50 where key = %s",
            [f"organisation/person/{person}"],
        )

    answer = await client.put(f"/v1/organisations/{uuid4()}", json={"name": "Another"})

    assert answer.status_code == 429
