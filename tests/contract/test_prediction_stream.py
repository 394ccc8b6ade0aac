"""The generated client reads a streamed prediction from a real service, and stops it."""

import shutil
import threading
import time
from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import httpx2
from client_project import compile_errors, run_module, write_client
from fastapi import FastAPI
from product_thread import product_serving, roomy_settings
from pydantic import BaseModel

from lockstitch import Lockstitch, StreamingModel
from lockstitch.serving.streaming import Cancel

HERE = Path(__file__).parent


class Text(BaseModel):
    text: str


class Letter(BaseModel):
    next_letter: str


class Spell(StreamingModel[Text, Letter, Text]):
    """Says it letter by letter; a tilde never ends."""

    ended: ClassVar[threading.Semaphore] = threading.Semaphore(0)

    def stream(self, item: Text, cancel: Cancel) -> Generator[Letter, None, Text]:
        try:
            for number in count():
                if item.text != "~" and number == len(item.text):
                    return item
                letter = item.text[number % len(item.text)]
                if letter == "!":
                    raise ValueError(letter)
                if letter == "~":
                    time.sleep(0.01)
                yield Letter(next_letter=letter)
            return item
        finally:
            self.ended.release()


def test_the_client_reads_the_events_and_stops_them(database_dsn: str, tmp_path: Path) -> None:
    app = FastAPI()
    extension = Lockstitch(app, models=[Spell], settings=roomy_settings(database_dsn, tmp_path))
    api = write_client("prediction-stream", extension.openapi())
    scenarios = api.parent / "scenarios"
    shutil.rmtree(scenarios, ignore_errors=True)
    shutil.copytree(HERE / "stream_scenarios", scenarios)

    assert compile_errors(api.parent) == []
    with product_serving(app) as url, httpx2.Client(base_url=url, timeout=20) as client:
        account = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery"}
        assert client.post("/v1/accounts", json=account).status_code == 201
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        told = run_module(scenarios / "read.ts", url, cookie)
        stored = client.get("/v1/predictions").json()["items"]
        assert all(Spell.ended.acquire(timeout=20) for _ in range(3))

    assert told == {
        "letters": ["a", "b", "c", "d"],
        "id": stored[0]["id"],
        "text": "abc",
        "isDate": True,
        "failure": "500 true",
        "heard": 3,
        "ended": "aborted",
    }
    assert len(stored) == 1
