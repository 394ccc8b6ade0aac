"""An application as our own web process calls it."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


def front_of(app: FastAPI) -> ASGIApp:
    """Return the application without the question, at each request, whether spans are wanted.

    FastAPI asks OpenTelemetry and the environment each time, which costs more than a small model.
    Whoever wants spans says so before the first request: then, and for whatever is no plain
    request, FastAPI is called as ever.
    """
    if type(app).__call__ is not FastAPI.__call__ or app.root_path:
        return app
    is_traced: bool | None = None

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal is_traced
        stack = app.middleware_stack
        if scope["type"] != "http" or stack is None or is_traced:
            await app(scope, receive, send)
        elif is_traced is None:
            is_traced = _is_traced(app)
            await app(scope, receive, send)
        else:
            scope["app"] = app
            await stack(scope, receive, send)

    return front


def _is_traced(app: FastAPI) -> bool:
    """Return whether FastAPI would record spans, metrics or logs; yes if it cannot be told."""
    telemetry = getattr(app, "_native_telemetry", None)
    return telemetry is None or bool(telemetry.enabled())
