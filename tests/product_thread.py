"""A Lockstitch application on a real socket and a real database, in a thread of the test."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from lockstitch.api.web_process import _config
from lockstitch.settings import Settings

_UNLIMITED: Final = 1_000_000_000


def roomy_settings(dsn: str, folder: Path) -> Settings:
    """Settings of an application of which a test asks far more than anybody would."""
    return Settings(
        database_dsn=SecretStr(dsn),
        data=folder,
        sign_in_failures_per_address=_UNLIMITED,
        sign_in_failures_per_email=_UNLIMITED,
        sign_ups_per_address=_UNLIMITED,
        mails_per_email=_UNLIMITED,
    )


@contextmanager
def product_serving(application: FastAPI) -> Iterator[str]:
    """Start the application, with its lifespan, and yield its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        # As `lockstitch up` serves it.
        config = _config(application, lifespan=True, tls=None)
        config.timeout_graceful_shutdown = 1
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        # Thousands of lines about requests would hide what a failing test says.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            structlog.reset_defaults()
            logging.getLogger("uvicorn.error").disabled = False
    assert server.started, "the application did not start"
