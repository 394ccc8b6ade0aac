"""Tokens that must never be taken, tried on every operation that asks who is calling.

The operations are read from the contract, so that a new route is tried without a new test.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from issuer import AUDIENCE, Issuer, SigningKey, by_hand, segment, serving
from pydantic import SecretStr

from lockstitch import Settings
from lockstitch.settings import TokenIssuer

SUBJECT = "somebody"
SHARED = "a-shared-secret-of-forty-characters-....."


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving(Issuer([SigningKey("RS256"), SigningKey("ES256")])) as running:
        yield running


@pytest.fixture(scope="module")
def attacker() -> Iterator[Issuer]:
    """Serves a key set of its own, and counts whether anybody asks for it."""
    with serving(Issuer([SigningKey("RS256")])) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, issuer: Issuer) -> Settings:
    trusted = TokenIssuer(issuer=issuer.issuer, audience=AUDIENCE)
    changes = {
        "token_issuers": (trusted,),
        # A project with a shared secret must not open the others to it.
        "supabase_url": "http://127.0.0.1:9",
        "supabase_jwt_secret": SecretStr(SHARED),
    }
    return settings.model_copy(update=changes)


def guarded_operations(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every operation that asks who is calling."""
    found = []
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            audience = operation.get("x-lockstitch-audience", {"kind": "public"})
            if audience["kind"] != "public":
                found.append((method.upper(), re.sub(r"\{\w+\}", str(uuid4()), path)))
    return found


def bad_tokens(issuer: Issuer, attacker: Issuer) -> dict[str, str]:
    """Return one token for each way in which it can be bad."""
    now = int(time.time())
    key, curve = issuer.keys
    good, claims = issuer.token(SUBJECT), issuer.claims(SUBJECT)
    header, payload, signature = good.split(".")
    stolen = SigningKey("RS256", key.name)
    evil = attacker.keys[0]
    jwks = f"{attacker.url}/.well-known/jwks.json"
    public = json.dumps(key.public()).encode()
    named = {"alg": "HS256", "kid": key.name}
    return {
        "expired": issuer.token(SUBJECT, exp=now - 3600, iat=now - 7200),
        "never expires": issuer.token(SUBJECT, exp=None),
        "expires as a text": issuer.token(SUBJECT, exp="soon"),
        "not yet valid": issuer.token(SUBJECT, nbf=now + 3600),
        "made in the future": issuer.token(SUBJECT, iat=now + 3600),
        "made never": issuer.token(SUBJECT, iat=None),
        "for another audience": issuer.token(SUBJECT, aud="another"),
        "for other audiences": issuer.token(SUBJECT, aud=["another", AUDIENCE.upper()]),
        "for no audience": issuer.token(SUBJECT, aud=None),
        "for an audience of numbers": issuer.token(SUBJECT, aud=[1, AUDIENCE]),
        "of another issuer": key.sign({**claims, "iss": "https://elsewhere.example"}),
        "of an issuer with a slash more": key.sign({**claims, "iss": f"{issuer.issuer}/"}),
        "of no issuer": issuer.token(SUBJECT, iss=None),
        "of the attacker": attacker.token(SUBJECT),
        "of the attacker in the name of the issuer": evil.sign(claims),
        "of nobody": issuer.token(SUBJECT, sub=None),
        "of an empty subject": issuer.token(""),
        "of a subject with NUL": issuer.token("a\0b"),
        "of a long subject": issuer.token("a" * 256),
        "of somebody unknown": issuer.token(uuid4().hex),
        "alg none": by_hand({"alg": "none", "kid": key.name}, claims, None),
        "alg none, signed": by_hand({"alg": "none", "kid": key.name}, claims, b"x"),
        "alg nOnE": by_hand({"alg": "nOnE", "kid": key.name}, claims, None),
        "no alg": by_hand({"kid": key.name}, claims, None),
        "alg a list": by_hand({"alg": ["none"], "kid": key.name}, claims, None),
        "HS256 with the public key as PEM": by_hand(named, claims, key.pem()),
        "HS256 with the public key as JWK": by_hand(named, claims, public),
        "HS256 with an empty secret": by_hand(named, claims, b""),
        "HS256 with the secret of another issuer": by_hand(named, claims, SHARED.encode()),
        "an algorithm that is not allowed": SigningKey("PS256", key.name, key.private).sign(claims),
        "the algorithm of another key": SigningKey("RS256", curve.name, key.private).sign(claims),
        "unknown kid": SigningKey("RS256").sign(claims),
        "a path as kid": SigningKey("RS256", "../../../dev/null").sign(claims),
        "SQL as kid": SigningKey("RS256", "' union select 'x").sign(claims),
        "no kid": key.sign(claims, kid=None),
        "kid a number": by_hand({"alg": "RS256", "kid": 7}, claims, b"x"),
        "a known kid with another key": stolen.sign(claims),
        "jku": SigningKey("RS256", evil.name, evil.private).sign(claims, jku=jwks),
        "jku with a known kid": stolen.sign(claims, jku=jwks),
        "x5u": stolen.sign(claims, x5u=jwks),
        "jwk": stolen.sign(claims, jwk=stolen.public()),
        "x5c": stolen.sign(claims, x5c=["AAAA"]),
        "crit": key.sign(claims, crit=["exp"], exp=now + 60),
        "b64": key.sign(claims, crit=["b64"], b64=True),
        "a logout token": key.sign(claims, typ="logout+jwt"),
        "typ a number": by_hand({"alg": "RS256", "kid": key.name, "typ": 1}, claims, b"x"),
        "claims that are no object": by_hand({"alg": "RS256", "kid": key.name}, b"[]", b"x"),
        "claims that are no JSON": by_hand({"alg": "RS256", "kid": key.name}, b"{", b"x"),
        "deep claims": by_hand({"alg": "RS256", "kid": key.name}, b"[" * 5000, b"x"),
        "a deep header": by_hand(b"[" * 5000, claims, b"x"),
        "a long number": by_hand({"alg": "RS256"}, b'{"exp": ' + b"9" * 5000 + b"}", b"x"),
        "the signature of another token": f"{good.rpartition('.')[0]}."
        + issuer.token("another").rpartition(".")[2],
        "changed claims": f"{header}.{segment({**claims, 'sub': 'admin'})}.{signature}",
        "a changed signature": f"{header}.{payload}.{segment(b'x' * 256)}",
        "no signature": f"{header}.{payload}.",
        "truncated by one character": good[:-1],
        "truncated in the signature": good[: -len(signature) // 2],
        "truncated in the claims": f"{header}.{payload[: len(payload) // 2]}.{signature}",
        "truncated to two parts": f"{header}.{payload}",
        "truncated to the header": header,
        "five parts": f"{good}.{header}.{payload}",
        "nothing": "",
        "dots": "..",
        "letters": "a.b.c",
        "another alphabet": "é.ü.ñ",
        "100 kB of claims": issuer.token(SUBJECT, padding="x" * 75_000),
        "100 kB of dots": "." * 100_000,
        "100 kB of letters": f"{'a' * 33_000}.{'b' * 33_000}.{'c' * 33_000}",
    }


def refused(answer: httpx2.Response, place: str) -> None:
    assert answer.status_code == 401, f"{place}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", place
    assert answer.headers["www-authenticate"].startswith("Bearer"), place
    assert answer.json()["type"].split(":")[-1] in {"token-refused", "sign-in-required"}, place


async def test_bad_tokens_are_401_everywhere_and_cost_one_fetch(
    app: FastAPI, anonymous: httpx2.AsyncClient, issuer: Issuer, attacker: Issuer
) -> None:
    operations = guarded_operations(app)
    assert len(operations) > 20
    fetches = issuer.key_fetches

    for method, path in operations:
        refused(await anonymous.request(method, path), f"{method} {path} without a token")
    for name, token in bad_tokens(issuer, attacker).items():
        headers = [(b"authorization", b"Bearer " + token.encode())]
        for method, path in operations:
            answer = await anonymous.request(method, path, headers=headers)
            refused(answer, f"{method} {path} with {name}")

    assert issuer.key_fetches - fetches == 1
    assert attacker.asked == [], "The service asked the attacker for keys."


async def test_a_thousand_unknown_keys_at_once_cost_one_fetch(
    app: FastAPI, anonymous: httpx2.AsyncClient, issuer: Issuer
) -> None:
    operations = guarded_operations(app)
    fetches = issuer.key_fetches

    async def attempt(number: int) -> None:
        # No signature is needed to make the service look for a key.
        header = {"alg": "RS256", "kid": f"unknown-{number}"}
        token = by_hand(header, issuer.claims(SUBJECT), b"x")
        method, path = operations[number % len(operations)]
        answer = await anonymous.request(method, path, headers={"authorization": f"Bearer {token}"})
        refused(answer, f"{method} {path}")

    await asyncio.gather(*[attempt(number) for number in range(1000)])

    assert issuer.key_fetches - fetches == 1


async def test_a_bad_token_opens_nothing_to_who_is_signed_in(
    client: httpx2.AsyncClient, issuer: Issuer, attacker: Issuer
) -> None:
    for name, token in bad_tokens(issuer, attacker).items():
        if token.count(".") == 2:
            headers = [(b"authorization", b"Bearer " + token.encode())]
            refused(await client.get("/v1/members", headers=headers), name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
@examples(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_a_signed_token_claims_it_is_an_answer(
    data: st.DataObject, running: "Callable[[str], int]", issuer: Issuer
) -> None:
    """Claims that a trusted issuer has signed can be as odd as any."""
    names = ["iss", "aud", "sub", "iat", "exp", "nbf", "jti", "role"]
    odd: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=4))
    payload = json.dumps({**issuer.claims(SUBJECT), **odd}).encode()
    header = {"alg": "RS256", "kid": issuer.keys[0].name}
    signed = f"{segment(header)}.{segment(payload)}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), issuer.keys[0].private)

    assert running(f"{signed}.{segment(signature)}") == 401


@pytest.fixture
def running(app: FastAPI) -> Iterator[Callable[[str], int]]:
    """The application in a loop of its own, for a test that is no coroutine."""
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url="http://testserver")

        def status(token: str) -> int:
            headers = {"authorization": f"Bearer {token}"}
            return runner.run(client.get("/v1/members", headers=headers)).status_code

        yield status
        runner.run(lifespan.__aexit__(None, None, None))
