"""Members, invitations, keys and the audit log, over HTTP on a real database."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

PREDICT = "/v1/models/repeat/predictions"


async def me(client: httpx2.AsyncClient) -> dict[str, Any]:
    session: dict[str, Any] = (await client.get("/v1/sessions/current")).json()
    return session


async def join(owner: httpx2.AsyncClient, guest: httpx2.AsyncClient, role: str) -> httpx2.Response:
    email = (await me(guest))["person"]["email"]
    invited = await owner.post("/v1/invitations", json={"email": email, "role": role})
    assert invited.status_code == 201, invited.text
    return await guest.post("/v1/invitations:accept", json={"token": invited.json()["token"]})


async def test_who_is_invited_joins_once_and_acts_for_the_organisation(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    own = (await me(client))["organisation"]

    assert (await join(client, stranger, "viewer")).status_code == 204

    theirs = (await me(stranger))["organisation"]
    assert (theirs["id"], theirs["role"]) == (own["id"], "viewer")
    members = (await client.get("/v1/members")).json()["items"]
    assert [member["role"] for member in members] == ["owner", "viewer"]
    assert (await client.get("/v1/invitations")).json() == {"items": []}
    assert (await stranger.post(PREDICT, json={"text": "hello"})).status_code == 403


async def test_an_invitation_is_for_its_address_and_used_once(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    invited = await client.post("/v1/invitations", json={"email": "ada@example.com"})
    token = invited.json()["token"]

    refused = await stranger.post("/v1/invitations:accept", json={"token": token})

    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:lockstitch:problem:invitation-invalid"
    again = await client.post("/v1/invitations", json={"email": "ADA@example.com"})
    assert again.json()["type"] == "urn:lockstitch:problem:already-invited"
    listed = (await client.get("/v1/invitations")).json()["items"]
    assert [one["email"] for one in listed] == ["ada@example.com"]
    assert "token" not in listed[0]
    assert (await client.delete(f"/v1/invitations/{listed[0]['id']}")).status_code == 204
    assert (await client.get("/v1/invitations")).json() == {"items": []}


async def test_roles_are_given_by_those_who_may_and_an_owner_stays(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    await join(client, stranger, "admin")
    owner, admin = (await me(client))["person"]["id"], (await me(stranger))["person"]["id"]

    assert (
        await stranger.patch(f"/v1/members/{owner}", json={"role": "viewer"})
    ).status_code == 403
    assert (await stranger.patch(f"/v1/members/{admin}", json={"role": "owner"})).status_code == 403
    last = await client.delete(f"/v1/members/{owner}")
    assert last.json()["type"] == "urn:lockstitch:problem:last-owner"
    assert (await client.patch(f"/v1/members/{admin}", json={"role": "owner"})).status_code == 204
    assert (await client.delete(f"/v1/members/{owner}")).status_code == 204
    assert (await client.get("/v1/members")).status_code == 403


async def test_what_is_of_another_organisation_is_not_there(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    theirs = (await me(stranger))["person"]["id"]
    key = await stranger.post("/v1/api-keys", json={"name": "ours", "scopes": ["predict"]})

    assert (await client.delete(f"/v1/members/{theirs}")).status_code == 404
    assert (await client.patch(f"/v1/members/{theirs}", json={"role": "viewer"})).status_code == 404
    assert (await client.delete(f"/v1/api-keys/{key.json()['id']}")).status_code == 404
    assert (await client.get("/v1/api-keys")).json() == {"items": [], "next_cursor": None}


async def test_a_key_predicts_for_its_organisation_until_it_is_revoked(
    client: httpx2.AsyncClient, app: FastAPI, start: Callable
) -> None:
    made = await client.post("/v1/api-keys", json={"name": "nightly", "scopes": ["predict"]})
    machine = await start(app)
    bearer = {"authorization": f"Bearer {made.json()['key']}"}

    answer = await machine.post(PREDICT, json={"text": "hello"}, headers=bearer)

    assert answer.status_code == 200, answer.text
    history = (await client.get("/v1/predictions")).json()["items"]
    assert [(one["id"], one["person_id"]) for one in history] == [(answer.json()["id"], None)]
    listed = (await client.get("/v1/api-keys")).json()["items"][0]
    assert "key" not in listed
    assert listed["last_used_at"] is not None
    assert made.json()["key"].startswith(listed["prefix"])
    assert (await client.delete(f"/v1/api-keys/{listed['id']}")).status_code == 204
    assert (await machine.post(PREDICT, json={"text": "no"}, headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer lsk_000000000000000000000000000000000000",
        "Bearer nothing",
        "Bearer ",
        "Basic YTpi",
        "lsk_",
    ],
)
async def test_what_is_no_key_is_refused_even_beside_a_session(
    client: httpx2.AsyncClient, header: str
) -> None:
    answer = await client.post(PREDICT, json={"text": "no"}, headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:lockstitch:problem:sign-in-required"


async def test_a_key_is_for_machines_alone(
    client: httpx2.AsyncClient, app: FastAPI, start: Callable
) -> None:
    made = await client.post("/v1/api-keys", json={"name": "nightly", "scopes": ["predict"]})
    machine = await start(app)
    bearer = {"authorization": f"Bearer {made.json()['key']}"}

    assert (await machine.get("/v1/members", headers=bearer)).status_code == 401
    past = {"name": "late", "scopes": ["predict"], "expires_at": "2020-01-01T00:00:00Z"}
    assert (await client.post("/v1/api-keys", json=past)).status_code == 422


async def test_the_audit_log_tells_who_did_what_and_no_secret(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    await join(client, stranger, "viewer")
    made = (
        await client.post("/v1/api-keys", json={"name": "nightly", "scopes": ["predict"]})
    ).json()

    answer = await client.get("/v1/audit-log", params={"limit": 100})

    entries = answer.json()["items"]
    assert [entry["action"] for entry in entries] == [
        "api_keys.insert",
        "organisation_members.insert",
        "invitations.update",
        "invitations.insert",
        "organisation_members.insert",
    ]
    assert entries[0]["person_id"] == (await me(client))["person"]["id"]
    assert made["key"] not in answer.text
    assert (await stranger.get("/v1/audit-log")).status_code == 403
