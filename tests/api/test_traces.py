"""The spans of a request, as a collector on this machine gets them."""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from conftest import Fragile, Repeat, signed_up
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from lockstitch import Lockstitch, Settings
from lockstitch.api.logs import configure_logs
from lockstitch.errors import ConfigurationError

PATH = "/v1/models/repeat/predictions"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"  # pragma: allowlist secret
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@dataclass
class Collector:
    """Takes spans by OTLP over HTTP."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for attribute in resource.resource.attributes:
                if attribute.key == "service.name":
                    self.services.add(attribute.value.string_value)
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def of(self, trace: str) -> dict[str, Span]:
        return {one.name: one for one in self.spans if one.trace_id.hex() == trace}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made
        server.shutdown()


def application(settings: Settings) -> FastAPI:
    app = FastAPI()
    Lockstitch(app, models=[Repeat, Fragile], settings=settings)
    return app


async def flush(app: FastAPI) -> None:
    """Have everything sent that is over."""
    provider = app.state.lockstitch_extension._traces.tracer.span_processor
    provider.force_flush()


async def test_a_prediction_is_one_trace_from_the_caller_to_the_model_and_the_rows(
    collector: Collector, settings: Settings, start: Callable
) -> None:
    app = application(settings)
    client = await signed_up(await start(app))
    answer = await client.post(PATH, json={"text": "hello"}, headers={"traceparent": TRACEPARENT})
    assert answer.status_code == 200
    await flush(app)

    spans = collector.of(TRACE)
    request = spans[f"POST {PATH}"]
    assert {"queue", "batch", "predict", "store"} <= spans.keys()
    assert request.parent_span_id.hex() == PARENT
    assert request.kind == Span.SPAN_KIND_SERVER
    for name in ("queue", "batch", "predict", "store"):
        inner = spans[name]
        assert inner.parent_span_id == request.span_id
        assert request.start_time_unix_nano <= inner.start_time_unix_nano
        assert inner.start_time_unix_nano <= inner.end_time_unix_nano
        assert inner.end_time_unix_nano <= request.end_time_unix_nano
    said = {one.key: one.value for one in request.attributes}
    assert said["http.response.status_code"].int_value == 200
    assert said["lockstitch.request_id"].string_value == answer.headers["x-request-id"]
    assert collector.services == {"lockstitch"}


async def test_reading_the_history_shows_the_database_by_the_template_of_its_route(
    collector: Collector, settings: Settings, start: Callable
) -> None:
    app = application(settings)
    client = await signed_up(await start(app))
    await client.get(
        "/v1/predictions/019ab000-0000-7000-8000-000000000000", headers={"traceparent": TRACEPARENT}
    )
    await flush(app)

    spans = collector.of(TRACE)
    assert {"GET /v1/predictions/{id}", "database"} <= spans.keys()


async def test_a_span_says_which_error_and_not_what_it_quotes(
    collector: Collector, settings: Settings, start: Callable
) -> None:
    app = application(settings)
    client = await signed_up(await start(app))
    path = "/v1/models/fragile/predictions"
    failed = await client.post(path, json={"text": "raise"}, headers={"traceparent": TRACEPARENT})
    await flush(app)

    assert failed.status_code == 500
    request = collector.of(TRACE)[f"POST {path}"]
    assert request.status.code == 2
    assert "secret input" not in str(collector.spans)


async def test_each_line_of_the_log_names_its_trace(
    collector: Collector, settings: Settings, start: Callable
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    app = application(settings.model_copy(update={"access_log": "all"}))
    client = await signed_up(await start(app))
    try:
        configure_logs(settings)
        written = io.StringIO()
        root.handlers[0].setStream(written)  # type: ignore[attr-defined]
        await client.get("/v1/models", headers={"traceparent": TRACEPARENT})
    finally:
        root.handlers[:], root.level = handlers, level

    (line,) = [json.loads(one) for one in written.getvalue().splitlines() if '"request"' in one]
    assert line["trace_id"] == TRACE
    assert line["request_id"]


async def test_a_broken_traceparent_begins_a_trace_of_its_own(
    collector: Collector, settings: Settings, start: Callable
) -> None:
    app = application(settings)
    client = await signed_up(await start(app))
    answer = await client.get("/v1/models", headers={"traceparent": b"00-zz-\xe9-01"})
    await flush(app)

    assert answer.status_code == 200
    (found,) = [one for one in collector.spans if one.name == "GET /v1/models"]
    assert found.parent_span_id == b""


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "otlp alone"),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            },
            "http/protobuf",
        ),
    ],
)
async def test_what_cannot_be_sent_is_refused_at_the_start(
    settings: Settings,
    start: Callable,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    word: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=word):
        await start(application(settings))


async def test_without_a_collector_there_is_no_tracer(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    assert (await client.get("/livez")).status_code == 200
    assert app.state.lockstitch_extension._traces.tracer is None
