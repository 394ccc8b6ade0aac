"""`lockstitch up` with a certificate, and its refusal to be reached by plain http."""

import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import httpx2
import pytest
from certificates import Pair, make_pair
from product import PASSWORD, Product

MakeProduct = Callable[..., Product]
STRONG = token_hex(32)
ADA = {"email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    (tmp_path / "tls").mkdir()
    return make_pair(tmp_path / "tls")


def trusting(pair: Pair) -> httpx2.Client:
    return httpx2.Client(verify=ssl.create_default_context(cafile=pair.certificate), timeout=30)


def test_with_a_certificate_the_product_speaks_https_alone(
    project: Path, pair: Pair, product_in: MakeProduct
) -> None:
    options = ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    product = product_in(project, *options, LOCKSTITCH_ALLOWED_HOSTS="app.example.com").start()
    url = f"https://127.0.0.1:{product.port}"

    assert product.running["url"] == url
    with trusting(pair) as client:
        signed_up = client.post(f"{url}/v1/accounts", json=ADA)
        named = client.get(f"{url}/livez", headers={"host": "app.example.com"})
        me = client.get(f"{url}/v1/sessions/current")
        page = client.get(f"{url}/", headers={"accept": "text/html"})
    assert signed_up.status_code == 201
    cookie = signed_up.headers["set-cookie"]
    assert cookie.startswith("__Host-lockstitch=")
    assert "; Secure" in cookie
    assert me.status_code == page.status_code == 200
    assert named.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in page.headers
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"http://127.0.0.1:{product.port}/livez")

    (pair.key.parent / "next").mkdir()
    renewed = make_pair(pair.key.parent / "next")
    renewed.key.replace(pair.key)
    renewed.certificate.replace(pair.certificate)
    with trusting(pair) as client:
        # The first handshake within a second may still show the certificate before.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                assert client.get(f"{url}/livez").status_code == 200
                break
            except httpx2.ConnectError:
                time.sleep(0.1)
        else:
            pytest.fail("The renewed certificate was never shown.")

    seconds, said = product.stop(signal.SIGTERM)
    assert seconds < 30
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("options", "environment", "says"),
    [
        (("--host", "0.0.0.0"), {}, "by plain http everybody between could read passwords"),
        (
            ("--tls-cert", "tls/cert.pem"),
            {},
            "LOCKSTITCH_TLS_CERT and LOCKSTITCH_TLS_KEY go together",
        ),
        (
            ("--tls-cert", "tls/cert.pem", "--tls-key", "tls/nothing.pem"),
            {},
            "nothing.pem cannot be read",
        ),
        (
            (),
            {"LOCKSTITCH_CORS_ORIGINS": "*"},
            "LOCKSTITCH_CORS_ORIGINS is * and credentials are allowed",
        ),
    ],
)
def test_what_would_be_unsafe_is_one_sentence(
    project: Path,
    pair: Pair,
    product_in: MakeProduct,
    options: tuple[str, ...],
    environment: dict[str, str],
    says: str,
) -> None:
    code, said = product_in(
        project, *options, LOCKSTITCH_SECRET_KEY=STRONG, **environment
    ).refusal()

    assert code == 2
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert not (project / ".lockstitch").exists()


def test_an_application_that_opens_itself_to_every_page_does_not_start(
    project: Path, product_in: MakeProduct
) -> None:
    application = project / "app.py"
    application.write_text(
        application.read_text()
        + "\nfrom fastapi.middleware.cors import CORSMiddleware\n"
        + 'app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)\n'
    )

    code, said = product_in(project).refusal()

    assert code == 2
    assert said.strip().splitlines()[-1].startswith("The application's CORSMiddleware allows")


def test_when_told_others_come_by_plain_http_and_the_log_says_so(
    project: Path, product_in: MakeProduct
) -> None:
    options = ("--host", "0.0.0.0", "--insecure-http")
    product = product_in(project, *options, LOCKSTITCH_SECRET_KEY=STRONG).start()

    assert httpx2.get(f"{product.url}/livez").status_code == 200
    assert "OTHERS REACH THIS SERVICE BY PLAIN HTTP" in product.said()
