"""Logs: readable on a terminal, JSON lines elsewhere, always on standard error."""

import logging
import sys

import structlog

from lockstitch.api.request_context import add_request_id
from lockstitch.settings import Settings

# Each says the same as our own lines, or less.
_TALKATIVE = ("uvicorn", "uvicorn.error", "uvicorn.access", "psycopg.pool", "httpcore2", "httpx2")


def configure_logs(settings: Settings) -> None:
    """Send structlog's lines and those of the standard library through one formatter."""
    on_terminal = sys.stderr.isatty()
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        add_request_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if on_terminal:
        shared.append(_show_control_characters)
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=True)]
        if on_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
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


def _show_control_characters(
    logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Spell what a terminal would obey: a path may hold anything that a caller sends."""
    del logger, method
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode()
    return event
