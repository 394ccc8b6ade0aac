"""The README's example of one's own model, run as it stands there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from product import PASSWORD, Product

from lockstitch.api.listener import free_port

README = (Path(__file__).parents[1] / "README.md").read_text()


def example() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(example())
    return tmp_path


@pytest.fixture
def product(folder: Path) -> Iterator[Product]:
    started = Product(folder).start()
    yield started
    started.close()


def test_the_example_is_as_short_as_promised() -> None:
    assert len([line for line in example().splitlines() if line.strip()]) <= 15


def test_the_example_predicts_under_lockstitch_up(product: Product) -> None:
    client = product.client()

    answer = client.post("/v1/models/word-count/predictions", json={"text": "a b c"})

    assert answer.status_code == 200
    assert answer.json()["output"] == {"words": 3}
    assert client.get("/v1/models/word-count").json()["title"] == "Word count"
    assert "<html" in client.get("/", headers={"accept": "text/html"}).text


def test_the_example_predicts_under_plain_uvicorn(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if "Uvicorn running" in line:
                break
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            client.post("/v1/accounts", json={"email": "a@example.com", "password": PASSWORD})
            answer = client.post("/v1/models/word-count/predictions", json={"text": "a b"})
    finally:
        server.terminate()
        server.communicate(timeout=30)

    assert answer.json()["output"] == {"words": 2}


def test_every_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / target).is_file(), target
