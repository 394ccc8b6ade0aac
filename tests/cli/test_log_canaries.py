"""Secrets and what models were asked and answered: planted everywhere, looked for everywhere."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import psycopg
import pytest
from product import Product
from psycopg.conninfo import conninfo_to_dict

from lockstitch.database.embedded import EmbeddedPostgres

APPLICATION = '''
import asyncio
import gc
import logging
import threading
import warnings

import structlog
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, TypeAdapter

from lockstitch import Lockstitch, Model
from lockstitch.errors import PredictionFailed


class Text(BaseModel):
    text: str


class Mirrored(BaseModel):
    mirrored: str


class Mirror(Model[Text, Mirrored]):
    """Fails in every way that can quote what it was asked and answers."""

    def predict(self, batch: list[Text]) -> list[Mirrored]:
        return [self._answer(item.text) for item in batch]

    def _answer(self, text: str) -> Mirrored | Exception:
        manner, _, rest = text.partition(" ")
        mirrored = Mirrored(mirrored=rest[::-1])
        if manner == "raise":
            return ValueError(f"cannot mirror {rest}, not even as {mirrored}")
        if manner == "crash":
            raise RuntimeError(f"cannot mirror {rest}") from KeyError(rest)
        if manner == "refuse":
            return PredictionFailed(f"{rest} is refused")
        if manner == "wrong":
            return Mirrored.model_construct(mirrored=[rest, rest[::-1]])
        if manner == "warn":
            warnings.warn(f"{rest} input_value={rest!r}, input_type=str", stacklevel=1)
            TypeAdapter(int).validate_python(rest)
        if manner == "log":
            log = structlog.get_logger("owner")
            why = ValueError(rest)
            log.info("asked", input=rest, item=batch_of(rest), output=mirrored, why=why)
        return mirrored


def batch_of(text: str) -> list[Text]:
    return [Text(text=text)]


class Unraisable:
    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        raise ValueError(self.text)


app = FastAPI()
Lockstitch(app, models=[Mirror])


@app.post("/own/{manner}")
async def own(manner: str, request: Request) -> dict[str, str]:
    text = (await request.body()).decode()
    if manner == "raise":
        raise RuntimeError(text) from ValueError(text)
    if manner == "refuse":
        raise HTTPException(500, text)
    if manner == "thread":
        thread = threading.Thread(target=lambda: int(text))
        thread.start()
        thread.join()
    if manner == "task":
        async def fail() -> None:
            raise ValueError(text)

        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()
    if manner == "unraisable":
        Unraisable(text)
        gc.collect()
    if manner == "headers":
        structlog.get_logger().warning("refused", headers=dict(request.headers))
        logging.getLogger("owner").warning("refused: %s", dict(request.headers))
        for name, value in request.headers.items():
            logging.getLogger("owner").debug("%s: %s", name, value)
    return {"manner": manner}
'''
INPUT = f"canary-input-{uuid4().hex}"
# Each stands for one way into the log.
LOGGED = (
    *("RuntimeError", "RaiseException", "an exception ended a thread", "could not be raised"),
    *("Task exception was never retrieved", "UserWarning", '"asked"', "refused: ", "x-request-id"),
)
QUOTES_ITS_ROW = """
create function public.quote_row() returns trigger language plpgsql as $$
begin raise exception 'this is the row: %', new.input using errcode = 'P0001'; end $$;
create trigger quote_row before insert on public.inference_results
for each row execute function public.quote_row();
"""


def secret(name: str) -> str:
    return f"canary-{name}-{uuid4().hex}"


class Canaries:
    """What must be nowhere, and every problem document that was answered."""

    def __init__(self) -> None:
        self.planted = {
            "the input of a model": INPUT,
            "the output of a model": INPUT[::-1],
            "a password": secret("password"),
            "a wrong password": secret("wrong"),
            "a JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + uuid4().hex,
            "the content of a dataset": secret("dataset"),
        }
        self.problems: list[str] = []

    def __getitem__(self, name: str) -> str:
        return self.planted[name]

    def send(self, client: httpx2.Client, method: str, path: str, **parts: Any) -> httpx2.Response:
        answer = client.request(method, path, **parts)
        # What a model or a route refuses on purpose, in its own words, is for the caller.
        if answer.status_code >= 400 and "refuse" not in f"{path} {parts}":
            self.problems.append(answer.text)
        return answer

    def found_in(self, text: str) -> list[str]:
        return [name for name, canary in self.planted.items() if canary in text]


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, database_name: str) -> tuple[str, str]:
    """A connection string with its password in it, and that password."""
    parameters = conninfo_to_dict(postgres.dsn("authenticator", database_name))
    (line,) = [
        line
        for line in Path(str(parameters["passfile"])).read_text().splitlines()
        if ":authenticator:" in line or line.split(":")[3] == "*"
    ]
    password = line.split(":", 4)[4]
    address = f"host={quote(str(parameters['host']), safe='')}&port={parameters['port']}"
    return f"postgresql://authenticator:{password}@/{database_name}?{address}", password


async def test_no_canary_is_in_a_log_line_a_problem_or_the_bundle(
    tmp_path: Path,
    product_in: Callable[..., Product],
    dsn: tuple[str, str],
    owner_dsn: str,
) -> None:
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "app:app"\n')
    canaries = Canaries()
    canaries.planted |= {
        "the service's secret": secret("service"),
        "the demo password": secret("demo"),
        "the password of the database": dsn[1],
    }
    product = product_in(
        tmp_path,
        LOCKSTITCH_LOG_LEVEL="debug",
        LOCKSTITCH_SECRET_KEY=canaries["the service's secret"],
        LOCKSTITCH_DEMO_PASSWORD=canaries["the demo password"],
        LOCKSTITCH_DATABASE_DSN=dsn[0],
    ).start()
    # What is printed for the person who starts it is meant for them.
    assert canaries["the demo password"] in json.dumps(product.running)

    await asyncio.to_thread(live, product, canaries)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(QUOTES_ITS_ROW)
    await asyncio.to_thread(fail_in_the_database, product, canaries)
    with httpx2.Client(base_url=product.url) as client:
        bundle = [client.get(path).text for path in ("/", "/docs", "/openapi.json", "/readyz")]
    _, said = product.stop()

    for name in LOGGED:
        assert name in said, f"{name} is not in the log, so nothing was proved of it."
    assert len(canaries.problems) > 20
    for line in said.splitlines():
        assert canaries.found_in(line) == [], line
    for text in canaries.problems + bundle:
        assert canaries.found_in(text) == [], text
    for path in static_files():
        assert canaries.found_in(path.read_bytes().decode(errors="replace")) == [], path


def static_files() -> list[Path]:
    folder = Path(__file__).parents[2] / "src" / "lockstitch" / "console" / "static"
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert found, "The console is not built: make setup"
    return found


def live(product: Product, canaries: Canaries) -> None:
    """Use the product rightly and wrongly, with a canary in every place."""
    # A server may close a connection on which the owner's code has crashed.
    limits = httpx2.Limits(max_keepalive_connections=0)
    client = httpx2.Client(base_url=product.url, timeout=30, limits=limits)
    product.clients.append(client)
    email = f"{uuid4().hex}@example.com"
    account = {"email": email, "password": canaries["a password"]}
    assert canaries.send(client, "POST", "/v1/accounts", json=account).status_code == 201
    (session,) = client.cookies.values()
    made = canaries.send(
        client, "POST", "/v1/api-keys", json={"name": "robot", "scopes": ["predict"]}
    )
    invited = canaries.send(client, "POST", "/v1/invitations", json={"email": "bob@example.com"})
    canaries.planted |= {
        "a session": session,
        "an API key": made.json()["key"],
        "a token that a letter carries": invited.json()["token"],
    }

    sign_in(client, email, canaries)
    for name in ("a session", "an API key", "a JWT", "a token that a letter carries"):
        send_wrongly(client, canaries[name], canaries)
    for manner in ("log", "warn", "raise", "crash", "refuse", "wrong"):
        predict(client, f"{manner} {INPUT}", canaries)
    predict(client, {"deep": INPUT}, canaries)
    for manner in ("raise", "refuse", "thread", "task", "unraisable"):
        canaries.send(client, "POST", f"/own/{manner}", content=INPUT)
    content = f'a,b\n{canaries["the content of a dataset"]},"broken\n'.encode()
    upload = {"files": {"file": ("r.csv", content)}, "data": {"name": "Reviews"}}
    assert canaries.send(client, "POST", "/v1/datasets", **upload).status_code == 422


def sign_in(client: httpx2.Client, email: str, canaries: Canaries) -> None:
    wrong = canaries["a wrong password"]
    canaries.send(client, "POST", "/v1/sessions", json={"email": email, "password": wrong})
    canaries.send(client, "POST", "/v1/sessions", json={"email": wrong, "password": 5})
    extra = {"email": email, "password": wrong, "more": wrong}
    canaries.send(client, "POST", "/v1/sessions", json=extra)
    canaries.send(client, "POST", "/v1/sessions", content=f'{{"password": "{wrong}"')
    canaries.send(client, "GET", "/v1/models", headers={"authorization": f"Basic {wrong}"})


def send_wrongly(client: httpx2.Client, token: str, canaries: Canaries) -> None:
    """Send a token where one is expected, and where none belongs."""
    bearer = {"authorization": f"Bearer {token}"}
    place = "/v1/models/mirror/predictions"
    canaries.send(client, "POST", place, json={"text": "fine"}, headers=bearer)
    canaries.send(client, "POST", "/own/headers", headers={**bearer, "x-request-id": token[:64]})
    canaries.send(client, "GET", f"/v1/models/{token}", headers=bearer)
    canaries.send(client, "GET", f"/v1/predictions?cursor={token}")
    canaries.send(client, "GET", f"/v1/predictions/{token}")
    canaries.send(client, "POST", "/v1/invitations:accept", json={"token": [token]})
    canaries.send(client, "POST", "/v1/invitations:accept", json={"token": token + "x"})
    canaries.send(client, "POST", place, json={"text": 5}, headers={"idempotency-key": token * 9})


def predict(client: httpx2.Client, text: object, canaries: Canaries) -> None:
    canaries.send(client, "POST", "/v1/models/mirror/predictions", json={"text": text})


def fail_in_the_database(product: Product, canaries: Canaries) -> None:
    client = product.clients[0]
    before = len(canaries.problems)
    for key in (None, "one"):
        headers = {"idempotency-key": key} if key else {}
        place, body = "/v1/models/mirror/predictions", {"text": f"fine {INPUT}"}
        canaries.send(client, "POST", place, json=body, headers=headers)
    assert len(canaries.problems) == before + 2


def test_a_connection_string_that_does_not_work_is_not_quoted(
    tmp_path: Path, product_in: Callable[..., Product], dsn: tuple[str, str]
) -> None:
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "pyproject.toml").write_text('[tool.lockstitch]\napplication = "app:app"\n')
    right, password = dsn
    wrong = secret("dsn")

    for text in (
        right.replace(password, wrong),
        right.replace("postgresql://", "postgresql:/").replace(password, wrong),
        f"postgresql://ada:{wrong}@127.0.0.1:1/none",
    ):
        product = product_in(tmp_path, LOCKSTITCH_DATABASE_DSN=text, LOCKSTITCH_LOG_LEVEL="debug")
        code, said = product.refusal()
        assert code == 2, said
        assert wrong not in said
