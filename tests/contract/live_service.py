"""A service whose jobs can be watched over one WebSocket, and that fails on command."""

import asyncio
from contextlib import suppress
from typing import Any, Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from job_log import Frame, JobLog
from pydantic import AwareDatetime, BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import HTMLResponse, Response

PING_SECONDS = 0.2
SLOW_SECONDS = 0.5
VERSION = 1
DRAIN, EXPIRED, FORBIDDEN, SLOW, TOO_OLD = 1001, 4001, 4003, 4008, 4009


class Started(BaseModel):
    job_name: str
    started_at: AwareDatetime


class Progressed(BaseModel):
    step_number: int
    log_text: str


class JobStarted(BaseModel):
    stream: str
    position: str
    type: Literal["started"]
    data: Started


class JobProgressed(BaseModel):
    stream: str
    position: str
    type: Literal["progressed"]
    data: Progressed


class NewEvents(BaseModel):
    count: int
    log_bytes: int = 0
    is_done: bool = False


app = FastAPI(title="Live jobs", generate_unique_id_function=lambda route: route.name)
jobs: dict[str, JobLog] = {}
connections: set["Connection"] = set()
opened: list["Connection"] = []
expired: set[str] = set()
reports: asyncio.Queue[Any] = asyncio.Queue()
page: dict[str, str] = {}


def channels() -> dict[str, Any]:
    """Return the AsyncAPI document of what the WebSocket sends."""
    models: list[type[BaseModel]] = [JobStarted, JobProgressed]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    messages = {
        model.__name__: {"payload": {"$ref": f"#/components/schemas/{model.__name__}"}}
        for model in models
    }
    address = "jobs/{job_id}"
    channel = {"address": address, "parameters": {"job_id": {}}, "messages": messages}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": app.title, "version": app.version},
        "channels": {"jobEvents": channel},
        "operations": {
            "sendJobEvents": {"action": "send", "channel": {"$ref": "#/channels/jobEvents"}}
        },
        "components": {"schemas": schemas["$defs"]},
    }


@app.post("/jobs/{job_id}/events")
async def append_events(job_id: str, new: NewEvents) -> None:
    job = jobs.setdefault(job_id, JobLog(f"jobs/{job_id}"))
    job.append(new.count, log_bytes=new.log_bytes)
    if new.is_done:
        job.end()


@app.post("/jobs/{job_id}/retention")
async def forget_events(job_id: str, up_to: int) -> None:
    jobs[job_id].forget(up_to)


@app.post("/jobs/{job_id}/restoration")
async def restore_job(job_id: str) -> None:
    jobs[job_id].restore()


@app.post("/tokens/{token}/expiry")
async def expire_token(token: str) -> None:
    expired.add(token)
    for connection in [one for one in connections if one.token == token]:
        await connection.close(EXPIRED)


@app.post("/drain")
async def drain() -> None:
    for connection in [*connections]:
        await connection.close(DRAIN)


@app.get("/connections")
async def list_closes(label: str) -> list[int]:
    """The code with which the service closed each such connection so far; 0 where it did not."""
    return [one.code for one in opened if one.label == label]


@app.get("/connections/streams")
async def list_streams() -> list[str]:
    """What is being read now."""
    return sorted(stream for one in connections for stream in one.readers)


@app.websocket("/realtime")
async def realtime(socket: WebSocket, label: str = "", version: int = VERSION) -> None:
    await socket.accept()
    connection = Connection(socket, label)
    connections.add(connection)
    opened.append(connection)
    try:
        if version < VERSION:
            await connection.close(TOO_OLD)
        await connection.serve()
    except WebSocketDisconnect:
        pass
    finally:
        connections.discard(connection)
        connection.stop()


class Connection:
    """One socket: a reader for each stream, and pings."""

    def __init__(self, socket: WebSocket, label: str) -> None:
        self.label = label
        self.token = ""
        self.code = 0
        self.readers: dict[str, asyncio.Task[None]] = {}
        self._socket = socket
        self._sending = asyncio.Lock()
        self._pings = asyncio.create_task(self._ping())

    async def serve(self) -> None:
        while True:
            frame = await self._socket.receive_json()
            match frame["frame"]:
                case "auth":
                    await self._authenticate(frame["token"])
                case "subscribe":
                    await self._subscribe(frame["stream"], frame.get("position", ""))
                case "unsubscribe":
                    self._leave(frame["stream"])

    async def _authenticate(self, token: str) -> None:
        self.token = token
        if token in expired:
            await self.close(EXPIRED)
        if token == "outsider":
            await self.close(FORBIDDEN)

    async def _subscribe(self, stream: str, position: str) -> None:
        self._leave(stream)
        job = jobs.get(stream.removeprefix("jobs/"))
        if not self.token or job is None:
            status, title = (404, "There is no such job.") if self.token else (401, "Sign in.")
            problem = {"title": title, "status": status}
            await self._send("error", {"stream": stream, "problem": problem})
            return
        self.readers[stream] = asyncio.create_task(self._read(job, position))

    def _leave(self, stream: str) -> None:
        reader = self.readers.pop(stream, None)
        if reader:
            reader.cancel()

    async def _read(self, job: JobLog, position: str) -> None:
        async for kind, frame in job.frames(position):
            await self._send(kind, {"stream": job.stream, **frame})

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            await self._send("ping", {})

    async def _send(self, kind: str, frame: Frame) -> None:
        """Send a frame; who does not take it in time is too slow."""
        try:
            async with asyncio.timeout(SLOW_SECONDS), self._sending:
                await self._socket.send_json({"frame": kind, **frame})
        except TimeoutError:
            await self.close(SLOW)

    async def close(self, code: int) -> None:
        if self.code:
            return
        self.code = code
        self.stop()
        with suppress(RuntimeError):
            await self._socket.close(code)

    def stop(self) -> None:
        current = asyncio.current_task()
        for task in [self._pings, *self.readers.values()]:
            if task is not current:
                task.cancel()


# What the browser needs: a page, its script, and somewhere to tell what came of it.
@app.get("/page", include_in_schema=False)
async def show_page() -> HTMLResponse:
    return HTMLResponse('<!doctype html><script type="module" src="/script.js"></script>')


@app.get("/script.js", include_in_schema=False)
async def send_script() -> Response:
    return Response(page["script"], media_type="text/javascript")


@app.post("/report", include_in_schema=False)
async def take_report(report: dict[str, Any]) -> None:
    await reports.put(report)
