"""Signing in elsewhere, over real redirects, with a certified provider and one like GitHub."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import psycopg
import pytest
import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI
from issuer import SigningKey, by_hand
from pydantic import SecretStr
from sign_in_servers import (
    CLIENT_ID,
    CLIENT_SECRET,
    PlainOAuth,
    certified_provider,
    plain_oauth,
)

from lockstitch import Lockstitch, Settings
from lockstitch.api.listener import free_port
from lockstitch.errors import ConfigurationError
from lockstitch.identity.providers.attempts import Attempts
from lockstitch.settings import PLACEHOLDER, SignInProvider

ME = "/v1/sessions/current"
LINKS = "/v1/linked-identities"
PASSWORD = "correct horse battery"
COOKIE = "lockstitch-sign-in-8123"

Browser = httpx2.Client


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def certified(port: int) -> Iterator[str]:
    back = f"http://127.0.0.1:{port}/v1/sign-in-providers/acme/callback"
    with certified_provider(back, free_port()) as issuer:
        yield issuer


@pytest.fixture
def plain() -> Iterator[PlainOAuth]:
    with plain_oauth() as running:
        running.addresses = [
            {"email": "other@example.com", "primary": False, "verified": True},
            {"email": "Octo@Example.com", "primary": True, "verified": True},
        ]
        yield running


@pytest.fixture
def settings(settings: Settings, certified: str, plain: PlainOAuth) -> Settings:
    def provider(name: str, **given: Any) -> SignInProvider:
        return SignInProvider(name=name, client_id=CLIENT_ID, **given)

    providers = (
        provider("acme", title="Acme", issuer=certified),
        provider("wrong-secret", issuer=certified),
        provider("github", kind="github", issuer=plain.url),
        provider("liar", issuer=plain.url),
        provider("trusted", issuer=plain.url, trust_email=True),
        provider("down", issuer="http://127.0.0.1:9"),
    )
    given = {one.name: SecretStr(CLIENT_SECRET) for one in providers}
    return settings.model_copy(
        update={
            "sign_in_providers": providers,
            "sign_in_secrets": {**given, "wrong-secret": SecretStr("a guess")},
        }
    )


@pytest.fixture
def url(app: FastAPI, port: int) -> Iterator[str]:
    """The application on a real socket, in a thread of its own."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def open_browser(url: str) -> Iterator[Callable[[], Browser]]:
    opened: list[Browser] = []

    def opens() -> Browser:
        opened.append(Browser(base_url=url, timeout=20))
        return opened[-1]

    yield opens
    for browser in opened:
        browser.close()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        yield connection


def start(browser: Browser, name: str = "acme", kind: str = "sign-in-providers") -> str:
    """Return the provider's page that the service sends the browser to."""
    body = {"next": ME, "back": "/sign-in/"}
    answer = browser.post(f"/v1/{kind}/{name}:start", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def way_back(browser: Browser, page: str, person: str) -> str:
    """Sign in and agree on the provider's pages; return where it sends the browser back to."""
    answer = browser.get(page)
    for _ in range(20):
        target = answer.headers.get("location", "")
        if "/callback" in target:
            return target
        if answer.is_redirect:
            answer = browser.get(str(answer.url.join(target)))
            continue
        form = re.search(r'action="([^"]+)"', answer.text)
        assert form is not None, answer.text
        is_login = 'value="login"' in answer.text
        fields = (
            {"prompt": "login", "login": person, "password": "any"}
            if is_login
            else {"prompt": "consent"}
        )
        answer = browser.post(str(answer.url.join(form[1])), data=fields)
    raise AssertionError("The provider never sent the browser back.")


def sign_in(browser: Browser, person: str = "", name: str = "acme") -> httpx2.Response:
    """Return what the browser shows in the end."""
    return browser.get(way_back(browser, start(browser, name), person), follow_redirects=True)


def refusal(answer: httpx2.Response) -> str:
    """Return the word with which the sign-in page is opened."""
    assert answer.url.path == "/sign-in/", f"{answer.url} {answer.text}"
    return parse_qs(answer.url.query.decode())["refused"][0]


def carry(browser: Browser, value: str) -> None:
    """Let the browser carry another attempt."""
    browser.cookies.set(COOKIE, value, domain="127.0.0.1", path="/")


def people(owner: psycopg.Connection) -> int:
    return len(owner.execute("select id from auth.users").fetchall())


def somebody() -> str:
    return f"ada-{uuid4().hex[:12]}"


def test_the_providers_are_listed_without_what_is_theirs_alone(browser: Browser) -> None:
    answer = browser.get("/v1/sign-in-providers")

    assert answer.json()["items"][:3] == [
        {"name": "acme", "title": "Acme"},
        {"name": "wrong-secret", "title": "wrong-secret"},
        {"name": "github", "title": "GitHub"},
    ]
    assert CLIENT_SECRET not in answer.text


def test_who_signs_in_first_gets_an_account_and_later_the_same_one(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    person = somebody()

    first = sign_in(browser, person)
    again = sign_in(open_browser(), person)

    assert first.status_code == 200, first.text
    session = first.json()
    assert session["person"]["email"] == f"{person}@example.com"
    assert session["organisation"]["name"] == person
    assert session["organisation"]["role"] == "owner"
    assert again.json()["person"] == session["person"]
    (link,) = browser.get(LINKS).json()["items"]
    assert (link["provider"], link["email"]) == ("acme", f"{person}@example.com")
    # Nobody can sign in to it with a password.
    credentials = {"email": f"{person}@example.com", "password": ""}
    assert open_browser().post("/v1/sessions", json=credentials).status_code == 401


def test_the_address_carries_pkce_state_and_nonce_and_each_is_new(browser: Browser) -> None:
    one, other = (parse_qs(urlsplit(start(browser)).query) for _ in range(2))

    assert one["code_challenge_method"] == ["S256"]
    assert one["response_type"] == ["code"]
    assert set(one["scope"][0].split()) == {"openid", "email"}
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name][0]) >= 43
        assert one[name] != other[name]


def test_the_attempt_is_out_of_reach_for_scripts_and_sealed(browser: Browser) -> None:
    answer = browser.post("/v1/sign-in-providers/acme:start", json={})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"))
    assert parse_qs(urlsplit(answer.json()["url"]).query)["state"][0] not in cookie


def test_what_comes_back_to_another_browser_signs_nobody_in(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    back = way_back(browser, start(browser), somebody())
    victim = open_browser()

    assert refusal(victim.get(back, follow_redirects=True)) == "expired"
    start(victim)  # An attempt of its own has another state.
    assert refusal(victim.get(back, follow_redirects=True)) == "expired"
    assert victim.get(ME).status_code == 401


def test_an_attempt_comes_back_once_to_its_own_provider_within_ten_minutes(
    browser: Browser, settings: Settings
) -> None:
    back = way_back(browser, start(browser), somebody())

    elsewhere = back.replace("/acme/", "/github/")
    assert refusal(browser.get(elsewhere, follow_redirects=True)) == "expired"
    kept = browser.cookies[COOKIE]
    seal: Fernet = Attempts(settings)._seal
    aged = seal.encrypt_at_time(seal.decrypt(kept.encode()), int(time.time()) - 601)
    carry(browser, aged.decode())
    assert refusal(browser.get(back, follow_redirects=True)) == "expired"
    carry(browser, kept[:-4] + "AAAA")
    assert refusal(browser.get(back, follow_redirects=True)) == "expired"
    carry(browser, kept)
    assert browser.get(back, follow_redirects=True).status_code == 200
    assert COOKIE not in browser.cookies
    assert refusal(browser.get(back, follow_redirects=True)) == "expired"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("iss=http", "iss=https"), "failed"),
        (("iss=", "other="), "failed"),
        (("code=", "code=x"), "failed"),
        (("code=", "error=access_denied&other="), "denied"),
    ],
)
def test_an_answer_that_was_changed_on_its_way_signs_nobody_in(
    browser: Browser, owner: psycopg.Connection, change: tuple[str, str], reason: str
) -> None:
    back = way_back(browser, start(browser), somebody())

    answer = browser.get(back.replace(*change), follow_redirects=True)

    assert refusal(answer) == reason
    assert browser.get(ME).status_code == 401
    assert people(owner) == 0


def test_an_address_that_the_provider_has_not_verified_makes_no_account(
    browser: Browser, owner: psycopg.Connection
) -> None:
    assert refusal(sign_in(browser, f"unverified-{somebody()}")) == "unverified"
    assert people(owner) == 0


def test_an_account_with_the_same_address_is_linked_by_its_holder_alone(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    person = somebody()
    credentials = {"email": f"{person}@example.com", "password": PASSWORD}
    own = browser.post("/v1/accounts", json=credentials).json()["person"]

    assert refusal(sign_in(open_browser(), person)) == "account-exists"
    assert browser.get(LINKS).json() == {"items": []}

    linking = start(browser, kind="linked-identities")
    back = browser.get(way_back(browser, linking, person), follow_redirects=True)
    assert back.json()["person"] == own
    assert sign_in(open_browser(), person).json()["person"] == own


def test_an_identity_is_linked_with_one_account(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    person, other = somebody(), open_browser()
    sign_in(browser, person)
    credentials = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    other.post("/v1/accounts", json=credentials)

    linking = start(other, kind="linked-identities")
    answer = other.get(way_back(other, linking, person), follow_redirects=True)

    assert refusal(answer) == "linked-elsewhere"
    assert other.get(LINKS).json() == {"items": []}
    # The same person may link it again.
    again = way_back(browser, start(browser, kind="linked-identities"), person)
    assert browser.get(again, follow_redirects=True).status_code == 200
    assert len(browser.get(LINKS).json()["items"]) == 1


def test_linking_ends_when_somebody_else_signs_in_meanwhile(browser: Browser) -> None:
    def fresh() -> None:
        credentials = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        assert browser.post("/v1/accounts", json=credentials).status_code == 201

    fresh()
    back = way_back(browser, start(browser, kind="linked-identities"), somebody())
    fresh()

    assert refusal(browser.get(back, follow_redirects=True)) == "expired"
    assert browser.get(LINKS).json() == {"items": []}


def test_the_last_way_in_stays(browser: Browser, open_browser: Callable[[], Browser]) -> None:
    sign_in(browser, somebody())
    (link,) = browser.get(LINKS).json()["items"]
    stranger = open_browser()
    sign_in(stranger, somebody())

    assert stranger.delete(f"{LINKS}/{link['id']}").status_code == 404
    refused = browser.delete(f"{LINKS}/{link['id']}")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:lockstitch:problem:last-way-in"

    back = way_back(browser, start(browser, "github", "linked-identities"), "")
    browser.get(back)
    assert len(browser.get(LINKS).json()["items"]) == 2
    assert browser.delete(f"{LINKS}/{link['id']}").status_code == 204
    assert [one["provider"] for one in browser.get(LINKS).json()["items"]] == ["github"]


def test_who_has_a_password_may_unlink_everything(browser: Browser) -> None:
    credentials = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    browser.post("/v1/accounts", json=credentials)
    browser.get(way_back(browser, start(browser, kind="linked-identities"), somebody()))
    (link,) = browser.get(LINKS).json()["items"]

    assert browser.delete(f"{LINKS}/{link['id']}").status_code == 204
    assert browser.get(LINKS).json() == {"items": []}


ELSEWHERE = [
    *("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""),
    *("evil.example", "javascript:alert(1)", "/ok\r\nset-cookie: a=b", "/ü", "/a b"),
]


def test_the_way_back_stays_on_this_site(browser: Browser) -> None:
    for member, path in product(["next", "back"], ELSEWHERE):
        answer = browser.post("/v1/sign-in-providers/acme:start", json={member: path})

        assert answer.status_code == 422, path
        assert "set-cookie" not in answer.headers


def test_a_start_from_another_site_or_of_an_unknown_provider_is_refused(browser: Browser) -> None:
    foreign = {"origin": "https://evil.example"}

    assert browser.post("/v1/sign-in-providers/acme:start", json={}, headers=foreign).is_error
    assert browser.post("/v1/sign-in-providers/none:start", json={}).status_code == 404
    assert browser.post("/v1/linked-identities/acme:start", json={}).status_code == 401


def test_a_provider_that_is_down_is_told_as_such(browser: Browser, plain: PlainOAuth) -> None:
    answer = browser.post("/v1/sign-in-providers/down:start", json={})

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:lockstitch:problem:provider-unavailable"
    back = way_back(browser, start(browser, "github"), "")
    plain.instead = (500, {})
    assert refusal(browser.get(back, follow_redirects=True)) == "failed"


def test_a_service_that_the_provider_does_not_know_signs_nobody_in(
    browser: Browser, certified: str, url: str
) -> None:
    page = start(browser, "wrong-secret").replace("wrong-secret", "acme")
    back = way_back(browser, page, somebody()).replace("/acme/", "/wrong-secret/")

    assert refusal(browser.get(back, follow_redirects=True)) == "failed"


def test_github_signs_in_with_the_primary_verified_address(
    browser: Browser, open_browser: Callable[[], Browser], plain: PlainOAuth
) -> None:
    session = sign_in(browser, name="github").json()
    plain.person = {"id": 583231, "login": "renamed"}
    plain.addresses = []
    again = sign_in(open_browser(), name="github").json()

    assert session["person"]["email"] == "octo@example.com"
    assert again["person"] == session["person"]


ADDRESSES: list[tuple[Any, str]] = [
    ([], "unverified"),
    ([{"email": "a@example.com", "primary": True, "verified": False}], "unverified"),
    ([{"email": "a@example.com", "primary": False, "verified": True}], "unverified"),
    ([{"email": "no address", "primary": True, "verified": True}], "unverified"),
    ([{"email": "a\0@example.com", "primary": True, "verified": True}], "unverified"),
    ([{"email": "a@@example.com", "primary": True, "verified": True}], "unverified"),
    ([{"email": "a" * 250 + "@example.com", "primary": True, "verified": True}], "unverified"),
    ([{"address": "a@example.com"}], "failed"),
    ({"message": "Not found"}, "failed"),
]


def test_github_without_a_verified_address_makes_no_account(
    browser: Browser, owner: psycopg.Connection, plain: PlainOAuth
) -> None:
    for addresses, reason in ADDRESSES:
        plain.addresses = addresses

        assert refusal(sign_in(browser, name="github")) == reason, addresses
    assert people(owner) == 0


EXCHANGES: list[tuple[int, Any]] = [
    (200, {"error": "bad_verification_code"}),
    (200, {}),
    (200, {"access_token": 7}),
    (200, []),
    (302, {}),
    (429, {"error": "slow_down"}),
]


def test_an_exchange_that_fails_signs_nobody_in(browser: Browser, plain: PlainOAuth) -> None:
    for instead in EXCHANGES:
        plain.instead = instead

        assert refusal(sign_in(browser, name="github")) == "failed", instead


def test_github_needs_the_verifier_of_the_attempt(
    browser: Browser, plain: PlainOAuth, settings: Settings
) -> None:
    back = way_back(browser, start(browser, "github"), "")
    seal: Fernet = Attempts(settings)._seal
    attempt = json.loads(seal.decrypt(browser.cookies[COOKIE].encode()))
    other = {**attempt, "code_verifier": "x" * 43}
    carry(browser, seal.encrypt(json.dumps(other).encode()).decode())

    assert refusal(browser.get(back, follow_redirects=True)) == "failed"


def lies(plain: PlainOAuth, key: SigningKey) -> dict[str, Callable[[str], str]]:
    """Return ID tokens of a provider, one for each way in which it can be wrong."""
    now = int(time.time())

    def claims(nonce: str, **changes: Any) -> dict[str, Any]:
        good = {
            "iss": plain.url,
            "aud": CLIENT_ID,
            "sub": "s-1",
            "nonce": nonce,
            "iat": now,
            "exp": now + 60,
            "email": "a@example.com",
            "email_verified": True,
            **changes,
        }
        return {name: value for name, value in good.items() if value is not None}

    def signed(**changes: Any) -> Callable[[str], str]:
        return lambda nonce: key.sign(claims(nonce, **changes))

    public = json.dumps(key.public()).encode()
    hs256, none = {"alg": "HS256", "kid": key.name}, {"alg": "none", "kid": key.name}
    return {
        "another nonce": signed(nonce="another"),
        "no nonce": signed(nonce=None),
        "nonce a number": signed(nonce=7),
        "another audience": signed(aud="another"),
        "several audiences, made for another": signed(aud=[CLIENT_ID, "b"], azp="b"),
        "another issuer": signed(iss="https://accounts.google.com"),
        "expired": signed(exp=now - 120, iat=now - 300),
        "made in the future": signed(iat=now + 300),
        "no subject": signed(sub=None),
        "an empty subject": signed(sub=""),
        "a subject with NUL": signed(sub="a\0b"),
        "a long subject": signed(sub="a" * 256),
        "another key": lambda nonce: SigningKey("RS256", key.name).sign(claims(nonce)),
        "an unknown key": lambda nonce: SigningKey("RS256").sign(claims(nonce)),
        "alg none": lambda nonce: by_hand(none, claims(nonce), None),
        "HS256 by the public key": lambda nonce: by_hand(hs256, claims(nonce), public),
        "no token": lambda _: "",
        "letters": lambda _: "a.b.c",
        "another subject in the user info": signed(email=None, sub="s-2"),
        "good": signed(),
        "good, with the address in the user info": signed(email=None, email_verified=None),
    }


KEY = SigningKey("RS256")


def test_an_id_token_that_is_wrong_signs_nobody_in(
    open_browser: Callable[[], Browser], owner: psycopg.Connection, plain: PlainOAuth
) -> None:
    plain.keys = [KEY.public()]
    plain.user_info = {"sub": "s-1", "email": "a@example.com", "email_verified": "true"}
    told = lies(plain, KEY)
    good = [told.pop(name) for name in list(told) if name.startswith("good")]

    for name, lie in told.items():
        plain.id_token = lie
        assert refusal(sign_in(open_browser(), name="liar")) == "failed", name
    assert people(owner) == 0

    for truth in good:
        plain.id_token = truth
        answer = sign_in(open_browser(), name="liar")
        assert answer.json()["person"]["email"] == "a@example.com"


def test_an_address_is_true_without_proof_where_the_settings_say_so(
    browser: Browser, plain: PlainOAuth
) -> None:
    plain.keys = [KEY.public()]
    plain.user_info = {"sub": "s-1", "email": "a@example.com"}
    plain.id_token = lies(plain, KEY)["good, with the address in the user info"]

    assert refusal(sign_in(browser, name="liar")) == "unverified"
    assert sign_in(browser, name="trusted").json()["person"]["email"] == "a@example.com"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://another.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": None},
    ],
)
def test_a_discovery_document_that_leads_astray_is_not_followed(
    browser: Browser, plain: PlainOAuth, discovery: dict[str, Any]
) -> None:
    plain.discovery = discovery

    assert browser.post("/v1/sign-in-providers/liar:start", json={}).status_code == 503


def test_a_banned_person_is_not_signed_in(
    browser: Browser, open_browser: Callable[[], Browser], postgres: Any, database_name: str
) -> None:
    person = somebody()
    sign_in(browser, person)
    with psycopg.connect(postgres.dsn("supabase_admin", database_name)) as connection:
        connection.execute("update auth.users set banned_until = now() + interval '1 hour'")

    assert refusal(sign_in(open_browser(), person)) == "denied"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sign_in_secrets": {}}, "'github' has no client secret"),
        ({"sign_in_secrets": {"acme": SecretStr(PLACEHOLDER)}}, "'acme' has no client secret"),
        ({"supabase_url": "https://abc.supabase.co"}, "Supabase Auth has providers of its own"),
    ],
)
async def test_providers_that_cannot_work_stop_the_start(
    settings: Settings, changes: dict[str, Any], says: str
) -> None:
    application = FastAPI()
    Lockstitch(application, settings=settings.model_copy(update=changes))

    with pytest.raises(ConfigurationError, match=says):
        async with application.router.lifespan_context(application):
            pass
