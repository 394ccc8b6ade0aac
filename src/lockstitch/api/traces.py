"""A span for each request, and where the spans go: OpenTelemetry, as its variables say."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch import tracing
from lockstitch.errors import ConfigurationError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_QUIET = frozenset({"/livez", "/readyz"})
_SERVER_ERROR = 500


class Traces:
    """What records the spans of one application; nothing until `collecting`."""

    def __init__(self) -> None:
        self.tracer: Any = None
        self._is_named_by_owner = False

    def in_front_of(self, application: ASGIApp) -> ASGIApp:
        """Return an application whose requests have spans, when somebody collects them."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            tracer = self.tracer
            if tracer is None or scope["type"] != "http" or scope["path"] in _QUIET:
                await application(scope, receive, send)
                return
            with tracing.traced_by(tracer):
                # FastAPI makes the span of the request itself where the owner's provider is set.
                if self._is_named_by_owner:
                    await application(scope, receive, send)
                else:
                    await _answer_in_span(tracer, application, scope, receive, send)

        return answer

    @asynccontextmanager
    async def collecting(self) -> AsyncIterator[None]:
        """Record spans until the end of the block, if the environment names a collector.

        Where the application has a provider of its own set globally, it gets them.

        Raises:
            ConfigurationError: A collector is named and the extra `otel` is not installed.
        """
        owners = _owners_provider()
        if owners is not None:
            self._is_named_by_owner = True
            self.tracer = owners.get_tracer("lockstitch")
        provider = None if owners is not None else _configured_provider(os.environ)
        if provider is not None:
            self.tracer = provider.get_tracer("lockstitch")
        try:
            yield
        finally:
            self.tracer = None
            if provider is not None:
                # It sends what it still has, and waits for the collector.
                await to_thread.run_sync(provider.shutdown)


def add_trace_id(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Name the trace and the span in each line of the log that belongs to one."""
    del logger, method
    if tracing.is_traced():
        from opentelemetry.trace import get_current_span

        context = get_current_span().get_span_context()
        if context.is_valid:
            event.setdefault("trace_id", f"{context.trace_id:032x}")
            event.setdefault("span_id", f"{context.span_id:016x}")
    return event


async def _answer_in_span(
    tracer: Any, application: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    from opentelemetry.trace import SpanKind, StatusCode

    with tracer.start_as_current_span(
        scope["method"],
        context=_caller_context(scope),
        kind=SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        status = _SERVER_ERROR

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await application(scope, receive, send_and_see)
        finally:
            # The path itself may hold what a caller chose; the template cannot.
            route = getattr(scope.get("route"), "path", None)
            if route is not None:
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.request.method", scope["method"])
            span.set_attribute("http.response.status_code", status)
            request_id = scope.get("state", {}).get("request_id")
            if request_id:
                span.set_attribute("lockstitch.request_id", request_id)
            if status >= _SERVER_ERROR:
                span.set_status(StatusCode.ERROR)


def _caller_context(scope: Scope) -> Any:
    """Return the trace that the caller says it is in; a broken header begins a new one."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    names = (b"traceparent", b"tracestate")
    carrier = {
        name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in names
    }
    return TraceContextTextMapPropagator().extract(carrier)


def _owners_provider() -> Any:
    if "opentelemetry.sdk.trace" not in sys.modules:
        return None
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import get_tracer_provider

    provider = get_tracer_provider()
    return provider if isinstance(provider, TracerProvider) else None


def _configured_provider(environment: Mapping[str, str]) -> Any:
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    has_endpoint = any(environment.get(name) for name in _ENDPOINTS)
    if is_disabled or exporter == "none" or not (has_endpoint or exporter):
        return None
    if exporter not in {"", "otlp"}:
        raise ConfigurationError(
            f"OTEL_TRACES_EXPORTER is {exporter!r}. Spans go by otlp alone; "
            "a collector of OpenTelemetry hands them on to others."
        )
    _refuse_grpc(environment)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigurationError(
            "OTEL_* variables ask for traces, and OpenTelemetry is not installed. "
            "Run: pip install 'lockstitch[otel]'"
        ) from None
    # Where the variables do not name the service, its spans shall still say whose they are.
    environ_name = environment.get("OTEL_SERVICE_NAME") or "lockstitch"
    from opentelemetry.sdk.resources import Resource

    provider = TracerProvider(resource=Resource.create({"service.name": environ_name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _refuse_grpc(environment: Mapping[str, str]) -> None:
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = environment.get(name, "").strip()
        if protocol not in {"", "http/protobuf"}:
            raise ConfigurationError(
                f"{name} is {protocol!r}. Set it to http/protobuf, which every collector takes "
                "at port 4318."
            )
