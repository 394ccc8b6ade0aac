"""Request limits as callers meet them: over HTTP on a real database."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx2
import psycopg
import pytest
from conftest import ORIGIN, PASSWORD, signed_up
from fastapi import Depends, FastAPI
from serving_process import serving_process

from lockstitch import Lockstitch, Settings
from lockstitch.identity.audience import person
from lockstitch.identity.principal import Principal
from lockstitch.identity.request_limits import INTERVAL_SECONDS

PREDICT = "/v1/models/repeat/predictions"
HELLO = {"text": "hello"}


@pytest.fixture
def limited(settings: Settings, app: FastAPI) -> Callable[..., FastAPI]:
    def make(**quotas: Any) -> FastAPI:
        made = FastAPI()
        models = list(app.state.lockstitch_extension.models.values())
        Lockstitch(made, models=models, settings=Settings(**{**dict(settings), **quotas}))
        return made

    return make


async def new_key(client: httpx2.AsyncClient, **body: Any) -> dict[str, str]:
    made = await client.post("/v1/api-keys", json={"name": "robot", "scopes": ["predict"], **body})
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['key']}"}


async def test_a_person_is_refused_beyond_the_quota_and_told_when_to_come_back(
    limited: Callable, start: Callable
) -> None:
    client = await signed_up(await start(limited(requests_per_person="3/hour")))

    answers = [await client.get("/v1/models") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:lockstitch:problem:too-many-requests"
    assert refused.json()["detail"].startswith("This is more than 3/hour.")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers]
    assert left == [f'"requests-per-person";r={number}' for number in (2, 1, 0, 0)]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {
        '"requests-per-person";q=3;w=3600'
    }


async def test_people_and_keys_do_not_use_up_each_others_quota(
    limited: Callable, start: Callable
) -> None:
    app = limited(requests_per_person="4/hour", requests_per_key="2/hour")
    ada, bob = [await signed_up(await start(app)) for _ in range(2)]
    keys = [await new_key(ada) for _ in range(2)]

    async def spend(client: httpx2.AsyncClient, headers: dict[str, str]) -> list[int]:
        client.cookies = httpx2.Cookies() if headers else client.cookies
        return [
            (await client.post(PREDICT, json=HELLO, headers=headers)).status_code for _ in range(3)
        ]

    assert await spend(bob, {}) == [200, 200, 200]
    assert await spend(ada, {}) == [200, 200, 429]  # Two went to making keys.
    assert [await spend(ada, key) for key in keys] == [[200, 200, 429]] * 2


async def test_a_keys_own_limit_is_set_shown_kept_and_enforced(
    limited: Callable, start: Callable
) -> None:
    client = await signed_up(await start(limited()))
    key = await new_key(client, requests_per_minute=2)
    (listed,) = (await client.get("/v1/api-keys")).json()["items"]
    entries = (await client.get("/v1/audit-log")).json()["items"]

    answers = [await client.post(PREDICT, json=HELLO, headers=key) for _ in range(3)]

    assert listed["requests_per_minute"] == 2
    assert entries[0]["detail"]["requests_per_minute"] == {"after": 2}
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert '"requests-of-this-key";q=2;w=60' in answers[0].headers["ratelimit-policy"]
    assert answers[0].headers["ratelimit-policy"].startswith('"requests-per-key";q=')


@pytest.mark.parametrize("limit", [0, -1, 1_000_001, 1.5, "10", True])
async def test_a_keys_own_limit_that_is_none_is_refused(
    client: httpx2.AsyncClient, limit: Any
) -> None:
    body = {"name": "robot", "scopes": ["predict"], "requests_per_minute": limit}

    answer = await client.post("/v1/api-keys", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/requests_per_minute"


async def test_an_address_is_counted_before_anybody_is_identified(
    limited: Callable, start: Callable, owner_dsn: str
) -> None:
    app = limited(requests_per_address="3/hour")
    await start(app)
    elsewhere = httpx2.ASGITransport(app, client=("203.0.113.9", 4711))
    async with httpx2.AsyncClient(transport=elsewhere, base_url=ORIGIN) as client:
        wrong = {"authorization": "Bearer " + "x" * 40}
        answers = [await client.post(PREDICT, json=HELLO, headers=wrong) for _ in range(4)]
        probes = [(await client.get("/livez")).status_code for _ in range(9)]
        sign_in = await client.post(
            "/v1/sessions", json={"email": "ada@example.com", "password": PASSWORD}
        )

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[0].headers["ratelimit"].startswith('"requests-per-address";r=2;t=')
    assert probes == [200] * 9
    assert sign_in.status_code == 429
    with psycopg.connect(owner_dsn) as connection:
        tried = "select 1 from private.rate_limits where key like 'sign-in/%'"
        assert connection.execute(tried).fetchall() == []


async def test_an_answer_names_the_limits_of_sign_in_and_of_requests(
    limited: Callable, start: Callable
) -> None:
    app = limited()
    await start(app)
    elsewhere = httpx2.ASGITransport(app, client=("203.0.113.9", 4711))
    async with httpx2.AsyncClient(transport=elsewhere, base_url=ORIGIN) as client:
        answer = await client.post(
            "/v1/sessions", json={"email": "ada@example.com", "password": PASSWORD}
        )

    names = [item.partition(";")[0] for item in answer.headers["ratelimit"].split(", ")]
    assert names == ['"email"', '"address"', '"requests-per-address"']
    policies = answer.headers["ratelimit-policy"].split(", ")
    assert [policy.partition(";")[0] for policy in policies] == names


async def test_every_answer_to_somebody_who_is_limited_says_what_is_left(
    limited: Callable, start: Callable
) -> None:
    client = await signed_up(await start(limited()))

    for answer in (
        await client.get("/v1/models"),
        await client.get("/v1/models/none"),
        await client.post(PREDICT, json={}),
        await client.post(PREDICT, content=b"{"),
        await client.post("/v1/models/fragile/predictions", json={"text": "raise"}),
        await client.post(PREDICT, json=HELLO, headers={"idempotency-key": "one"}),
        await client.post(PREDICT, json=HELLO, headers={"idempotency-key": "one"}),
        await client.delete("/v1/sessions/00000000-0000-0000-0000-000000000000"),
    ):
        assert "requests-per-person" in answer.headers["ratelimit"], answer.status_code
        assert "requests-per-person" in answer.headers["ratelimit-policy"]


async def test_a_route_of_the_owners_is_limited_by_its_audience(
    limited: Callable, start: Callable
) -> None:
    app = limited(requests_per_person="2/hour")

    @app.get("/own")
    async def own(principal: Annotated[Principal, Depends(person())]) -> str:
        return principal.email

    client = await signed_up(await start(app))

    answers = [await client.get("/own") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["type"] == "urn:lockstitch:problem:too-many-requests"
    assert int(answers[2].headers["retry-after"]) >= 1
    assert [answer.headers["ratelimit"][:25] for answer in answers] == [
        '"requests-per-person";r=1',
        '"requests-per-person";r=0',
        '"requests-per-person";r=0',
    ]


def test_the_contract_says_429_wherever_somebody_is_counted(app: FastAPI) -> None:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            is_probe = path in {"/livez", "/readyz"}
            assert ("429" in operation["responses"]) is not is_probe, (method, path)


async def test_two_processes_let_in_the_quota_and_at_most_an_interval_each(
    database_dsn: str, owner_dsn: str, tmp_path: Path
) -> None:
    quota = 600
    served = [
        serving_process(
            "quick_application", database_dsn, tmp_path / name, requests_per_key=f"{quota}/day"
        )
        for name in ("one", "two")
    ]
    with served[0] as (_, one), served[1] as (_, two):
        async with httpx2.AsyncClient(base_url=one) as client:
            bearer = await new_key(await signed_up(client))
        let_in = await asyncio.gather(spend_all(one, bearer), spend_all(two, bearer))

        total = sum(len(times) for times in let_in)
        deadline = time.monotonic() + 30
        # The last of both intervals arrive; nobody gets in any more.
        while stored(owner_dsn) != [total]:
            assert time.monotonic() < deadline, (stored(owner_dsn), total)
            await asyncio.sleep(0.05)
        late = [await statuses(url, bearer, 5) for url in (one, two)]

    overshoot = sum(most_within(times, 2 * INTERVAL_SECONDS) for times in let_in)
    assert all(let_in), "Both processes took part."
    assert quota <= total <= quota + overshoot
    assert total < 2 * quota
    assert late == [[429] * 5] * 2
    assert stored(owner_dsn) == [total]


def stored(dsn: str) -> list[int]:
    """Return how many requests of each key the processes have told the database of."""
    kept = "select hits from private.rate_limits where key like 'requests-per-key/%'"
    with psycopg.connect(dsn) as connection:
        return [hits for (hits,) in connection.execute(kept)]


async def spend_all(url: str, headers: dict[str, str]) -> list[float]:
    """Send requests, eight at a time, until one is refused; return when each was let in."""
    times: list[float] = []

    async def send(client: httpx2.AsyncClient) -> None:
        while (await client.get("/ping")).status_code == 200:
            times.append(time.monotonic())

    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        await asyncio.gather(*(send(client) for _ in range(8)))
    return times


async def statuses(url: str, headers: dict[str, str], times: int) -> list[int]:
    async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
        return [(await client.get("/ping")).status_code for _ in range(times)]


def most_within(times: list[float], seconds: float) -> int:
    """Return the largest number of moments in any span of that length."""
    ordered = sorted(times)
    return max(
        sum(1 for later in ordered[first:] if later - start <= seconds)
        for first, start in enumerate(ordered)
    )
