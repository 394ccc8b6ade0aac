"""The route class beside an owner's own routes, dependencies, handlers and middleware."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch import Lockstitch, Settings, person, public
from lockstitch.api.route import ContractRoute
from lockstitch.errors import ConfigurationError, RouteNotReady


class Thing(BaseModel):
    size: int


class OutOfPaper(Exception):
    pass


def contract_router() -> APIRouter:
    router = APIRouter(route_class=ContractRoute, dependencies=[Depends(public())])

    @router.post("/things")
    async def make(thing: Thing) -> Thing:
        return thing

    @router.get("/print")
    def print_out() -> Thing:
        raise OutOfPaper

    @router.get("/teapot")
    async def teapot() -> Thing:
        raise HTTPException(418, "short and stout", headers={"x-tea": "yes"})

    @router.get("/lie")
    async def lie() -> Thing:
        return {"size": "large"}  # type: ignore[return-value]

    return router


@pytest.fixture
def owner(settings: Settings) -> FastAPI:
    application = FastAPI()
    Lockstitch(application, settings=settings)
    return application


async def test_a_body_is_strict_on_our_routes_and_lax_on_the_owners(
    owner: FastAPI, start: Callable
) -> None:
    owner.include_router(contract_router())

    @owner.post("/lax")
    async def lax(thing: Thing) -> Thing:
        return thing

    client = await start(owner)
    body = {"size": "3", "colour": "red"}

    refused = await client.post("/things", json=body)
    taken = await client.post("/lax", json=body)
    wrong = await client.post("/lax", json={})

    assert {error["pointer"] for error in refused.json()["errors"]} == {"/size", "/colour"}
    assert taken.json() == {"size": 3}
    assert wrong.json()["detail"][0]["loc"] == ["body", "size"], "FastAPI's own form of a 422"


async def test_a_router_included_with_a_guard_keeps_the_guard(
    owner: FastAPI, start: Callable
) -> None:
    async def guard() -> None:
        raise HTTPException(402, "pay first")

    owner.include_router(contract_router(), prefix="/paid", dependencies=[Depends(guard)])
    client = await start(owner)

    assert (await client.post("/paid/things", json={"size": 1})).status_code == 402


async def test_the_owners_guard_of_the_whole_application_covers_our_routes(
    settings: Settings, start: Callable
) -> None:
    async def guard() -> None:
        raise HTTPException(402, "pay first")

    application = FastAPI(dependencies=[Depends(guard)])
    Lockstitch(application, settings=settings)
    client = await start(application)

    assert (await client.get("/v1/models")).status_code == 402


async def test_a_dependency_can_be_overridden_as_in_fastapi(
    owner: FastAPI, start: Callable
) -> None:
    audience = person()
    router = APIRouter(route_class=ContractRoute)

    @router.get("/me", dependencies=[Depends(audience)])
    async def me() -> Thing:
        return Thing(size=1)

    owner.include_router(router)
    client = await start(owner)
    assert (await client.get("/me")).status_code == 401

    async def anybody() -> None:
        return None

    owner.dependency_overrides[audience] = anybody
    assert (await client.get("/me")).status_code == 200


async def test_an_error_becomes_a_problem_unless_the_owner_handles_it(
    owner: FastAPI, start: Callable
) -> None:
    owner.include_router(contract_router())
    client = await start(owner)

    unexpected = await client.get("/print")
    teapot = await client.get("/teapot")

    assert unexpected.status_code == 500
    assert unexpected.json()["type"] == "urn:lockstitch:problem:internal-error"
    assert "OutOfPaper" not in unexpected.text
    assert teapot.status_code == 418
    assert teapot.json()["detail"] == "short and stout"
    assert teapot.headers["x-tea"] == "yes"


async def test_the_owners_handlers_answer_their_own_errors_on_our_routes(
    owner: FastAPI, start: Callable
) -> None:
    @owner.exception_handler(OutOfPaper)
    async def no_paper(request: Request, error: OutOfPaper) -> JSONResponse:
        return JSONResponse({"paper": 0}, 507)

    @owner.exception_handler(418)
    async def tea(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"tea": True}, 418)

    owner.include_router(contract_router())
    client = await start(owner)

    assert (await client.get("/print")).json() == {"paper": 0}
    assert (await client.get("/teapot")).json() == {"tea": True}


async def test_an_answer_that_breaks_its_type_is_an_error_and_never_leaves(
    owner: FastAPI, start: Callable
) -> None:
    owner.include_router(contract_router())
    client = await start(owner)

    answer = await client.get("/lie")

    assert answer.status_code == 500
    assert "large" not in answer.text


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/models/none/predictions"])
async def test_an_unknown_path_under_our_prefix_is_a_problem(
    client: httpx2.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_method_is_a_problem_under_our_prefix_and_fastapis_elsewhere(
    owner: FastAPI, start: Callable
) -> None:
    @owner.get("/own")
    async def own() -> None:
        return None

    client = await start(owner)
    ours = await client.put("/v1/models")
    health = await client.put("/livez")
    theirs = await client.put("/own")

    assert ours.status_code == theirs.status_code == 405
    assert ours.headers["allow"] == "GET"
    assert (await client.put("/v1/sessions/current")).headers["allow"] == "DELETE, GET"
    assert ours.json()["type"] == "urn:lockstitch:problem:method-not-allowed"
    assert health.json()["type"] == "urn:lockstitch:problem:method-not-allowed"
    assert theirs.json() == {"detail": "Method Not Allowed"}
    assert (await client.get("/elsewhere")).json() == {"detail": "Not Found"}


async def test_the_owners_lifespan_middleware_and_state_keep_working(
    settings: Settings, start: Callable
) -> None:
    events = []

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[dict[str, str]]:
        events.append("start")
        yield {"greeting": "hello"}
        events.append("end")

    class Stamp:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            events.append(scope["type"])
            await self.app(scope, receive, send)

    application = FastAPI(lifespan=lifespan)
    application.add_middleware(Stamp)
    Lockstitch(application, settings=settings)
    async with application.router.lifespan_context(application) as state:
        assert state == {"greeting": "hello"}
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            assert (await client.get("/livez")).json() == {"status": "ok"}

    assert events == ["start", "http", "end"]


@pytest.mark.parametrize("declared", [[], [Depends(public()), Depends(person())]])
async def test_a_route_without_exactly_one_audience_stops_the_start(
    owner: FastAPI, start: Callable, declared: list[object]
) -> None:
    router = APIRouter(route_class=ContractRoute, dependencies=declared)

    @router.get("/whose")
    async def whose() -> Thing:
        return Thing(size=1)

    owner.include_router(router)

    with pytest.raises(RouteNotReady, match="/whose"):
        await start(owner)


def test_a_route_with_two_bodies_is_refused_when_it_is_declared() -> None:
    router = APIRouter(route_class=ContractRoute, dependencies=[Depends(public())])

    async def two(first: Thing, second: Thing) -> Thing:
        return first

    with pytest.raises(RouteNotReady, match="one JSON body"):
        router.post("/two")(two)


def test_two_models_of_one_name_are_refused(settings: Settings) -> None:
    from lockstitch import Model

    class One(Model[Thing, Thing]):
        name = "same"

        def predict(self, batch: list[Thing]) -> list[Thing]:
            return batch

    class Two(One):
        name = "same"

    with pytest.raises(ConfigurationError, match=r"Two and .*One are both named 'same'"):
        Lockstitch(FastAPI(), models=[One, Two], settings=settings)


async def test_a_request_id_is_taken_over_or_made_and_always_safe(
    anonymous: httpx2.AsyncClient,
) -> None:
    async def answered(sent: str) -> str:
        answer = await anonymous.get("/livez", headers={"x-request-id": sent})
        return answer.headers["x-request-id"]

    assert await answered("trace-0123456789") == "trace-0123456789"
    assert await answered("short") != "short"
    assert await answered('forged" level="error') != 'forged" level="error'
    assert (await anonymous.get("/livez")).headers["x-request-id"]


async def test_a_caller_who_hangs_up_is_no_error_of_ours(
    app: FastAPI, anonymous: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/accounts",
        "query_string": b"",
        "raw_path": b"/v1/accounts",
        "root_path": "",
        "http_version": "1.1",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"100")],
    }
    await app(scope, receive, send)

    assert sent[0]["status"] == 499
    assert "Traceback" not in capsys.readouterr().out


async def test_a_constrained_body_is_held_to_its_constraints(
    owner: FastAPI, start: Callable
) -> None:
    from fastapi import Body

    router = APIRouter(route_class=ContractRoute, dependencies=[Depends(public())])

    @router.post("/few")
    async def few(numbers: Annotated[list[int], Body(max_length=2)]) -> Thing:
        return Thing(size=len(numbers))

    owner.include_router(router)
    client = await start(owner)

    assert (await client.post("/few", json=[1, 2])).json() == {"size": 2}
    assert (await client.post("/few", json=[1, 2, 3])).status_code == 422
