"""Spans of the request that is being answered, where somebody collects them.

A room asks for a span by name; without a collector that costs one look at a variable. The
libraries of OpenTelemetry are imported only where a collector is configured.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import time_ns
from typing import Any, Final

Attributes = dict[str, str | int | float | bool]

# A `Tracer` of OpenTelemetry while a request is answered whose spans are wanted.
_tracer: ContextVar[Any] = ContextVar("lockstitch_tracer", default=None)
_NOTHING: Final = nullcontext()


@contextmanager
def traced_by(tracer: Any) -> Iterator[None]:
    """Let spans that begin within the block go to a tracer."""
    token = _tracer.set(tracer)
    try:
        yield
    finally:
        _tracer.reset(token)


def is_traced() -> bool:
    """Return whether spans are wanted of what is being done."""
    return _tracer.get() is not None


def span(name: str, **attributes: str | float | bool) -> AbstractContextManager[Any]:
    """Return a block whose time becomes a span, if spans are wanted.

    An exception that leaves the block marks the span by its class; what it says may quote a
    caller's data and is not told.
    """
    tracer = _tracer.get()
    return _NOTHING if tracer is None else _span(tracer, name, attributes)


def add_span(name: str, begin_ns: int, end_ns: int, attributes: Attributes) -> None:
    """Add a span of what is over already, in nanoseconds of Unix time, if spans are wanted."""
    tracer = _tracer.get()
    if tracer is not None:
        tracer.start_span(name, start_time=begin_ns, attributes=attributes).end(end_ns)


def trace_headers() -> dict[str, str]:
    """Return the headers that tell another service its trace; none if no spans are wanted."""
    headers: dict[str, str] = {}
    if is_traced():
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(headers)
    return headers


@dataclass(slots=True)
class Turn:
    """When an item queued, when its batch began and ended, and what the batch was.

    `stages` holds the seconds of each stage, where they can be told for one batch.
    """

    queued_ns: int = field(default_factory=time_ns)
    began_ns: int = 0
    ended_ns: int = 0
    items: int = 0
    stages: dict[str, float] = field(default_factory=dict)

    def add_spans(self, model: str) -> None:
        """Add the spans `queue`, `batch` and one for each stage, as far as it came."""
        named: Attributes = {"lockstitch.model": model}
        if not self.began_ns:
            add_span("queue", self.queued_ns, time_ns(), named)
            return
        add_span("queue", self.queued_ns, self.began_ns, named)
        ended = self.ended_ns or time_ns()
        add_span("batch", self.began_ns, ended, {**named, "lockstitch.batch.items": self.items})
        # Stages run one after the other, and the last one ends with the batch.
        begin = ended - round(sum(self.stages.values()) * 1e9)
        for stage, seconds in self.stages.items():
            end = begin + round(seconds * 1e9)
            add_span(stage, begin, end, named)
            begin = end


@contextmanager
def _span(tracer: Any, name: str, attributes: Attributes) -> Iterator[Any]:
    from opentelemetry.trace import StatusCode

    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_attribute("error.type", type(error).__qualname__)
            made.set_status(StatusCode.ERROR)
            raise
