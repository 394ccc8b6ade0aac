"""What the development observer costs a request, in CPU time, beside the application without it.

The routes answer pages of rows; both applications have thirty more routes. Turns are taken, and
what counts is the least of the rounds.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel
from rows import Row as Figure
from rows import finish

from lockstitch.guard.observer import observe

ROUNDS = 5
REQUESTS = 400
# Rows in the answer, and the most microseconds that the observer may add.
TARGETS = {1: 60, 20: 90, 200: 400}


class Entry(BaseModel):
    """One row of a page."""

    id: int
    name: str
    created_at: AwareDatetime
    tags: list[str]
    score: float | None


class Page(BaseModel):
    """What the measured route answers."""

    items: list[Entry]


def main() -> None:
    """Measure and report."""
    figures = []
    for count, target in TARGETS.items():
        plain, observed = application(count), application(count)
        observe(observed)
        rounds = [(microseconds(plain), microseconds(observed)) for _ in range(ROUNDS)]
        without = min(one for one, _ in rounds)
        added = min(one for _, one in rounds) - without
        name = f"observing a page of {count}"
        peers = {"the request itself": without}
        figures.append(Figure(name=name, value=added, target=target, unit="us", peers=peers))
    finish("observer", figures)


def application(count: int) -> FastAPI:
    """Return an application whose page has so many rows."""
    app = FastAPI()
    now = datetime.now(UTC)
    page = Page(
        items=[
            Entry(id=id_, name=f"row {id_}", created_at=now, tags=["a", "b"], score=None)
            for id_ in range(count)
        ]
    )

    @app.get("/rows")
    async def rows() -> Page:
        return page

    for number in range(30):
        app.add_api_route(f"/other-{number}/{{id_}}", rows)
    return app


def microseconds(app: FastAPI) -> float:
    """Return the CPU time of one request, in microseconds."""
    return asyncio.run(_microseconds(app))


async def _microseconds(app: FastAPI) -> float:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/rows",
        "raw_path": b"/rows",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        del message

    await app(dict(scope), receive, send)
    began = time.process_time()
    for _ in range(REQUESTS):
        await app(dict(scope), receive, send)
    return (time.process_time() - began) / REQUESTS * 1e6


if __name__ == "__main__":
    main()
