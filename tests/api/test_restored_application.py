"""A running application with two tenants, dumped, and alive again on a fresh data directory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr
from whole_catalogue import row_digests, whole_catalogue

from lockstitch import Lockstitch, Model, Settings
from lockstitch.database.attack.attack import attack
from lockstitch.database.dump.making import dump
from lockstitch.database.dump.restoring import restore
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import pending_migrations

MIGRATIONS = Path(__file__).parents[2] / "examples" / "sentiment" / "supabase" / "migrations"
SCHEMAS = ("public", "private", "auth", "storage", "realtime", "extensions", "supabase_migrations")
PREDICTIONS = "/v1/models/repeat/predictions"
CSV = b"text\ngood\nbad\n"

# What the application does not fill yet.
MORE_ROWS = """
    insert into public.streams (organisation_id, name, class, next_offset, epoch)
    select id, 'progress', 'log', 3, 4 from public.organisations;
    insert into public.stream_events (organisation_id, stream_id, epoch, "offset", type, data)
    select organisation_id, id, place / 2 + 3, place, 'progress', jsonb_build_object('at', place)
    from public.streams cross join generate_series(1, 3) as place;
    insert into public.training_jobs (organisation_id, recipe) select id, 'classifier'
    from public.organisations;
    insert into public.training_metrics (organisation_id, job_id, name, step, value)
    select organisation_id, id, 'loss', step, 'NaN'
    from public.training_jobs cross join generate_series(1, 9) as step;
"""


class Sound(BaseModel):
    text: str


class Echo(BaseModel):
    text: str


class Repeat(Model[Sound, Echo]):
    """Says it again."""

    def predict(self, batch: list[Sound]) -> list[Echo]:
        return [Echo(text=sound.text) for sound in batch]


def application(settings: Settings) -> FastAPI:
    made = FastAPI()
    Lockstitch(made, models=[Repeat], settings=settings)
    return made


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return application(settings)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that has nothing but the prelude, in a data directory that is new."""
    with EmbeddedPostgres(tmp_path / "fresh" / "postgres", durable=False) as server:
        yield server


@pytest.fixture
def restored_settings(settings: Settings, fresh: EmbeddedPostgres, tmp_path: Path) -> Settings:
    return settings.model_copy(
        update={"database_dsn": SecretStr(fresh.dsn()), "data": tmp_path / "fresh"}
    )


async def fill(client: httpx2.AsyncClient, name: str) -> str:
    """Use everything there is; return the id of the dataset."""
    for number in range(5):
        answer = await client.post(PREDICTIONS, json={"text": f"{name} {number} 'é\\\t\u2028"})
        assert answer.status_code == 200
    keyed = {"idempotency-key": f"{name}-key"}
    assert (await client.post(PREDICTIONS, json={"text": name}, headers=keyed)).status_code == 200
    made = await client.post("/v1/api-keys", json={"name": name, "scopes": ["predict"]})
    assert made.status_code == 201
    invited = {"email": f"{name}@example.com", "role": "viewer"}
    assert (await client.post("/v1/invitations", json=invited)).status_code == 201
    uploaded = await client.post(
        "/v1/datasets", data={"name": name}, files={"file": ("r.csv", CSV + name.encode())}
    )
    assert uploaded.status_code == 201
    identity: str = uploaded.json()["id"]
    return identity


async def test_everything_is_there_again_and_tenants_stay_apart(
    client: httpx2.AsyncClient,
    stranger: httpx2.AsyncClient,
    owner_dsn: str,
    fresh: EmbeddedPostgres,
    settings: Settings,
    restored_settings: Settings,
    start: Callable,
    tmp_path: Path,
) -> None:
    datasets = {name: await fill(who, name) for who, name in ((client, "a"), (stranger, "b"))}
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(MORE_ROWS)
    source, target = owner_dsn, fresh.dsn("postgres")

    made = dump(source, tmp_path / "today.dump", settings.data / "storage")
    done = restore(target, made.file, restored_settings.data / "storage", alone=True)

    assert (made.files, made.lost_files, done.files) == (2, [], 2)
    assert (done.missing_extensions, done.new_login_roles, done.replaced) == ([], [], False)
    assert whole_catalogue(target, *SCHEMAS) == whole_catalogue(source, *SCHEMAS)
    assert_rows_are_equal(source, target)
    assert_streams_have_a_new_epoch(source, target)
    assert pending_migrations(target, MIGRATIONS) == []

    # The application, with the sign-ins that its people had.
    restored = application(restored_settings)
    for before, name in ((client, "a"), (stranger, "b")):
        other = {"a": "b", "b": "a"}[name]
        after = await start(restored)
        after.cookies = before.cookies
        assert await history(after) == await history(before)
        keyed = {"idempotency-key": f"{name}-key"}
        again = await after.post(PREDICTIONS, json={"text": name}, headers=keyed)
        assert again.json()["id"] in await history(before)
        assert (await after.post(PREDICTIONS, json={"text": "new"})).status_code == 200
        file = await after.get(f"/v1/datasets/{datasets[name]}/content")
        assert file.content == CSV + name.encode()
        assert (await after.get(f"/v1/datasets/{datasets[other]}/content")).status_code == 404
    report = attack(target).report
    assert [finding for finding in report.findings if finding.severity == "error"] == []


async def history(client: httpx2.AsyncClient) -> list[str]:
    answer = await client.get("/v1/predictions", params={"limit": 100})
    return [item["id"] for item in answer.json()["items"]]


def assert_rows_are_equal(source: str, target: str) -> None:
    before, after = row_digests(source, *SCHEMAS), row_digests(target, *SCHEMAS)
    # Their epoch is another one, which is looked at by itself; messages are for who listens now.
    for name in ("public.streams", "public.stream_events", "realtime.messages_default"):
        assert before.pop(name)[0] > 0
        after.pop(name)
    assert after == before
    filled = {name for name, (count, _) in before.items() if count}
    assert {
        "auth.users",
        "public.inference_results",
        "public.idempotency_keys",
        "public.api_keys",
        "public.user_datasets",
        "public.audit_log",
        "public.training_metrics",
        "private.sessions",
        "storage.objects",
        "supabase_migrations.schema_migrations",
    } <= filled


def assert_streams_have_a_new_epoch(source: str, target: str) -> None:
    streams = "select id, name, class, next_offset, first_offset from public.streams order by id"
    events = """
        select stream_id, "offset", type, data, event.created_at, event.epoch - stream.epoch
        from public.stream_events as event join public.streams as stream on stream.id = stream_id
        order by stream_id, "offset"
    """
    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        assert after.execute(streams).fetchall() == before.execute(streams).fetchall()
        former, present = before.execute(events).fetchall(), after.execute(events).fetchall()
        # Events of the epoch that was current are of the one that is; older ones stay old.
        assert [row[:-1] for row in present] == [row[:-1] for row in former]
        assert [row[-1] == 0 for row in present] == [row[-1] == 0 for row in former]
        assert {row[-1] for row in former} == {-1, 0}
        epochs = after.execute("select distinct epoch from public.streams").fetchall()
        # Far beyond what counting up could have reached after the dump.
        assert epochs[0][0] > 1_000_000
