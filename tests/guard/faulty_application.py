"""A small library service with faults that can be mended one at a time.

FAULTS says by which rule each fault must be found, and where. The variable LIBRARY_FAULTS names the
faults that `app` has, with commas between; all of them when it is not set.
"""

import os
from collections.abc import AsyncIterable
from datetime import UTC, datetime
from itertools import count
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FAULTS = {
    "division-by-zero": ("server-error", "GET /pace"),
    "undocumented-conflict": ("undocumented-status", "POST /reservations/{book_id}"),
    "missing-member": ("response-schema", "GET /shelves/{name}"),
    "naive-date-time": ("response-format", "GET /latest"),
    "plain-text": ("response-media-type", "GET /inventory"),
    "missing-header": ("response-header", "GET /visitors"),
    "open-door": ("security-not-enforced", "GET /fines"),
    "untrue-problem": ("problem-shape", "GET /rooms/{number}"),
    "stack-trace": ("internals-shown", "GET /scanner"),
    "wrong-event": ("event-schema", "GET /tour"),
    "long-title": ("refused-request-accepted", "POST /books"),
    "deleted-stays": ("deleted-resource-remains", "GET /books/{book_id}"),
    "forgotten-change": ("written-value-lost", "GET /desks/{number}"),
}
TOKEN = "library-card"
PROBLEM = "application/problem+json"


class NewBook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=40)
    pages: int = Field(ge=1, le=5000)
    language: Literal["en", "de", "fr"] = "en"


class LaxBook(NewBook):
    title: str


class Book(NewBook):
    title: str
    id: UUID
    added_at: AwareDatetime


class BookList(BaseModel):
    items: list[Book]
    total: int


class Pace(BaseModel):
    pages_a_day: float


class Shelf(BaseModel):
    name: str
    books: int
    curator: str


class Desk(BaseModel):
    seats: int = Field(ge=0, le=12)


class Step(BaseModel):
    number: int
    note: str


class Problem(BaseModel):
    type: str
    title: str
    status: int
    detail: str


def faults_of(environment: dict[str, str]) -> frozenset[str]:
    named = environment.get("LIBRARY_FAULTS")
    return frozenset(FAULTS) if named is None else frozenset(filter(None, named.split(",")))


def problem(
    status: int, title: str, detail: str, members: dict[str, Any] | None = None
) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body | (members or {}), status, media_type=PROBLEM)


def library(faults: frozenset[str]) -> FastAPI:
    """Return the service with these faults."""
    app = FastAPI(title="Library", generate_unique_id_function=lambda route: route.name)
    _books(app, faults)
    _desk(app, faults)
    return app


def documented(status: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": "A problem.", "content": {PROBLEM: {"schema": schema}}}}


def _books(app: FastAPI, faults: frozenset[str]) -> None:
    shelf: dict[UUID, Book] = {}
    gone: set[UUID] = set()
    taken = LaxBook if "long-title" in faults else NewBook
    contract_of_body = {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewBook"}}},
        }
    }

    @app.post("/books", status_code=201, responses=documented(503), openapi_extra=contract_of_body)
    def add_book(body: taken) -> Book:  # type: ignore[valid-type]
        found = Book.model_construct(**body.model_dump(), id=uuid4(), added_at=datetime.now(UTC))  # type: ignore[attr-defined]
        shelf[found.id] = found
        return found

    @app.get("/books")
    def list_books(response: Response, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> BookList:
        books = [book for id_, book in shelf.items() if id_ not in gone]
        return BookList(items=books[:limit], total=len(books))

    @app.get("/books/{book_id}", responses=documented(404))
    def read_book(book_id: UUID) -> Book:
        if book_id not in shelf or (book_id in gone and "deleted-stays" not in faults):
            return problem(404, "Not found", "There is no such book.")  # type: ignore[return-value]
        return shelf[book_id]

    @app.delete("/books/{book_id}", status_code=204, responses=documented(404))
    def delete_book(book_id: UUID) -> None:
        if book_id not in shelf or book_id in gone:
            return problem(404, "Not found", "There is no such book.")  # type: ignore[return-value]
        gone.add(book_id)
        return None

    @app.get("/pace")
    def pace(pages: Annotated[int, Query(ge=0)], days: Annotated[int, Query(ge=0, le=60)]) -> Pace:
        divisor = days if "division-by-zero" in faults else max(days, 1)
        return Pace(pages_a_day=pages / divisor)

    @app.post("/reservations/{book_id}", status_code=201)
    def reserve(book_id: UUID, weeks: Annotated[int, Query(ge=1, le=8)] = 1) -> Step:
        if weeks > 4 and "undocumented-conflict" in faults:
            raise HTTPException(409, "Reserved by somebody else")
        return Step(number=weeks, note=str(book_id))

    _add_schema(app, NewBook, Problem)


def _desk(app: FastAPI, faults: frozenset[str]) -> None:  # noqa: C901 - many small routes
    bearer = HTTPBearer(auto_error=False)
    numbers = count(1)

    def holder(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
        if credentials is None or credentials.credentials != TOKEN:
            raise HTTPException(401, "A library card is needed", {"WWW-Authenticate": "Bearer"})
        return "holder"

    def anybody(credentials: Annotated[object, Depends(bearer)]) -> str:
        return "anybody"

    @app.get("/shelves/{name}")
    def read_shelf(name: Literal["poetry", "maps"]) -> Shelf:
        whole = {"name": name, "books": 3, "curator": "Ada"}
        if name == "maps" and "missing-member" in faults:
            del whole["curator"]
        return JSONResponse(whole)  # type: ignore[return-value]

    @app.get("/latest", response_model=Book)
    def latest() -> Any:
        moment = "2026-03-01T09:30:00" + ("" if "naive-date-time" in faults else "Z")
        book = {"id": str(uuid4()), "title": "T", "pages": 3, "language": "en", "added_at": moment}
        return JSONResponse(book)

    @app.get("/motto", response_class=PlainTextResponse)
    def motto() -> str:
        return "Read."

    @app.get("/inventory")
    def inventory() -> Step:
        if "plain-text" in faults:
            return PlainTextResponse("12 books")  # type: ignore[return-value]
        return Step(number=12, note="books")

    counted = {"X-Total-Count": {"required": True, "schema": {"type": "integer"}}}

    @app.get("/visitors", responses={200: {"headers": counted}})
    def visitors(response: Response) -> Step:
        if "missing-header" not in faults:
            response.headers["X-Total-Count"] = "7"
        return Step(number=7, note="today")

    @app.get("/fines", dependencies=[Depends(anybody if "open-door" in faults else holder)])
    def fines() -> Step:
        return Step(number=next(numbers), note="cents")

    @app.get("/loans", dependencies=[Depends(holder)])
    def loans() -> Step:
        return Step(number=1, note="book")

    @app.get("/rooms/{number}", responses=documented(404))
    def room(number: int) -> Step:
        members = {"status": 200} if "untrue-problem" in faults else {}
        return problem(404, "Not found", "There is no such room.", members)  # type: ignore[return-value]

    @app.get("/scanner", responses=documented(503))
    def scanner() -> Step:
        trace = 'Traceback (most recent call last):\n  File "scanner.py", line 3, in read'
        detail = trace if "stack-trace" in faults else "The scanner is being repaired."
        return problem(503, "Unavailable", detail)  # type: ignore[return-value]

    desks = {1: Desk(seats=4)}

    @app.get("/desks/{number}", responses=documented(404))
    def read_desk(number: int) -> Desk:
        return desks.get(number) or problem(404, "Not found", "There is no such desk.")  # type: ignore[return-value]

    @app.put("/desks/{number}")
    def change_desk(number: Annotated[int, Path(ge=1, le=9)], body: Desk) -> Desk:
        if "forgotten-change" not in faults or number not in desks:
            desks[number] = body
        return body

    @app.get("/tour", response_class=EventSourceResponse)
    async def tour() -> AsyncIterable[Step]:
        yield Step(number=1, note="The hall")
        if "wrong-event" in faults:
            yield ServerSentEvent(data={"number": "two", "note": "The attic"})  # type: ignore[misc]


def _add_schema(app: FastAPI, *models: type[BaseModel]) -> None:
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        schemas = document["components"]["schemas"]
        for model in models:
            schemas[model.__name__] = model.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
        return document

    app.openapi = openapi  # type: ignore[method-assign]


app = library(faults_of(dict(os.environ)))
