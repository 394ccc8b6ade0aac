"""The console in a real browser where people must confirm their address before they work."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from product import Product
from trained import trained_sentiment

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".venv" / "bin" / "npm"


@pytest.fixture
def strict_product(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Product]:
    assert pytestconfig.cache is not None
    shutil.copytree(trained_sentiment(pytestconfig.cache), tmp_path / "artefacts")
    environment = {"LOCKSTITCH_REQUIRE_VERIFIED_EMAIL": "true"}
    started = Product(ROOT, ("--data", str(tmp_path)), environment).start()
    yield started
    started.close()


def test_a_person_confirms_their_address_before_they_work(strict_product: Product) -> None:
    flow = subprocess.run(
        [NPM, "run", "--silent", "--workspace", "e2e", "e2e:verified"],
        cwd=ROOT / "ts",
        env={
            **os.environ,
            "PATH": f"{NPM.parent}:{os.environ['PATH']}",
            "LOCKSTITCH_E2E_URL": strict_product.url,
        },
        capture_output=True,
        text=True,
    )

    assert flow.returncode == 0, flow.stdout + flow.stderr
    assert "fail 0" in flow.stdout, flow.stdout
