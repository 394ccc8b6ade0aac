"""A to-do list that a team keeps: every change in `tasks.diff` is one of it."""

# Changed programs use the imports that this one does not.
# ruff: noqa: F401

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from fastapi.responses import PlainTextResponse
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI(title="Tasks", version="1.0.0")


class Status(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Contact(BaseModel):
    name: str


class NewTask(BaseModel):
    title: str = Field(max_length=80)
    notes: str | None = None
    priority: int = Field(default=3, ge=1, le=5)
    due: date | None = None
    labels: list[str] = []
    effort: Literal["small", "medium", "large"] = "small"
    reference: str = Field(default="", pattern="^[A-Z0-9-]*$")
    estimate: int = 0
    room: str = ""
    contact: Contact | None = None


class Task(BaseModel):
    id: int = Field(ge=1)
    title: str
    status: Status
    priority: int
    due: date | None
    labels: list[str]
    notes: str | None = None
    code: str
    created: datetime


class Person(BaseModel):
    name: str
    email: str


class Created(BaseModel):
    kind: Literal["created"] = "created"
    task: int


class Closed(BaseModel):
    kind: Literal["closed"] = "closed"
    task: int


class Statistics(BaseModel):
    tasks: int
    average_priority: float


class Selection(BaseModel):
    status: Status = Status.OPEN


MISSING = {404: {"description": "There is no such task."}}
TASKS: dict[int, Task] = {}
PEOPLE: dict[str, Person] = {"Ada": Person(name="Ada", email="ada@example.com")}


def find(task_id: int) -> Task:
    if task_id not in TASKS:
        raise HTTPException(404)
    return TASKS[task_id]


@app.get("/tasks")
def list_tasks(
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["title", "due", "created"] = "created",
) -> list[Task]:
    chosen = [task for task in TASKS.values() if status in {None, task.status}]
    return sorted(chosen, key=lambda task: str(getattr(task, order)))[:limit]


@app.post("/tasks", status_code=201)
def create_task(new: NewTask) -> Task:
    task = Task(
        id=len(TASKS) + 1,
        title=new.title,
        status=Status.OPEN,
        priority=new.priority,
        due=new.due,
        labels=new.labels,
        notes=new.notes,
        code=f"T-{len(TASKS) + 1}",
        created=datetime.now(UTC),
    )
    TASKS[task.id] = task
    return task


@app.get("/tasks/{task_id}", responses=MISSING)
def read_task(task_id: int) -> Task:
    return find(task_id)


@app.put("/tasks/{task_id}/status", responses=MISSING)
def set_status(task_id: int, status: Status) -> Task:
    task = find(task_id)
    task.status = status
    return task


@app.get("/search")
def search(query: str) -> list[Task]:
    return [task for task in TASKS.values() if query in task.title]


@app.get("/people")
def list_people() -> list[Person]:
    return list(PEOPLE.values())


@app.put("/people/{name}")
def store_person(name: str, person: Person) -> Person:
    PEOPLE[name] = person
    return person


@app.get("/statistics")
def read_statistics() -> Statistics:
    total = sum(task.priority for task in TASKS.values())
    return Statistics(tasks=len(TASKS), average_priority=total / max(1, len(TASKS)))


@app.get("/events")
def list_events() -> list[Created | Closed]:
    return [Created(task=task) for task in TASKS]


@app.post("/reports")
def make_report(selection: Selection | None = None) -> dict[str, int]:
    wanted = selection or Selection()
    return {wanted.status: sum(task.status == wanted.status for task in TASKS.values())}


def caller(key: Annotated[str, Depends(APIKeyHeader(name="x-key"))]) -> str:
    if key != "of the team":
        raise HTTPException(401)
    return key


@app.get("/log", responses={401: {"description": "Who are you?"}})
def read_log(key: Annotated[str, Depends(caller)]) -> list[str]:
    return [f"{task.created:%H:%M} {task.title}" for task in TASKS.values()]
