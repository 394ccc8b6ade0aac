"""Bearer tokens of OIDC issuers and of Supabase, over HTTP on a real database."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from issuer import AUDIENCE, Issuer, SigningKey, by_hand, serving
from letters import sign_up
from pydantic import SecretStr

from lockstitch import Lockstitch, Settings
from lockstitch.errors import ConfigurationError
from lockstitch.settings import PLACEHOLDER, TokenIssuer

ME = "/v1/sessions/current"
PREDICT = "/v1/models/repeat/predictions"
SHARED = "a-shared-secret-of-forty-characters-....."


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving(Issuer([SigningKey("RS256")])) as running:
        yield running


@pytest.fixture(scope="module")
def supabase() -> Iterator[Issuer]:
    with serving(Issuer([SigningKey("ES256")], path="/auth/v1")) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, issuer: Issuer, supabase: Issuer) -> Settings:
    changes = {
        "token_issuers": (TokenIssuer(issuer=issuer.issuer, audience=AUDIENCE),),
        "supabase_url": supabase.url,
        "supabase_jwt_secret": SecretStr(SHARED),
    }
    return settings.model_copy(update=changes)


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        yield connection


async def me(client: httpx2.AsyncClient) -> dict[str, Any]:
    session: dict[str, Any] = (await client.get(ME)).json()
    return session


async def me_with(client: httpx2.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    person: dict[str, Any] = (await client.get(ME, headers=headers)).json()["person"]
    return person


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


async def linked(owner: psycopg.Connection, client: httpx2.AsyncClient, issuer: Issuer) -> str:
    """Link the client's person with a new subject of the issuer, as sign-in with it does."""
    subject = f"auth0|{uuid4().hex}"
    owner.execute(
        "insert into private.linked_identities (person_id, provider, issuer, subject) "
        "values (%s, 'test', %s, %s)",
        [(await me(client))["person"]["id"], issuer.issuer, subject],
    )
    return subject


def supabase_claims(supabase: Issuer, person: str, **changes: Any) -> dict[str, Any]:
    return supabase.claims(person, aud="authenticated", role="authenticated", **changes)


async def test_a_token_is_its_linked_person(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    headers = bearer(issuer.token(await linked(owner, client, issuer)))

    answer = await anonymous.get(ME, headers=headers)

    assert answer.status_code == 200, answer.text
    own = await me(client)
    assert answer.json()["person"] == own["person"]
    assert answer.json()["organisation"] == own["organisation"]
    predicted = await anonymous.post(PREDICT, json={"text": "hello"}, headers=headers)
    assert predicted.status_code == 200, predicted.text
    history = await client.get("/v1/predictions")
    assert [one["id"] for one in history.json()["items"]] == [predicted.json()["id"]]


async def test_a_token_of_supabase_is_the_person_of_its_subject(
    client: httpx2.AsyncClient, anonymous: httpx2.AsyncClient, supabase: Issuer
) -> None:
    person = (await me(client))["person"]
    claims = supabase_claims(supabase, person["id"])

    for token in (
        supabase.keys[0].sign(claims),
        # A project that has not moved to signing keys.
        by_hand({"alg": "HS256", "typ": "JWT"}, claims, SHARED.encode()),
    ):
        answer = await anonymous.get(ME, headers=bearer(token))
        assert answer.status_code == 200, answer.text
        assert answer.json()["person"] == person


@pytest.mark.parametrize(
    "changes", [{"role": "anon"}, {"role": None}, {"sub": "not-an-id"}, {"sub": str(uuid4())}]
)
async def test_a_token_of_supabase_that_is_of_nobody_here_is_refused(
    anonymous: httpx2.AsyncClient,
    client: httpx2.AsyncClient,
    supabase: Issuer,
    changes: dict[str, Any],
) -> None:
    person = (await me(client))["person"]["id"]
    claims = supabase_claims(supabase, person) | changes
    token = supabase.keys[0].sign({name: one for name, one in claims.items() if one is not None})

    answer = await anonymous.get(ME, headers=bearer(token))

    assert answer.status_code in {401, 403}
    assert answer.json()["type"].split(":")[-1] in {"token-refused", "not-a-member"}


async def test_a_subject_belongs_to_its_issuer(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
    supabase: Issuer,
) -> None:
    subject = await linked(owner, client, issuer)
    person = (await me(client))["person"]["id"]

    foreign = supabase.keys[0].sign(supabase_claims(supabase, subject))
    forged = issuer.token(person)  # An id of a person means nothing to another issuer.

    for token in (foreign, forged):
        answer = await anonymous.get(ME, headers=bearer(token))
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:lockstitch:problem:token-refused"
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_token_of_an_identity_that_was_unlinked_is_refused_at_once(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    headers = bearer(issuer.token(await linked(owner, client, issuer)))
    assert (await anonymous.get(ME, headers=headers)).status_code == 200
    (link,) = (await client.get("/v1/linked-identities")).json()["items"]

    assert (await client.delete(f"/v1/linked-identities/{link['id']}")).status_code == 204

    told = time.monotonic()
    while (await anonymous.get(ME, headers=headers)).status_code != 401:
        # Without the notification the kept identity would be good for ten.
        assert time.monotonic() - told < 5
        await asyncio.sleep(0.01)


async def test_a_token_links_nothing(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    headers = bearer(issuer.token(await linked(owner, client, issuer)))

    answer = await anonymous.post("/v1/linked-identities/any:start", json={}, headers=headers)

    assert answer.status_code == 401
    assert "links nothing" in answer.json()["detail"]


async def test_a_token_decides_where_a_session_is_there_too(
    client: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    token = issuer.token(await linked(owner, client, issuer))

    answer = await stranger.get(ME, headers=bearer(token))
    refused = await stranger.get(ME, headers=bearer(token[:-4]))

    assert answer.json()["person"] == (await me(client))["person"]
    assert refused.status_code == 401


async def test_a_page_of_another_origin_may_write_with_a_token_and_not_with_a_session(
    client: httpx2.AsyncClient, owner: psycopg.Connection, issuer: Issuer
) -> None:
    token = issuer.token(await linked(owner, client, issuer))
    foreign = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}

    by_token = await client.post(PREDICT, json={"text": "x"}, headers=bearer(token, **foreign))
    by_session = await client.post(PREDICT, json={"text": "x"}, headers=foreign)

    assert by_token.status_code == 200
    assert by_session.status_code == 403
    assert by_session.json()["type"] == "urn:lockstitch:problem:foreign-origin"


async def test_the_header_chooses_among_the_organisations_of_the_person(
    client: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    own, other = (await me(client))["organisation"], (await me(stranger))["organisation"]
    token = issuer.token(await linked(owner, client, issuer))

    async def acts_for(organisation: str) -> httpx2.Response:
        headers = {"lockstitch-organisation": organisation}
        return await anonymous.get(ME, headers=bearer(token, **headers))

    for refused in (other["id"], str(uuid4()), "x", "' or true --"):
        answer = await acts_for(refused)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:lockstitch:problem:not-a-member"
        assert other["name"] not in answer.text

    email = (await me(client))["person"]["email"]
    invited = await stranger.post("/v1/invitations", json={"email": email, "role": "viewer"})
    accepted = await anonymous.post(
        "/v1/invitations:accept", json={"token": invited.json()["token"]}, headers=bearer(token)
    )
    assert accepted.status_code == 204, accepted.text
    assert (await acts_for(other["id"])).json()["organisation"] == {**other, "role": "viewer"}
    assert (await acts_for(own["id"])).json()["organisation"] == own
    # Without the header it stays the one that they joined first.
    answer = await anonymous.get(ME, headers=bearer(token))
    assert answer.json()["organisation"] == own


async def test_a_role_that_is_too_low_is_too_low_with_a_token_too(
    client: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    email = (await me(client))["person"]["email"]
    invited = await stranger.post("/v1/invitations", json={"email": email, "role": "viewer"})
    await client.post("/v1/invitations:accept", json={"token": invited.json()["token"]})
    organisation = (await me(stranger))["organisation"]["id"]
    token = issuer.token(await linked(owner, client, issuer))
    headers = bearer(token, **{"lockstitch-organisation": organisation})

    assert (await anonymous.get("/v1/members", headers=headers)).status_code == 200
    refused = await anonymous.post(PREDICT, json={"text": "x"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:lockstitch:problem:role-too-low"

    member = (await me(client))["person"]["id"]
    await stranger.patch(f"/v1/members/{member}", json={"role": "member"})
    raised = await anonymous.post(PREDICT, json={"text": "x"}, headers=headers)
    assert raised.status_code == 200
    await stranger.delete(f"/v1/members/{member}")
    assert (await anonymous.get("/v1/members", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "change",
    ["deleted_at = now()", "banned_until = now() + interval '1 hour'"],
)
async def test_who_is_banned_or_gone_has_no_token(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    supabase: Issuer,
    change: str,
    database_dsn: str,
    postgres: Any,
    database_name: str,
) -> None:
    person = (await me(client))["person"]["id"]
    with psycopg.connect(postgres.dsn("supabase_admin", database_name)) as connection:
        connection.execute(f"update auth.users set {change} where id = %s", [person])

    token = supabase.keys[0].sign(supabase_claims(supabase, person))

    assert (await anonymous.get(ME, headers=bearer(token))).status_code == 403


async def test_a_token_opens_what_needs_no_organisation_but_not_what_is_of_a_session(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    own = (await me(client))["organisation"]
    headers = bearer(issuer.token(await linked(owner, client, issuer)))

    listed = await anonymous.get("/v1/organisations", headers=headers)
    places = await anonymous.get("/v1/sessions", headers=headers)
    refused = [
        await anonymous.put(
            f"{ME}/organisation", json={"organisation_id": own["id"]}, headers=headers
        ),
        await anonymous.put(f"/v1/organisations/{uuid4()}", json={"name": "New"}, headers=headers),
    ]

    assert listed.json()["items"] == [own]
    assert [place["current"] for place in places.json()["items"]] == [False]
    assert [answer.status_code for answer in refused] == [401, 401]
    assert (await client.get("/v1/organisations")).json()["items"] == [own]


async def test_a_refused_token_opens_nothing_that_a_session_beside_it_would(
    client: httpx2.AsyncClient,
) -> None:
    headers = bearer("a.b.c")

    answers = [
        await client.get("/v1/organisations", headers=headers),
        await client.get("/v1/sessions", headers=headers),
        await client.post("/v1/email-confirmations", headers=headers),
    ]

    assert {answer.json()["type"] for answer in answers} == {"urn:lockstitch:problem:token-refused"}


async def test_a_token_does_not_stand_for_a_confirmed_address(
    settings: Settings, start: Callable, owner: psycopg.Connection, issuer: Issuer
) -> None:
    application = FastAPI()
    strict = settings.model_copy(update={"require_verified_email": True})
    Lockstitch(application, settings=strict)
    client = await sign_up(await start(application))
    headers = bearer(issuer.token(await linked(owner, client, issuer)))
    client.cookies.clear()

    refused = [
        await client.get("/v1/members", headers=headers),
        await client.get("/v1/predictions", headers=headers),
        await client.post("/v1/invitations:accept", json={"token": "x"}, headers=headers),
    ]

    assert {answer.json()["type"] for answer in refused} == {
        "urn:lockstitch:problem:email-not-confirmed"
    }
    assert (await me_with(client, headers))["must_confirm_email"] is True


async def test_the_clocks_may_differ_by_the_leeway(
    client: httpx2.AsyncClient,
    anonymous: httpx2.AsyncClient,
    owner: psycopg.Connection,
    issuer: Issuer,
) -> None:
    subject = await linked(owner, client, issuer)
    now = int(time.time())

    async def status(**changes: int) -> int:
        answer = await anonymous.get(ME, headers=bearer(issuer.token(subject, **changes)))
        return answer.status_code

    assert await status(exp=now - 15) == 200
    assert await status(exp=now - 45) == 401
    assert await status(nbf=now + 15) == 200
    assert await status(nbf=now + 45) == 401
    assert await status(iat=now + 15) == 200
    assert await status(iat=now + 45) == 401
    # A date that no calendar holds.
    assert await status(exp=10**18, iat=-(10**18)) == 200


async def test_a_service_whose_issuer_never_answered_says_so(
    settings: Settings, start: Callable
) -> None:
    with serving(Issuer([SigningKey("RS256")])) as gone:
        token = gone.token("somebody")
    application = FastAPI()
    trusted = (TokenIssuer(issuer=gone.issuer, audience=AUDIENCE),)
    Lockstitch(application, settings=settings.model_copy(update={"token_issuers": trusted}))

    answer = await (await start(application)).get(ME, headers=bearer(token))

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:lockstitch:problem:issuer-unavailable"
    assert 1 <= int(answer.headers["retry-after"]) <= 30


async def test_without_issuers_no_token_is_taken(
    settings: Settings, start: Callable, issuer: Issuer
) -> None:
    application = FastAPI()
    none = {"token_issuers": (), "supabase_url": None}
    Lockstitch(application, settings=settings.model_copy(update=none))

    answer = await (await start(application)).get(ME, headers=bearer(issuer.token("somebody")))

    assert answer.status_code == 401
    assert "does not trust" in answer.json()["detail"]


@pytest.mark.parametrize("secret", [PLACEHOLDER, "short"])
async def test_a_shared_secret_that_anybody_could_guess_stops_the_start(
    settings: Settings, start: Callable, secret: str
) -> None:
    application = FastAPI()
    weak = {"supabase_jwt_secret": SecretStr(secret)}
    Lockstitch(application, settings=settings.model_copy(update=weak))

    with pytest.raises(ConfigurationError, match="SUPABASE_JWT_SECRET"):
        await start(application)
