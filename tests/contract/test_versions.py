"""Versions side by side, how one is announced to go, and that old clients keep working."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from client_project import compile_errors, run_module, write_client
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch.contract.declarations import declare, deprecated
from lockstitch.contract.mock.application import MockApplication
from lockstitch.contract.reading import read_document
from lockstitch.contract.typescript.client import emit_client
from lockstitch.contract.versions import deprecate, select_version
from lockstitch.errors import ConfigurationError
from tests.guard.changed_programs import ProgramChange, exported, read_changes
from tests.guard.service_thread import serving

HERE = Path(__file__).parent
HARMLESS = HERE.parent / "guard" / "harmless"
SHOP = (HARMLESS / "shop.py").read_text()
CHANGES = [change for path in sorted(HARMLESS.glob("*.diff")) for change in read_changes(path)]
SINCE, SUNSET = date(2026, 3, 1), date(2026, 9, 1)
ANNOUNCED = {
    "deprecation": "@1772323200",
    "sunset": "Tue, 01 Sep 2026 00:00:00 GMT",
    "link": '<https://example.com/moving>; rel="deprecation"; type="text/html"',
}


class OldTask(BaseModel):
    title: str


class Owner(BaseModel):
    name: str


class NewTask(BaseModel):
    title: str
    owner: Owner


def two_versions() -> FastAPI:
    """An application with two versions, the older of which is announced to go."""
    app = FastAPI()
    v1, v2 = APIRouter(prefix="/v1"), APIRouter(prefix="/v2")

    @v1.get("/tasks")
    def list_tasks() -> list[OldTask]:
        return [OldTask(title="Old")]

    @v1.get("/tasks/{number}")
    def read_task(number: int) -> OldTask:
        raise HTTPException(404, "There is no such task")

    @v1.get("/early", **declare(deprecated(date(2026, 1, 1), replacement="list_tasks")))
    def early() -> OldTask:
        return OldTask(title="Early")

    @v2.get("/tasks", name="list_tasks")
    def list_new_tasks() -> list[NewTask]:
        return []

    @app.get("/health")
    def health() -> bool:
        return True

    app.include_router(v1)
    app.include_router(v2)
    deprecate(
        app,
        "/v1",
        since=SINCE,
        sunset=SUNSET,
        replaced_by="/v2",
        link="https://example.com/moving",
    )
    return app


def announced(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ANNOUNCED if name in headers}


@pytest.mark.parametrize(
    ("path", "status", "headers"),
    [
        ("/v1/tasks", 200, ANNOUNCED),
        ("/v1/tasks/7", 404, ANNOUNCED),
        ("/v1/tasks/seven", 422, ANNOUNCED),
        ("/v1/early", 200, {"deprecation": "@1767225600"}),
        ("/v2/tasks", 200, {}),
        ("/health", 200, {}),
        ("/v10/tasks", 404, {}),
    ],
)
def test_every_answer_of_an_old_version_announces_its_end(
    path: str, status: int, headers: dict[str, str]
) -> None:
    answer = TestClient(two_versions()).get(path)

    assert answer.status_code == status
    assert announced(answer.headers) == headers


def test_the_contract_says_what_will_go_when_and_what_is_instead() -> None:
    paths = two_versions().openapi()["paths"]

    told = paths["/v1/tasks"]["get"]
    assert told["deprecated"] is True
    assert told["x-sunset"] == "2026-09-01"
    assert told["x-lockstitch-deprecation"] == {
        "since": "2026-03-01",
        "sunset": "2026-09-01",
        "replacement": "GET /v2/tasks",
        "link": "https://example.com/moving",
    }
    assert "replacement" not in paths["/v1/tasks/{number}"]["get"]["x-lockstitch-deprecation"]
    assert paths["/v1/early"]["get"]["x-lockstitch-deprecation"]["since"] == "2026-01-01"
    assert "deprecated" not in paths["/v2/tasks"]["get"]


def test_one_route_can_be_announced_by_its_template() -> None:
    app = two_versions()
    deprecate(app, "/v2/tasks", since=SINCE)

    @app.get("/v3/tasks/{number}/notes")
    def notes(number: int) -> int:
        return number

    deprecate(app, "/v3/tasks/{number}", since=SINCE)
    client = TestClient(app)

    assert announced(client.get("/v2/tasks").headers) == {"deprecation": "@1772323200"}
    assert announced(client.get("/v3/tasks/1/notes").headers) == {"deprecation": "@1772323200"}
    assert announced(client.get("/v3/tasks").headers) == {}


def test_what_cannot_be_announced_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="No route is below /v7"):
        deprecate(FastAPI(), "/v7", since=SINCE)
    with pytest.raises(ValidationError, match="RFC 9745"):
        deprecated(SUNSET, sunset=SINCE)


def test_a_client_of_one_version_has_its_operations_and_types_and_no_others() -> None:
    contract = two_versions().openapi()

    old, new = (emit_client(select_version(contract, version)) for version in ("v1", "v2"))

    assert functions(old) == {"health", "listTasks", "readTask", "early"}
    assert functions(new) == {"health", "listTasks"}
    assert "interface OldTask" in old["types.ts"]
    assert "Owner" not in old["types.ts"]
    assert "interface Owner" in new["types.ts"]
    assert "OldTask" not in new["types.ts"]


def test_a_tag_is_a_version_too_and_an_unknown_one_is_refused() -> None:
    item = {"responses": {"200": {"description": ""}}}
    contract = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {"/a": {"get": {**item, "tags": ["v1", "v2"]}}, "/b": {"get": item}},
    }

    assert set(select_version(contract, "v1")["paths"]) == {"/a", "/b"}
    with pytest.raises(ConfigurationError, match=r"no operation of version 'v3'. It has v1, v2."):
        select_version(contract, "v3")


def test_an_editor_strikes_through_what_will_go() -> None:
    files = emit_client(select_version(two_versions().openapi(), "v1"))
    tag = (
        "@deprecated Since 2026-03-01, gone from 2026-09-01 on. Use GET /v2/tasks instead. "
        "See https://example.com/moving"
    )

    for name, function in [
        ("operations", "function listTasks("),
        ("queries", "const listTasksQuery ="),
        ("swr", "const listTasksSwr ="),
    ]:
        assert tag in comment_of(files[f"{name}.ts"], function)
    assert "@deprecated" not in comment_of(files["operations.ts"], "function health(")


def functions(files: Mapping[str, str]) -> set[str]:
    return set(re.findall(r"^export function (\w+)\(", files["operations.ts"], re.MULTILINE))


def comment_of(text: str, declaration: str) -> str:
    """Return the doc comment of a declaration on one line."""
    before = text[: text.index(f"export {declaration}")]
    comment = before[before.rindex("/**") :]
    return " ".join(re.sub(r"^ \* ?", "", comment, flags=re.MULTILINE).split())


# Old clients


class Services:
    """The services of several contracts, each below a number."""

    def __init__(self, contracts: Sequence[Mapping[str, Any]]) -> None:
        self._mocks: list[ASGIApp] = [MockApplication(read_document(one)) for one in contracts]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, number, rest = scope["path"].split("/", 2)
        inner = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}
        await self._mocks[int(number)](inner, receive, send)


@pytest.fixture(scope="module")
def old_client() -> Path:
    """The client of the shop as it was, with the program that uses it."""
    api = write_client("shop", exported(SHOP))
    scenarios = api.parent / "scenarios"
    shutil.rmtree(scenarios, ignore_errors=True)
    shutil.copytree(HERE / "version_scenarios", scenarios)
    return scenarios / "old-client.ts"


@contextmanager
def calling(client: Path, contracts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    with serving(Services(contracts)) as url:
        yield run_module(client, *(f"{url}/{number}" for number in range(len(contracts))))


def test_the_old_program_compiles_with_its_client(old_client: Path) -> None:
    assert compile_errors(old_client.parents[1]) == []


def test_an_old_client_works_with_every_service_whose_change_is_harmless(old_client: Path) -> None:
    newer = [exported(change.applied(SHOP)) for change in CHANGES]

    with calling(old_client, [exported(SHOP), *newer]) as result:
        failures = {
            f"{named(CHANGES, key)}": message for key, message in result["failures"].items()
        }

    assert failures == {}
    assert result["calls"] >= 11 * 100
    assert len({json.dumps(one, sort_keys=True) for one in newer}) >= 60


def test_an_old_client_notices_changes_that_break_it(old_client: Path) -> None:
    removed = exported(SHOP.replace('@app.get("/names")', '@app.get("/labels")'))
    demanded = exported(SHOP.replace("    sku: str", "    weight: float\n    sku: str"))
    renamed = exported(SHOP.replace("    status: Status\n    kind", "    state: Status\n    kind"))

    with calling(old_client, [removed, demanded, renamed]) as result:
        failed = set(result["failures"])

    assert {"0 names", "1 createLeast", "1 createMost", "2 readItem"} <= failed
    assert not any(key.startswith("0 ") for key in failed - {"0 names"})


def named(changes: Sequence[ProgramChange], key: str) -> str:
    number, call = key.split()
    return f"{changes[int(number) - 1] if int(number) else 'the shop itself'}: {call}"
