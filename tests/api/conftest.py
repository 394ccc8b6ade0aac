"""A small application with models of its own, on a real database, and clients to call it with."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from gotrue import PUBLISHABLE_KEY, GoTrue, serving
from hosted import TEMPLATE, Hosted, hosted_database, hosted_server, login_role, migrate
from pydantic import AwareDatetime, BaseModel, Field, SecretStr

from lockstitch import Lockstitch, Model, Settings
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.errors import PredictionFailed

PASSWORD = "correct horse battery"
ORIGIN = "http://testserver"


class Mood(Enum):
    CALM = "calm"
    LOUD = "loud"


class Sound(BaseModel):
    text: str = Field(min_length=1, max_length=50)
    id: UUID | None = None
    heard_at: AwareDatetime | None = None
    mood: Mood | None = None
    volume: Annotated[float, Field(ge=0, le=1e300)] | None = None
    notes: dict[str, float] = {}


class Echo(BaseModel):
    text: str
    loudness: float
    heard_at: datetime | None = None


class Repeat(Model[Sound, Echo]):
    """Says it again."""

    examples = (Sound(text="hello"),)

    def predict(self, batch: list[Sound]) -> list[Echo]:
        return [
            Echo(text=sound.text, loudness=sound.volume or 0.0, heard_at=sound.heard_at)
            for sound in batch
        ]


class Fragile(Model[Sound, Echo]):
    """Fails in all the ways that a model can fail."""

    def predict(self, batch: list[Sound]) -> list[Echo]:
        return [self._answer(sound) for sound in batch]  # type: ignore[misc]

    def _answer(self, sound: Sound) -> Echo | Exception:
        if sound.text == "raise":
            return ValueError("the secret input")
        if sound.text == "nan":
            return Echo(text="x", loudness=float("nan"))
        if sound.text == "refuse":
            return PredictionFailed("This sound is out of range. Send a lower one.")
        return Echo(text=sound.text, loudness=0.5)


@pytest.fixture
def settings(database_dsn: str, tmp_path: Path) -> Settings:
    return Settings(
        database_dsn=SecretStr(database_dsn), data=tmp_path, max_body_bytes=2_000, port=8123
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    application = FastAPI()
    Lockstitch(application, models=[Repeat, Fragile], settings=settings)
    return application


ClientMaker = Callable[[FastAPI], AsyncIterator[httpx2.AsyncClient]]


@pytest.fixture
async def start() -> AsyncIterator[Callable]:
    """Start an application and return clients of it, as many as wanted."""
    async with AsyncExitStack() as stack:
        started: set[int] = set()

        async def client(application: FastAPI) -> httpx2.AsyncClient:
            if id(application) not in started:
                await stack.enter_async_context(
                    application.router.lifespan_context(application),
                )
                started.add(id(application))
            transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
            return await stack.enter_async_context(
                httpx2.AsyncClient(transport=transport, base_url=ORIGIN)
            )

        yield client


@pytest.fixture
async def anonymous(app: FastAPI, start: Callable) -> httpx2.AsyncClient:
    return await start(app)


@pytest.fixture
async def client(app: FastAPI, start: Callable) -> httpx2.AsyncClient:
    return await signed_up(await start(app))


@pytest.fixture
async def stranger(app: FastAPI, start: Callable) -> httpx2.AsyncClient:
    return await signed_up(await start(app))


async def signed_up(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    answer = await client.post(
        "/v1/accounts", json={"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 201, answer.text
    return client


@pytest.fixture(scope="session")
def hosted_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server whose template is migrated as the documentation says."""
    with hosted_server(tmp_path_factory.mktemp("hosted") / "data") as started:
        template = Hosted(started, TEMPLATE)
        assert migrate(template).count("Applied") >= 10
        with psycopg.connect(template.dsn("postgres"), autocommit=True) as postgres:
            postgres.execute(login_role().encode())
        yield started


@pytest.fixture
def project(hosted_cluster: EmbeddedPostgres) -> Iterator[Hosted]:
    with hosted_database(hosted_cluster) as database:
        yield database


@pytest.fixture
def gotrue(project: Hosted) -> Iterator[GoTrue]:
    with serving(GoTrue(project.dsn("supabase_auth_admin"))) as state:
        yield state


@pytest.fixture
def hosted_settings(project: Hosted, gotrue: GoTrue, tmp_path: Path) -> Settings:
    return Settings(
        database_dsn=SecretStr(project.login_dsn),
        supabase_url=gotrue.url,
        supabase_publishable_key=SecretStr(PUBLISHABLE_KEY),
        data=tmp_path,
        port=8123,
    )
