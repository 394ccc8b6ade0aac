"""What `declare` makes of a route of an ordinary FastAPI application."""

import httpx2
from fastapi import FastAPI

from lockstitch.contract.declarations import declare, fresh


async def test_fresh_is_sent_as_cache_control_and_kept_apart_by_caller() -> None:
    app = FastAPI()

    @app.get("/mine", **declare(fresh(seconds=30, stale_on_error_seconds=300)))
    async def mine() -> list[int]:
        return [1]

    @app.get("/everybodys", **declare(fresh(seconds=60, shared=True)))
    async def everybodys() -> list[int]:
        return [2]

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        own, common = await client.get("/mine"), await client.get("/everybodys")

    assert own.headers["cache-control"] == "private, max-age=30, stale-if-error=300"
    assert own.headers["vary"] == "Authorization, Cookie"
    assert common.headers["cache-control"] == "public, max-age=60"
    assert "vary" not in common.headers
