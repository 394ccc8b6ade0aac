"""The service of an existing product: plain FastAPI. Only `declare` is Lockstitch's."""

import asyncio
from collections.abc import AsyncIterable
from datetime import UTC, datetime
from itertools import count

from fastapi import FastAPI, HTTPException
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lockstitch.contract.declarations import declare, fresh, invalidates

app = FastAPI(title="Tasks", generate_unique_id_function=lambda route: route.name)


class NewTask(BaseModel):
    title: str = Field(min_length=1, max_length=80)


class Task(NewTask):
    id: int
    created_at: datetime


class TaskList(BaseModel):
    items: list[Task]


class Problem(BaseModel):
    detail: str


class TaskCount(BaseModel):
    open_tasks: int


class EventStreams:
    """Tells proxies to pass events on at once; Next.js would gather and compress them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_at_once(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("Content-Type", "").startswith("text/event-stream"):
                    headers["Cache-Control"] = "no-cache, no-transform"
            await send(message)

        await self.app(scope, receive, send_at_once)


app.add_middleware(EventStreams)
ids = count(1)
tasks: dict[int, Task] = {}
changed = asyncio.Condition()


@app.get("/tasks", **declare(fresh(seconds=5, stale_on_error_seconds=300)))
async def list_tasks() -> TaskList:
    return TaskList(items=list(tasks.values()))


@app.get("/tasks/{task_id}", responses={404: {"model": Problem}})
async def read_task(task_id: int) -> Task:
    if task_id not in tasks:
        raise HTTPException(404, "There is no such task.")
    return tasks[task_id]


@app.post("/tasks", status_code=201, **declare(invalidates("list_tasks")))
async def add_task(new: NewTask) -> Task:
    task = Task(id=next(ids), title=new.title, created_at=datetime.now(UTC))
    tasks[task.id] = task
    async with changed:
        changed.notify_all()
    return task


@app.put(
    "/tasks/{task_id}",
    responses={404: {"model": Problem}},
    **declare(invalidates("list_tasks", "read_task")),
)
async def rename_task(task_id: int, new: NewTask) -> Task:
    task = await read_task(task_id)
    tasks[task_id] = task.model_copy(update={"title": new.title})
    return tasks[task_id]


@app.get("/task-count", response_class=EventSourceResponse)
async def watch_task_count() -> AsyncIterable[TaskCount]:
    while True:
        yield TaskCount(open_tasks=len(tasks))
        async with changed:
            await changed.wait()
