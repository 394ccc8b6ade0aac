"""The keys of an issuer: how seldom they are fetched, and what is not taken for a key."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from issuer import AUDIENCE, Issuer, SigningKey, serving

from lockstitch.errors import IssuerUnavailable
from lockstitch.identity.key_sets import COOLDOWN_SECONDS, KeySet
from lockstitch.settings import TokenIssuer


class Clock:
    """Seconds that the test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving(Issuer([SigningKey("ES256")])) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def keys_of(issuer: Issuer, clock: Clock, **options: Any) -> KeySet:
    trusted = TokenIssuer(issuer=issuer.issuer, audience=AUDIENCE, **options)
    return KeySet(trusted, clock)


async def test_a_key_is_found_by_discovery_and_fetched_once(issuer: Issuer, clock: Clock) -> None:
    keys = keys_of(issuer, clock)

    for _ in range(20):
        found = await keys.find(issuer.keys[0].name, "ES256")
        assert found is not None
        assert found.algorithm_name == "ES256"

    assert issuer.asked == ["/.well-known/openid-configuration", "/.well-known/jwks.json"]


async def test_an_issuer_with_a_path_is_asked_below_it(clock: Clock) -> None:
    with serving(Issuer([SigningKey("ES256")], path="/tenant/")) as issuer:
        assert await keys_of(issuer, clock).find(issuer.keys[0].name, "ES256") is not None

        assert issuer.asked[0] == "/tenant/.well-known/openid-configuration"


async def test_a_thousand_unknown_names_at_once_ask_once_in_30_seconds(
    issuer: Issuer, clock: Clock
) -> None:
    keys = keys_of(issuer, clock)

    for started in (1000.0, 1000.0 + COOLDOWN_SECONDS - 0.1):
        clock.now = started
        names = [f"unknown-{number}" for number in range(1000)]
        assert await asyncio.gather(*[keys.find(name, "ES256") for name in names]) == [None] * 1000
        assert issuer.key_fetches == 1

    clock.now = 1000.0 + COOLDOWN_SECONDS
    await asyncio.gather(*[keys.find(f"unknown-{number}", "ES256") for number in range(1000)])
    assert issuer.key_fetches == 2


async def test_a_key_that_the_issuer_adds_is_found_after_the_cooldown(
    issuer: Issuer, clock: Clock
) -> None:
    keys = keys_of(issuer, clock)
    await keys.find(issuer.keys[0].name, "ES256")
    added = SigningKey("ES256")
    issuer.keys = [added]

    assert await keys.find(added.name, "ES256") is None
    clock.now += COOLDOWN_SECONDS
    assert await keys.find(added.name, "ES256") is not None


async def test_a_key_that_the_issuer_withdraws_is_refused_after_15_minutes(
    issuer: Issuer, clock: Clock
) -> None:
    keys = keys_of(issuer, clock)
    withdrawn = issuer.keys[0].name
    await keys.find(withdrawn, "ES256")
    issuer.keys = [SigningKey("ES256")]
    clock.now += 901

    assert await keys.find(withdrawn, "ES256") is None


async def test_old_keys_are_served_while_new_ones_are_fetched(issuer: Issuer, clock: Clock) -> None:
    keys = keys_of(issuer, clock)
    name = issuer.keys[0].name
    await keys.find(name, "ES256")
    issuer.pause_seconds = 0.5
    clock.now += 301

    async with asyncio.timeout(0.4):
        assert await keys.find(name, "ES256") is not None

    await keys.find("unknown", "ES256")  # It waits for the fetch that is under way.
    assert issuer.key_fetches == 2


async def test_stale_keys_are_served_for_a_day_while_the_issuer_is_down(clock: Clock) -> None:
    with serving(Issuer([SigningKey("ES256")])) as issuer:
        keys = keys_of(issuer, clock)
        name = issuer.keys[0].name
        await keys.find(name, "ES256")

    clock.now += 86_399
    assert await keys.find(name, "ES256") is not None
    assert await keys.find("unknown", "ES256") is None
    clock.now += COOLDOWN_SECONDS
    with pytest.raises(IssuerUnavailable) as caught:
        await keys.find(name, "ES256")
    assert caught.value.retry_after_seconds == COOLDOWN_SECONDS


async def test_an_issuer_that_was_never_there_is_asked_once_in_30_seconds(
    issuer: Issuer, clock: Clock
) -> None:
    issuer.instead = (500, {}, b"")
    keys = keys_of(issuer, clock)

    for _ in range(50):
        with pytest.raises(IssuerUnavailable, match="cannot be read"):
            await keys.find("any", "ES256")
    assert issuer.key_fetches == 1

    issuer.instead = None
    clock.now += COOLDOWN_SECONDS
    assert await keys.find(issuer.keys[0].name, "ES256") is not None


async def test_who_gives_up_waiting_does_not_take_the_fetch_along(
    issuer: Issuer, clock: Clock
) -> None:
    issuer.pause_seconds = 0.3
    keys = keys_of(issuer, clock)
    name = issuer.keys[0].name

    first = asyncio.create_task(keys.find(name, "ES256"))
    second = asyncio.create_task(keys.find(name, "ES256"))
    assert await asyncio.to_thread(issuer.arrived.wait, 10)
    first.cancel()

    assert await second is not None
    assert issuer.key_fetches == 1


LISTED = SigningKey("ES256")
JWK = LISTED.public()


COMPRESSED = gzip.compress(json.dumps({"keys": [JWK]}).encode(), mtime=0)


@pytest.mark.parametrize(
    "instead",
    [
        (302, {"location": "/elsewhere/jwks.json"}, b""),
        (404, {}, b"{}"),
        (200, {}, b"no JSON"),
        (200, {}, b"[" * 100_000),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": 3}'),
        (200, {}, b'{"keys": []}'),
        (200, {}, b'{"keys": ["x", null, {}]}'),
        (200, {}, json.dumps({"keys": [JWK]}).encode() + b" " * 300_000),
        (
            200,
            {"content-encoding": "gzip"},
            gzip.compress(json.dumps({"keys": [JWK]}).encode(), mtime=0),
        ),
    ],
    ids=count(),
)
async def test_what_is_no_key_set_is_not_taken_for_one(
    issuer: Issuer, clock: Clock, instead: tuple[int, dict[str, str], bytes]
) -> None:
    issuer.instead = instead

    with pytest.raises(IssuerUnavailable):
        await keys_of(issuer, clock).find(LISTED.name, "ES256")

    assert issuer.key_fetches == 1, "A redirect was followed."


@pytest.mark.parametrize(
    "member",
    [
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": LISTED.name},
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": LISTED.name, "alg": "ES256"},
        {**JWK, "use": "enc"},
        {**JWK, "alg": "ES384"},
        {**JWK, "kid": None},
        {**JWK, "kid": 7},
        {**JWK, "crv": "P-384"},
        {**JWK, "x": "AAAA"},
        {**JWK, "x": 3},
        {**JWK, "d": "AAAA"},
        {**SigningKey("RS256").public(), "kid": LISTED.name, "alg": "ES256"},
    ],
)
async def test_a_key_of_another_kind_is_left_out(
    issuer: Issuer, clock: Clock, member: dict[str, Any]
) -> None:
    good = SigningKey("ES256")
    issuer.instead = (200, {}, json.dumps({"keys": [member, good.public()]}).encode())
    keys = keys_of(issuer, clock)

    assert await keys.find(LISTED.name, "ES256") is None
    assert await keys.find(good.name, "ES256") is not None


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES384", "EdDSA"])
async def test_a_key_without_algorithm_serves_those_that_it_fits(
    issuer: Issuer, clock: Clock, algorithm: str
) -> None:
    key = SigningKey(algorithm)
    listed = {name: value for name, value in key.public().items() if name != "alg"}
    issuer.instead = (200, {}, json.dumps({"keys": [listed]}).encode())
    keys = keys_of(issuer, clock, algorithms=("RS256", "PS256", "ES384", "EdDSA"))

    found = await keys.find(key.name, algorithm)

    assert found is not None
    assert found.algorithm_name == algorithm


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://another.example"},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://192.168.0.1/keys"},
        {"jwks_uri": "gopher://127.0.0.1/"},
        {"jwks_uri": "https://exa mple/keys"},
        {"jwks_uri": "https://\x00/keys"},
    ],
)
async def test_a_discovery_document_that_leads_elsewhere_is_not_followed(
    issuer: Issuer, clock: Clock, discovery: dict[str, Any]
) -> None:
    issuer.discovery = discovery

    with pytest.raises(IssuerUnavailable):
        await keys_of(issuer, clock).find(issuer.keys[0].name, "ES256")

    assert issuer.key_fetches == 0
