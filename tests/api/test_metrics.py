"""What Prometheus is told, and whom else it is told to: nobody."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from conftest import Repeat
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import SecretStr

from lockstitch import Lockstitch, Settings
from lockstitch.api.listener import free_port
from lockstitch.api.metrics.folder import metrics_folder
from lockstitch.api.metrics.listener import metrics_listener
from lockstitch.api.metrics.requests import BUCKETS, RequestMetrics
from lockstitch.api.services import Services
from lockstitch.errors import ConfigurationError, PortInUse

PATH = "/v1/models/repeat/predictions"
TOKEN = "a-token-for-prometheus"


def value(app: FastAPI, name: str, **labels: str) -> float | None:
    running: Services = app.state.lockstitch
    return running.metrics.registry.get_sample_value(f"lockstitch_{name}", labels)


def durations(app: FastAPI, method: str, route: str, status: int) -> float | None:
    name = "request_duration_seconds_count"
    return value(app, name, method=method, route=route, status=str(status))


async def test_each_answer_is_counted_by_method_route_and_status(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    for body in ({"text": "hello"}, {"text": "hello"}, {"text": 1}):
        await client.post(PATH, json=body)
    await client.get("/v1/models/repeat")

    assert durations(app, "POST", PATH, 200) == 2
    assert durations(app, "POST", PATH, 422) == 1
    assert durations(app, "GET", "/v1/models/{name}", 200) == 1


async def test_nothing_that_a_caller_chooses_becomes_a_label(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    await client.get("/v1/models/no-such-model")
    await client.get("/v1/no-such-path")

    running: Services = app.state.lockstitch
    told = generate_latest(running.metrics.registry).decode()
    assert "no-such" not in told
    assert value(app, "problems_total", problem="not-found") == 2


async def test_batches_and_stages_are_told_by_version(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    for _ in range(3):
        assert (await client.post(PATH, json={"text": "hello"})).status_code == 200

    stage = {"model": "repeat", "version": "1", "stage": "predict"}
    running: Services = app.state.lockstitch
    # Its examples are computed before anybody calls.
    computed = running.models["repeat"].runtime.stage_times["predict"].items
    async with asyncio.timeout(10):
        while value(app, "stage_items_total", **stage) != computed:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert computed >= 3
    assert value(app, "batch_items_count", model="repeat", version="1") == 3
    assert value(app, "batch_items_sum", model="repeat", version="1") == 3
    assert (value(app, "stage_seconds_total", **stage) or 0) > 0
    assert value(app, "model_ready", model="repeat", version="1") == 1


async def test_the_limits_stand_beside_what_they_limit(
    app: FastAPI, settings: Settings, client: httpx2.AsyncClient
) -> None:
    assert (await client.get("/readyz")).status_code == 200

    assert value(app, "predictions_in_flight_limit") == settings.max_in_flight
    assert value(app, "predictions_in_flight") == 0
    assert value(app, "database_connections_limit") == settings.database_connections
    assert value(app, "queue_items_limit", model="repeat", version="1") == Repeat.max_queue
    assert value(app, "recorder_rows") == 0
    assert (value(app, "recorder_rows_limit") or 0) > 0
    assert (value(app, "process_memory_bytes") or 0) > 10_000_000


def test_a_duration_counts_in_the_first_bucket_that_holds_it() -> None:
    registry = CollectorRegistry()
    requests = RequestMetrics(registry)
    for seconds in (0.0, BUCKETS[0], BUCKETS[0] + 1e-9, BUCKETS[-1], BUCKETS[-1] + 1):
        requests.observe("GET", "/", 200, seconds)

    def at_most(bound: str) -> float | None:
        labels = {"method": "GET", "route": "/", "status": "200", "le": bound}
        return registry.get_sample_value("lockstitch_request_duration_seconds_bucket", labels)

    assert [at_most(str(BUCKETS[0])), at_most(str(BUCKETS[1]))] == [2, 3]
    assert [at_most(str(BUCKETS[-1])), at_most("+Inf")] == [4, 5]


async def test_an_application_by_itself_answers_at_the_port_of_its_settings(
    settings: Settings, start: Callable
) -> None:
    app, port = FastAPI(), free_port()
    Lockstitch(app, models=[Repeat], settings=settings.model_copy(update={"metrics_port": port}))
    client = await start(app)

    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as prometheus:
        told = await prometheus.get("/metrics")
        elsewhere = await prometheus.get("/")
    public = await client.get("/metrics")

    assert told.status_code == 200
    assert "lockstitch_model_ready" in told.text
    assert elsewhere.status_code == 404
    assert public.status_code == 404


def asked(port: int, **headers: str) -> int:
    return httpx2.get(f"http://127.0.0.1:{port}/metrics", headers=headers).status_code


def test_whoever_does_not_know_the_token_is_told_nothing() -> None:
    settings = Settings(
        metrics_port=free_port(), metrics_host="0.0.0.0", metrics_token=SecretStr(TOKEN)
    )
    with metrics_listener(settings, CollectorRegistry()) as port:
        assert asked(port) == 401
        assert asked(port, authorization="Bearer something-else") == 401
        assert asked(port, authorization=f"Bearer {TOKEN}") == 200


def test_others_may_read_the_metrics_only_with_a_token() -> None:
    settings = Settings(metrics_port=free_port(), metrics_host="0.0.0.0")
    with (
        pytest.raises(ConfigurationError, match="LOCKSTITCH_METRICS_TOKEN"),
        metrics_listener(settings, CollectorRegistry()),
    ):
        pass


def test_a_port_in_use_is_told_with_the_setting_that_chooses_another() -> None:
    settings = Settings(metrics_port=free_port())
    with (
        metrics_listener(settings, CollectorRegistry()),
        pytest.raises(PortInUse, match="LOCKSTITCH_METRICS_PORT"),
        metrics_listener(settings, CollectorRegistry()),
    ):
        pass


def test_a_folder_that_was_left_goes_and_one_in_use_stays(tmp_path: Path) -> None:
    left = tmp_path / "metrics" / "left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "counter_1.db").write_bytes(b"old")

    with metrics_folder(tmp_path) as first, metrics_folder(tmp_path) as second:
        assert not left.exists()
        assert first.is_dir()
        assert second.is_dir()

    assert list((tmp_path / "metrics").iterdir()) == []
