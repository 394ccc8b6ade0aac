"""What `@stored_in` declares, and for which classes."""

from typing import Generic, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel

from lockstitch import stored_in
from lockstitch.database.stored import declaration_of

T = TypeVar("T")


@stored_in("tasks", rename={"due": "due_date", "team": "teams.name"}, computed=["late"])
class Task(BaseModel):
    due: str
    team: str
    late: bool


class Other(Task):
    pass


@stored_in("history.answers", filled={"owner"})
class Answer(BaseModel, Generic[T]):
    output: T


def test_names_without_a_schema_are_of_public() -> None:
    declared = declaration_of(Task)

    assert declared is not None
    assert declared.table == "public.tasks"
    assert declared.column("due") == ("public.tasks", "due_date")
    assert declared.column("team") == ("public.teams", "name")
    assert declared.column("title") == ("public.tasks", "title")
    assert declared.tables == {"public.tasks", "public.teams"}


def test_it_holds_for_the_class_and_its_parametrisations_but_for_no_subclass() -> None:
    answer = declaration_of(Answer[int])

    assert answer is not None
    assert (answer.table, answer.filled) == ("history.answers", {"owner"})
    assert declaration_of(Other) is None
    assert declaration_of(BaseModel) is None


def test_it_changes_neither_the_model_nor_its_contract() -> None:
    app = FastAPI()

    @app.get("/tasks")
    def read() -> Task: ...

    assert "tasks" not in str(app.openapi()["components"])
    assert Task(due="x", team="y", late=False).model_dump() == {
        "due": "x",
        "team": "y",
        "late": False,
    }
