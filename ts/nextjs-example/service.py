"""The service of an existing product: plain FastAPI. Only `declare` is Lockstitch's."""

from datetime import UTC, datetime
from itertools import count

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

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


ids = count(1)
tasks: dict[int, Task] = {}


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
