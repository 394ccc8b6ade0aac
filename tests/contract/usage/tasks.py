"""The contract that the front ends under tests/fixtures/usage are written against."""

from copy import deepcopy
from typing import Any

JSON = dict[str, Any]


def ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(schema: JSON) -> JSON:
    return {"200": {"description": "Fine.", "content": {"application/json": {"schema": schema}}}}


def body(name: str) -> JSON:
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def parameter(name: str, place: str = "path", kind: str = "integer") -> JSON:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": kind}}


def members(required: list[str], **properties: JSON) -> JSON:
    return {"type": "object", "required": required, "properties": properties}


TEXT: JSON = {"type": "string"}
DAY: JSON = {"type": "string", "format": "date-time"}
NUMBER: JSON = {"type": "integer"}

SCHEMAS: JSON = {
    "Task": members(
        ["id", "title"],
        id=NUMBER,
        title=TEXT,
        due_date=DAY,
        assignee_id=NUMBER,
    ),
    "NewTask": members(["title"], title=TEXT, due_date={"anyOf": [DAY, {"type": "null"}]}),
    "TaskPage": members(["items"], items={"type": "array", "items": ref("Task")}, next_cursor=TEXT),
    "Profile": members(["display_name"], display_name=TEXT, avatar_url=TEXT),
    "User": members(["id", "email", "profile"], id=NUMBER, email=TEXT, profile=ref("Profile")),
}
PATHS: JSON = {
    "/tasks": {
        "get": {
            "operationId": "list_tasks",
            "parameters": [parameter("cursor", "query", "string"), parameter("limit", "query")],
            "responses": answer(ref("TaskPage")),
        },
        "post": {
            "operationId": "create_task",
            "requestBody": body("NewTask"),
            "responses": answer(ref("Task")),
        },
    },
    "/tasks/{task_id}": {
        "get": {
            "operationId": "read_task",
            "parameters": [
                parameter("task_id"),
                parameter("verbose", "query"),
            ],
            "responses": answer(ref("Task")),
        },
    },
    "/projects/{project_id}/tasks": {
        "get": {
            "operationId": "list_project_tasks",
            "parameters": [parameter("project_id")],
            "responses": answer({"type": "array", "items": ref("Task")}),
        },
    },
    "/users/me": {"get": {"operationId": "read_me", "responses": answer(ref("User"))}},
}


def contract(*without: str) -> JSON:
    """Return the contract; `Task.due_date` among `without` leaves that member out."""
    schemas = deepcopy(SCHEMAS)
    for one in without:
        schema, _, name = one.partition(".")
        del schemas[schema]["properties"][name]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tasks", "version": "1"},
        "paths": deepcopy(PATHS),
        "components": {"schemas": schemas},
    }
