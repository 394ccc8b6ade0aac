"""The whole product in a real browser: the flow of `ts/e2e` against the trained example."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from product import Product
from sign_in_servers import CLIENT_ID, CLIENT_SECRET, certified_provider
from trained import trained_sentiment

from lockstitch.api.listener import free_port

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".venv" / "bin" / "npm"


@pytest.fixture
def product(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Product]:
    assert pytestconfig.cache is not None
    shutil.copytree(trained_sentiment(pytestconfig.cache), tmp_path / "artefacts")
    started = Product(ROOT, ("--data", str(tmp_path)))
    back = f"{started.url}/v1/sign-in-providers/acme/callback"
    with certified_provider(back, free_port()) as issuer:
        provider = {"name": "acme", "title": "Acme", "client_id": CLIENT_ID, "issuer": issuer}
        started.environment |= {
            "LOCKSTITCH_SIGN_IN_PROVIDERS": json.dumps([provider]),
            "LOCKSTITCH_SIGN_IN_SECRETS": json.dumps({"acme": CLIENT_SECRET}),
            # All of its people come from one address.
            "LOCKSTITCH_SIGN_UPS_PER_ADDRESS": "1000",
            "LOCKSTITCH_SIGN_IN_FAILURES_PER_ADDRESS": "1000",
        }
        yield started.start()
        started.close()


def test_a_person_signs_up_predicts_and_finds_it_and_another_does_not(product: Product) -> None:
    flow = subprocess.run(
        [NPM, "run", "--silent", "e2e"],
        cwd=ROOT / "ts",
        env={
            **os.environ,
            "PATH": f"{NPM.parent}:{os.environ['PATH']}",
            "LOCKSTITCH_E2E_URL": product.url,
        },
        capture_output=True,
        text=True,
    )

    assert flow.returncode == 0, flow.stdout + flow.stderr
    assert "# fail 0" in flow.stdout or "fail 0" in flow.stdout, flow.stdout


def test_curl_with_the_demo_account_predicts_and_the_accuracy_is_on_record(
    product: Product, tmp_path: Path
) -> None:
    def curl(*arguments: str) -> dict[str, object]:
        jar = str(tmp_path / "cookies")
        answer = subprocess.run(
            ["curl", "-s", "-b", jar, "-c", jar, *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(answer.stdout))

    def post(path: str, body: str) -> dict[str, object]:
        header = "content-type: application/json"
        return curl(product.url + path, "-H", header, "-d", body)

    post("/v1/sessions", json.dumps(product.running["demo"]))
    path = "/v1/models/sentiment/predictions"
    review = {
        "text": "a moving, funny, beautifully acted film",
        "review_id": "6f0e2c1e-4b5b-4a7e-8f6e-2f3b1c0d9e8f",
        "source": "critic",
        "written_at": "2026-01-31T09:30:00+01:00",
    }
    good = post(path, json.dumps(review))
    bad = post(path, '{"text": "a dull, lifeless mess"}')
    refused = post(path, '{"text": "fine", "stars": NaN, "colour": "red"}')
    model = curl(f"{product.url}/v1/models/sentiment")

    assert good["output"]["label"] == "positive"  # type: ignore[index]
    assert bad["output"]["label"] == "negative"  # type: ignore[index]
    assert {error["pointer"] for error in refused["errors"]} == {"/stars", "/colour"}  # type: ignore[attr-defined]
    assert model["metrics"]["held_out_accuracy"] >= 0.76  # type: ignore[index]
    assert model["metrics"]["held_out_rows"] == 2058  # type: ignore[index]
