"""A service with every way in which an operation can take and answer something."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, File, Form, Header, HTTPException, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.responses import StreamingResponse

from lockstitch.contract.declarations import (
    batch_twin,
    declare,
    fresh,
    idempotent,
    invalidates,
    pages,
    resumable_stream,
    selectable,
)

PAGE = 2
EPOCH = datetime(2026, 1, 31, 12, 30, 15, 250_000, tzinfo=UTC)


class Problem(BaseModel):
    type: str
    title: str
    status: int


class Conflict(Problem):
    existing_name: str


class Model(BaseModel):
    model_name: str
    created_at: AwareDatetime
    released_on: date | None = None
    best_score: float | None
    label_names: dict[str, str]


class NewModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model_name: str
    created_at: AwareDatetime
    parent_model: str | None = None


class ModelPage(BaseModel):
    items: list[Model]
    next_cursor: str | None


class Question(BaseModel):
    input_text: str


class Answer(BaseModel):
    output_label: str
    batch_size: int


class Questions(BaseModel):
    items: list[Question]


class Answers(BaseModel):
    items: list[Answer]


class Seen(BaseModel):
    """What arrived, under the names that it had on the wire."""

    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    path: str = ""
    form: dict[str, list[str]] = {}


class Upload(BaseModel):
    file_name: str
    size_bytes: int
    row_count: int
    taken_at: AwareDatetime
    tag_names: list[str]


class Tick(BaseModel):
    tick_count: int
    ticked_at: AwareDatetime


class Started(BaseModel):
    stream: str
    position: str
    type: Literal["started"]
    data: Tick


class ProgressMade(BaseModel):
    done_share: float


class Progress(BaseModel):
    stream: str
    position: str
    type: Literal["progress"]
    data: ProgressMade


class BrokenConnection(Exception):
    """Nothing answers any more."""


app = FastAPI(title="Model service")
app.state.calls = []
app.state.down = False
app.state.breaks = []
Problems = {404: {"model": Problem}, 409: {"model": Conflict}}


def _model(number: int) -> Model:
    return Model(
        model_name=f"model-{number}",
        created_at=EPOCH,
        best_score=None if number % 2 else 0.5,
        label_names={"snake_key": "kept", "0": "negative"},
    )


@app.exception_handler(HTTPException)
async def answer_problem(request: Request, error: HTTPException) -> Response:
    del request
    body = {"type": "urn:problem", "title": str(error.detail), "status": error.status_code}
    return JSONResponse({**body, "existing_name": "first"}, error.status_code)


@app.middleware("http")
async def count(request: Request, call_next: Any) -> Response:
    app.state.calls.append(f"{request.method} {request.url.path}")
    response: Response = await call_next(request)
    return response


@app.get("/models", **declare(pages(), selectable(), fresh(seconds=30, stale_on_error_seconds=60)))
async def list_models(
    cursor: str | None = None,
    fields: str | None = None,
    created_after: AwareDatetime | None = None,
    tag_names: Annotated[list[str] | None, Query()] = None,
) -> ModelPage:
    """List the models, newest first."""
    del created_after, tag_names
    if app.state.down:
        raise HTTPException(503, "Down for the test")
    start = int(cursor or 0)
    page = ModelPage(
        items=[_model(start + place) for place in range(PAGE)],
        next_cursor=str(start + PAGE) if start < 2 * PAGE else None,
    )
    if not fields:
        return page
    chosen = {"items": {"__all__": set(fields.split(","))}, "next_cursor": True}
    return JSONResponse(page.model_dump(mode="json", include=chosen))  # type: ignore[return-value]


@app.get("/models/{model_name}", responses={404: Problems[404]})
async def read_model(model_name: str, x_trace_id: Annotated[str | None, Header()] = None) -> Model:
    if model_name == "broken":
        return HTMLResponse("<h1>Internal Server Error</h1>", 500)  # type: ignore[return-value]
    if model_name == "absent":
        raise HTTPException(404, "There is no such model")
    return _model(1).model_copy(update={"label_names": {"name": model_name, "x": x_trace_id or ""}})


@app.post(
    "/models",
    status_code=201,
    responses={409: Problems[409]},
    **declare(invalidates("list_models"), idempotent()),
)
async def create_model(body: NewModel, request: Request) -> Model:
    if body.model_name == "taken":
        raise HTTPException(409, "The name is taken")
    name = {"key": request.headers["idempotency-key"], "created": str(body.created_at)}
    return _model(2).model_copy(update={"created_at": body.created_at, "label_names": name})


@app.delete("/models/{model_name}", status_code=204, **declare(invalidates("list_models")))
async def delete_model(model_name: str) -> None:
    del model_name


@app.post("/answers", **declare(batch_twin("answer_many", limit=10)))
async def answer(body: Question) -> Answer:
    return Answer(output_label=body.input_text.upper(), batch_size=1)


@app.post("/answers:batch")
async def answer_many(body: Questions) -> Answers:
    size = len(body.items)
    return Answers(
        items=[Answer(output_label=one.input_text.upper(), batch_size=size) for one in body.items]
    )


@app.get("/seen/{some_id}/{when}")
async def see(
    some_id: str,
    when: date,
    created_after: AwareDatetime,
    tag_names: Annotated[list[str], Query()],
    request: Request,
    x_trace_id: Annotated[str, Header()],
    page_size: int = 10,
) -> Seen:
    del some_id, when, created_after, tag_names, x_trace_id, page_size
    return Seen(
        query=request.query_params.multi_items(),
        headers={"x-trace-id": request.headers["x-trace-id"]},
        path=str(request.scope["raw_path"], "ascii"),
    )


@app.post("/uploads")
async def upload(
    data_file: Annotated[UploadFile, File()],
    row_count: Annotated[int, Form()],
    taken_at: Annotated[AwareDatetime, Form()],
    tag_names: Annotated[list[str], Form()],
) -> Upload:
    content = await data_file.read()
    return Upload(
        file_name=data_file.filename or "",
        size_bytes=len(content),
        row_count=row_count,
        taken_at=taken_at,
        tag_names=tag_names,
    )


@app.post("/forms")
async def fill_in(
    first_name: Annotated[str, Form()], born_on: Annotated[date, Form()], request: Request
) -> Seen:
    del first_name, born_on
    form = await request.form()
    return Seen(form={name: [str(one) for one in form.getlist(name)] for name in form})


@app.post("/down/{is_down}")
async def go_down(is_down: bool) -> None:
    app.state.down = is_down


@app.get("/calls")
async def list_calls() -> list[str]:
    return [one for one in app.state.calls if not one.endswith("/calls")]


@app.get("/note", response_class=PlainTextResponse)
async def read_note() -> str:
    return "snake_case stays"


@app.get(
    "/bytes",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def read_bytes() -> Response:
    return Response(bytes(range(256)), media_type="application/octet-stream")


@app.get("/ticks", response_class=EventSourceResponse)
async def watch_ticks() -> AsyncIterable[Tick]:
    for number in range(3):
        yield Tick(tick_count=number, ticked_at=EPOCH)


@app.get("/raw", response_class=EventSourceResponse)
async def watch_raw() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(data={"snake_key": 1}, event="named")
    yield ServerSentEvent(raw_data="no JSON")


@app.get("/numbers", response_class=EventSourceResponse)
async def watch_numbers(
    last_event_id: Annotated[int, Header()] = 0,
) -> AsyncIterable[ServerSentEvent]:
    """Count to five; the connection breaks after each second number."""
    for number in range(last_event_id + 1, 6):
        yield ServerSentEvent(data=number, id=str(number), retry=20)
        if number % 2 == 0:
            app.state.breaks.append(number)
            # What is on its way leaves first.
            await asyncio.sleep(0.05)
            raise BrokenConnection


@app.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    **declare(
        resumable_stream(),
        responses={
            "200": {
                "description": "The events of the job.",
                "content": {
                    "text/event-stream": {
                        "itemSchema": {
                            "type": "object",
                            "properties": {
                                "data": {
                                    "type": "string",
                                    "contentMediaType": "application/json",
                                    "contentSchema": {
                                        "oneOf": [
                                            {"$ref": "#/components/schemas/Started"},
                                            {"$ref": "#/components/schemas/Progress"},
                                        ]
                                    },
                                }
                            },
                        }
                    }
                },
            }
        },
    ),
)
async def watch_job(job_id: str, request: Request) -> StreamingResponse:
    """Cut after the first two events, and go on where the reader was."""
    last = request.headers.get("last-event-id", "e:0")
    return StreamingResponse(_job_events(job_id, int(last[2:])), media_type="text/event-stream")


async def _job_events(job_id: str, after: int) -> AsyncIterator[str]:
    tick = Tick(tick_count=1, ticked_at=EPOCH)
    frames: list[Started | Progress] = [
        Started(stream=job_id, position="e:1", type="started", data=tick),
        Progress(stream=job_id, position="e:2", type="progress", data=ProgressMade(done_share=0.5)),
        Progress(stream=job_id, position="e:3", type="progress", data=ProgressMade(done_share=1)),
    ]
    for number, frame in enumerate(frames, 1):
        if number <= after:
            continue
        yield f"id: {frame.position}\nevent: event\ndata: {frame.model_dump_json()}\n\n"
        if number == 2 and after == 0:
            return
    yield 'event: end\ndata: {"count": 3, "checksum": "c"}\n\n'


# The exporter must meet the two, to which the events refer, somewhere.
@app.get("/frames")
async def list_frames() -> list[Started | Progress]:
    return []
