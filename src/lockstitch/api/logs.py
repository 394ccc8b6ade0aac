"""Logs: readable on a terminal, JSON lines elsewhere, always on standard error."""

import logging
import sys
import threading
import warnings
from collections.abc import Callable

import structlog

from lockstitch.api.redaction import redact_event
from lockstitch.api.request_context import add_request_id
from lockstitch.api.tracebacks import ExceptionRenderer
from lockstitch.api.traces import add_trace_id
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.process")

# Each says the same as our own lines, or less.
_TALKATIVE = ("uvicorn", "uvicorn.error", "uvicorn.access", "psycopg.pool", "httpcore2", "httpx2")


def configure_logs(settings: Settings) -> None:
    """Send structlog's lines and those of the standard library through one formatter.

    It takes out secrets, and what models were asked and answered. What ends a thread, what cannot
    be raised and what is warned of comes here, too, instead of going straight to standard error.
    """
    on_terminal = sys.stderr.isatty()
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        add_request_id,
        add_trace_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.types.Processor] = [
        ExceptionRenderer(quote=settings.log_exception_messages),
        redact_event,
    ]
    if on_terminal:
        last += [_show_control_characters, structlog.dev.ConsoleRenderer(colors=True)]
    else:
        last.append(structlog.processors.JSONRenderer())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.showwarning = _warning_logger(quote=settings.log_exception_messages)
    threading.excepthook = _log_end_of_thread
    sys.unraisablehook = _log_unraisable


def _warning_logger(*, quote: bool) -> Callable[..., None]:
    def log(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object
    ) -> None:
        said = str(message) if quote else None
        place = f"{filename}:{lineno}"
        _log.warning("a warning", category=category.__name__, place=place, said=said)

    return log


def _log_end_of_thread(told: threading.ExceptHookArgs) -> None:
    name = told.thread.name if told.thread is not None else "?"
    _log.error("an exception ended a thread", thread=name, exc_info=told.exc_value)


def _log_unraisable(told: "sys.UnraisableHookArgs") -> None:
    _log.error("an exception could not be raised", exc_info=told.exc_value)


def _show_control_characters(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Spell what a terminal would obey: a path may hold anything that a caller sends."""
    del logger, method
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            # Of a traceback, the lines stay lines.
            lines = value.split("\n") if key in {"exception", "stack"} else [value]
            event[key] = "\n".join(line.encode("unicode_escape").decode() for line in lines)
    return event
