"""A compiled route answers as the route class does, and as FastAPI itself where that can tell."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx2
import psycopg
import pytest
import structlog
from conftest import ORIGIN, signed_up
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, ORJSONResponse, PlainTextResponse
from generated_requests import Field, Generated, Generator
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Constraint
from same_answers import Answer, ask, differences
from starlette.routing import Host, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lockstitch import Lockstitch, LockstitchError, Model, Settings
from lockstitch.api import models as model_routes
from lockstitch.api import route as route_module
from lockstitch.api.json_body import JsonBody
from lockstitch.api.problems import answer_problem
from lockstitch.errors import ModelOverloaded, PredictionFailed
from lockstitch.identity import audience
from lockstitch.identity.keys import new_key

SEED = 20_261_122
REQUESTS = 2_500
MOST_BYTES = 2_000
COOKIE = "lockstitch-8123"
_ANOTHER_OWNER = """
insert into public.organisation_members (organisation_id, person_id, role)
select organisation_id, %s, 'owner' from public.organisation_members where person_id = %s
"""


class Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    text: str = Constraint(min_length=1, max_length=200)
    volume: float | None = Constraint(default=None, ge=0, le=1)


class Heard(BaseModel):
    text: str
    volume: float | None


class Echo(Model[Said, Heard]):
    """Says it again, unless it is told to fail."""

    store = "never"

    def predict(self, batch: list[Said]) -> list[Heard]:
        return [self._hear(said) for said in batch]  # type: ignore[misc]

    def _hear(self, said: Said) -> Heard | Exception:
        if said.text == "raise":
            raise ValueError("the secret input")
        if said.text == "refuse":
            return PredictionFailed("This is out of range. Send another.")
        if said.text == "busy":
            return ModelOverloaded("Try again in a moment.")
        if said.text == "nan":
            return Heard(text="x", volume=float("nan"))
        return Heard(text=said.text, volume=said.volume)


class Quick(Echo):
    """In the event loop."""

    executor = "event-loop"


class Kept(Echo):
    """Stored."""

    store = "always"


class Open(Quick):
    """For everybody."""

    public = True


MODELS = [Echo, Quick, Kept, Open]
NAMES = tuple(model.name for model in MODELS)
PATH = "/v1/models/echo/predictions"


class PassThrough:
    """Middleware of an owner that changes nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    # The generated requests come to 127.0.0.1 under the name of the test's server.
    return settings.model_copy(update={"allowed_hosts": ("testserver",)})


def compiled_application(settings: Settings, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    Lockstitch(app, models=MODELS, settings=settings)
    return app


def class_application(settings: Settings) -> FastAPI:
    app = compiled_application(settings)
    app.add_middleware(PassThrough)
    return app


def plain_application(settings: Settings) -> FastAPI:
    """The same endpoints on FastAPI's own routes."""
    app = FastAPI()
    for model in MODELS:
        (route,) = model_routes.mount_model(model).routes
        app.post(f"/v1/models/{model.name}/predictions")(route.endpoint)
    Lockstitch(app, models=MODELS, settings=settings)
    app.add_exception_handler(RequestValidationError, answer_problem)
    return app


def compiled_paths(app: FastAPI) -> set[str]:
    return set(app.state.lockstitch_extension.compiled_paths)


Callers = dict[str, tuple[Field, ...]]


async def callers_of(app: FastAPI, start: Callable, owner_dsn: str) -> Callers:
    """Return credentials of all kinds, in organisations that only this application uses."""
    owner, viewer, former = [await signed_up(await start(app)) for _ in range(3)]
    keys = [await _key(owner) for _ in range(3)]
    persons = [await _person_id(person) for person in (owner, viewer, former)]
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(_ANOTHER_OWNER, persons[:2])
        connection.execute(
            "update public.organisation_members set role = 'viewer' where person_id = %s",
            persons[1:2],
        )
        connection.execute(
            "update private.sessions set expires_at = now() where person_id = %s", persons[2:]
        )
        # An error names the organisation.
        connection.execute("update public.organisations set name = 'Alder'")
        # There is one scope, and no key without any: this one stands for a key with another.
        connection.execute(
            "alter table public.api_keys drop constraint if exists api_keys_scopes_check"
        )
        connection.execute(
            "update public.api_keys set scopes = '{}' where id = %s", [keys[1]["id"]]
        )
    await owner.delete(f"/v1/api-keys/{keys[2]['id']}")
    key = keys[0]["key"].encode()
    return {
        "key": (_bearer(key),),
        "session": _cookie(owner),
        "nobody": (),
        "unscoped key": (_bearer(keys[1]["key"].encode()),),
        "revoked key": (_bearer(keys[2]["key"].encode()),),
        "unknown key": (_bearer(new_key().encode()),),
        "no key": (_bearer(b"lsk_nonsense"),),
        "another scheme": ((b"authorization", b"Basic " + key),),
        "spaces": ((b"authorization", b"bearer   " + key),),
        "two keys": (_bearer(key), _bearer(b"lsk_nonsense")),
        "a session and no key": (*_cookie(owner), _bearer(b"lsk_nonsense")),
        "viewer": _cookie(viewer),
        "expired session": _cookie(former),
        "no session": ((b"cookie", f"{COOKIE}=nonsense".encode()),),
    }


async def _person_id(client: httpx2.AsyncClient) -> str:
    return str((await client.get("/v1/sessions/current")).json()["person"]["id"])


async def _key(owner: httpx2.AsyncClient) -> dict[str, Any]:
    made = await owner.post("/v1/api-keys", json={"name": "robot", "scopes": ["predict"]})
    assert made.status_code == 201, made.text
    return dict(made.json())


def _bearer(key: bytes) -> Field:
    return (b"authorization", b"Bearer " + key)


def _cookie(client: httpx2.AsyncClient) -> tuple[Field, ...]:
    return ((b"cookie", f"{COOKIE}={client.cookies[COOKIE]}".encode()),)


@pytest.fixture
async def both(
    settings: Settings, start: Callable, owner_dsn: str
) -> list[tuple[FastAPI, Callers]]:
    """A compiled application and one that goes through FastAPI and the route class."""
    apps = (compiled_application(settings), class_application(settings))
    found = [(app, await callers_of(app, start, owner_dsn)) for app in apps]
    (compiled, callers), (by_class, _) = found
    assert compiled_paths(compiled) == {f"/v1/models/{name}/predictions" for name in NAMES}
    assert compiled_paths(by_class) == set()
    assert len(callers) == 14
    return found


def drawn(callers: Callers, count: int) -> list[Generated]:
    generator = Generator(SEED, NAMES, tuple(callers))
    return [generator.draw() for _ in range(count)]


async def compared(
    both: list[tuple[FastAPI, Callers]],
    requests: list[Generated],
    plant: Callable[[], Any] | None = None,
) -> list[tuple[Generated, Answer | None, Answer | None]]:
    """Ask both the same in the same order; a fault is planted while the first one answers."""
    (first, callers), (second, others) = both
    answers = []
    with structlog.testing.capture_logs():
        for request in requests:
            with plant() if plant else _nothing():
                one = await ask(first, request, callers[request.caller])
            answers.append((request, one, await ask(second, request, others[request.caller])))
    return answers


@contextmanager
def _nothing() -> Iterator[None]:
    yield


async def test_compiled_routes_and_the_route_class_answer_alike(
    both: list[tuple[FastAPI, Callers]],
) -> None:
    answers = await compared(both, drawn(both[0][1], REQUESTS))

    assert differences(answers) == []
    # What was drawn reaches every kind of answer: a comparison of refusals alone says little.
    statuses = [one.status for _, one, _ in answers if one is not None]
    assert statuses.count(200) > REQUESTS / 10
    assert {200, 307, 400, 401, 403, 404, 405, 413, 415, 422, 499, 500, 503} <= set(statuses)
    assert any(one and (b"idempotency-replayed", b"true") in one.headers for _, one, _ in answers)


def fastapi_can_tell(request: Generated) -> bool:
    """Whether FastAPI's own route is meant to answer a request as ours does.

    It knows no Idempotency-Key, no 415, no limit of the body and no 400 for what is no JSON; it
    reads the body before it asks who calls, and accepts what JSON does not allow.
    """
    media_types = [value for name, value in request.headers if name == b"content-type"]
    if request.method != "POST" or request.disconnects or media_types != [b"application/json"]:
        return False
    names = {name for name, _ in request.headers}
    if b"idempotency-key" in names or any(
        name == b"content-length" and value != b"%d" % len(request.body)
        for name, value in request.headers
    ):
        return False
    try:
        document = json.loads(request.body, parse_constant=_refuse)
    except ValueError:
        return False
    lenient = any(mark in request.body for mark in (b"1e999", b"ud800", b"u0000", b"\xef\xbb\xbf"))
    return isinstance(document, dict) and not lenient and len(request.body) < MOST_BYTES


def _refuse(constant: str) -> None:
    raise ValueError(constant)


async def test_fastapis_own_route_answers_like_a_compiled_one_where_it_can(
    settings: Settings, start: Callable, owner_dsn: str
) -> None:
    apps = (compiled_application(settings), plain_application(settings))
    found = [(app, await callers_of(app, start, owner_dsn)) for app in apps]
    assert compiled_paths(apps[1]) == set()
    requests = [one for one in drawn(found[0][1], REQUESTS) if fastapi_can_tell(one)]

    answers = await compared(found, requests)

    assert len(requests) > REQUESTS / 10
    assert differences(answers) == []
    assert {200, 401, 403, 422, 500, 503} <= {one.status for _, one, _ in answers if one}


@contextmanager
def planted(place: Any, name: str, value: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, value)
        yield


def no_check_of_origins() -> Any:
    return planted(audience, "refuse_foreign_write", lambda *_: None)


def a_lax_reader() -> Any:
    def lax(self: JsonBody, body: bytes) -> Any:
        return self._adapter.validate_json(body)

    return planted(JsonBody, "validate", lax)


def no_check_of_the_media_type() -> Any:
    async def read(self: JsonBody, request: Request, limit_bytes: int, _: float) -> bytes:
        return await request.body()

    return planted(JsonBody, "read", read)


def no_idempotency() -> Any:
    return planted(route_module, "read_key", lambda _: None)


def another_answer_to_errors() -> Any:
    return planted(
        route_module, "problem_response", lambda *_: PlainTextResponse("wrong", status_code=400)
    )


async def test_the_comparison_sees_each_planted_difference(
    both: list[tuple[FastAPI, Callers]],
) -> None:
    requests = drawn(both[0][1], 300)
    for plant in (
        no_check_of_origins,
        a_lax_reader,
        no_check_of_the_media_type,
        no_idempotency,
        another_answer_to_errors,
    ):
        # Each in a part of its own, so that no answer is a repetition of an earlier part's.
        assert differences(await compared(both, _renamed(requests, plant.__name__), plant)), plant


def _renamed(requests: list[Generated], part: str) -> list[Generated]:
    """Return requests whose idempotency keys nobody has used before."""
    return [
        replace(
            request,
            headers=tuple(
                (name, value + part.encode() if value.startswith(b"key-") else value)
                for name, value in request.headers
            ),
        )
        for request in requests
    ]


def middleware(app: FastAPI) -> None:
    class Refuse(PassThrough):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await PlainTextResponse("closed", 418)(scope, receive, send)
            else:
                await self._app(scope, receive, send)

    app.add_middleware(Refuse)


def decorated_middleware(app: FastAPI) -> None:
    @app.middleware("http")
    async def refuse(request: Request, call_next: Any) -> PlainTextResponse:
        return PlainTextResponse("closed", 418)


def handler_of_ours(app: FastAPI) -> None:
    @app.exception_handler(LockstitchError)
    async def handle(request: Request, error: LockstitchError) -> JSONResponse:
        return JSONResponse({"mine": True}, 418)


def handler_of_everything(app: FastAPI) -> None:
    @app.exception_handler(Exception)
    async def handle(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"mine": True}, 418)


def own_route(app: FastAPI) -> None:
    app.router.routes.insert(
        0, Route(PATH, lambda _: PlainTextResponse("mine", 418), methods=["POST"])
    )


def own_pattern(app: FastAPI) -> None:
    async def mine(request: Request) -> PlainTextResponse:
        return PlainTextResponse("mine", 418)

    app.router.routes.insert(0, Route("/v1/models/{name}/predictions", mine, methods=["POST"]))


def mounted(app: FastAPI) -> None:
    app.router.routes.insert(0, Mount("/v1/models", app=PlainTextResponse("mine", 418)))


def host(app: FastAPI) -> None:
    app.router.routes.insert(0, Host("testserver", app=PlainTextResponse("mine", 418)))


def stack_builder(app: FastAPI) -> None:
    app.build_middleware_stack = lambda: PlainTextResponse("mine", 418)  # type: ignore[method-assign]


def own_router(app: FastAPI) -> None:
    class Closed(APIRouter):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("mine", 418)(scope, receive, send)

    app.router.__class__ = Closed


def middleware_of_the_router(app: FastAPI) -> None:
    app.router.middleware_stack = PlainTextResponse("mine", 418)


Guard = Callable[[FastAPI], None]


@pytest.mark.parametrize(
    ("guard", "reason"),
    [
        (middleware, "middleware applies: test_compiled_routes.middleware.<locals>.Refuse"),
        (decorated_middleware, "middleware applies: starlette.middleware.base.BaseHTTP"),
        (handler_of_ours, "exception handlers of its own: LockstitchError"),
        (own_route, f"another route may answer first: {PATH}"),
        (own_pattern, "another route may answer first: /v1/models/{name}/predictions"),
        (mounted, "another route may answer first: /v1/models"),
        (host, "another route may answer first: (starlette.routing.Host)"),
        (middleware_of_the_router, "the application's router has middleware of its own"),
        (own_router, "the application's router is test_compiled_routes.own_router"),
    ],
)
async def test_an_owners_guard_is_kept_and_named(
    settings: Settings, start: Callable, guard: Guard, reason: str
) -> None:
    app = compiled_application(settings)
    guard(app)

    with structlog.testing.capture_logs() as lines:
        client = await start(app)
    answer = await client.post(PATH, json={"text": "raise"})

    assert PATH not in compiled_paths(app)
    assert answer.status_code == 418
    reasons = [line["reason"] for line in lines if line["event"] == "route not compiled"]
    assert any(reason in one for one in reasons)


async def test_a_handler_of_all_errors_leaves_nothing_compiled(
    settings: Settings, start: Callable
) -> None:
    app = compiled_application(settings)
    handler_of_everything(app)
    with structlog.testing.capture_logs() as lines:
        await start(app)

    assert compiled_paths(app) == set()
    assert any("handlers of its own: Exception" in line.get("reason", "") for line in lines)


async def test_another_builder_of_the_middleware_is_kept(
    settings: Settings, start: Callable
) -> None:
    app = FastAPI()
    stack_builder(app)
    Lockstitch(app, models=MODELS, settings=settings)
    client = await start(app)

    assert compiled_paths(app) == set()
    assert (await client.post(PATH, json={"text": "hello"})).status_code == 418


async def refuse() -> None:
    raise HTTPException(418, "closed")


async def test_a_dependency_of_the_whole_application_is_kept(
    settings: Settings, start: Callable
) -> None:
    app = compiled_application(settings, dependencies=[Depends(refuse)])
    with structlog.testing.capture_logs() as lines:
        client = await start(app)

    assert compiled_paths(app) == set()
    assert (await client.post(PATH, json={"text": "hello"})).status_code == 418
    assert any("dependencies apply: " in line.get("reason", "") for line in lines)


async def test_a_limit_of_bodies_is_kept(settings: Settings, start: Callable) -> None:
    app = compiled_application(settings, max_body_size=10)
    client = await start(app)

    assert compiled_paths(app) == set()
    assert (await client.post(PATH, json={"text": "hello " * 5})).status_code == 413


async def test_a_dependency_that_is_overridden_later_is_asked(
    settings: Settings, start: Callable
) -> None:
    app = compiled_application(settings)
    client = await start(app)
    assert PATH in compiled_paths(app)
    before = await client.post(PATH, json={"text": "hello"})
    (route,) = model_routes.mount_model(Echo).routes
    wanted = route.dependant.dependencies[0].call

    app.dependency_overrides[wanted] = refuse
    during = await client.post(PATH, json={"text": "hello"})
    app.dependency_overrides.clear()
    after = await client.post(PATH, json={"text": "hello"})

    assert [answer.status_code for answer in (before, during, after)] == [401, 418, 401]


async def test_what_does_not_stand_between_leaves_routes_compiled(
    settings: Settings, start: Callable
) -> None:
    app = compiled_application(settings, default_response_class=ORJSONResponse)

    @app.post("/mine", dependencies=[Depends(refuse)])
    async def mine() -> None: ...

    app.router.routes.insert(0, Mount("/files", app=PlainTextResponse("files")))
    app.mount("/v2", FastAPI())
    with structlog.testing.capture_logs() as lines:
        await start(app)

    assert {line["path"] for line in lines if line["event"] == "route compiled"} == {
        f"/v1/models/{name}/predictions" for name in NAMES
    }


async def test_below_another_application_it_answers_at_its_place(
    settings: Settings, start: Callable
) -> None:
    app = compiled_application(settings)
    await start(app)
    outer = FastAPI()
    outer.mount("/below", app)
    transport = httpx2.ASGITransport(outer)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer = await client.post("/below/v1/models/open/predictions", json={"text": "hello"})
        missing = await client.post("/v1/models/open/predictions", json={"text": "hello"})

    assert answer.status_code == 200
    assert missing.status_code == 404
