"""A shop that sells items: every change in the `.diff` files of this folder is one of it."""

# Changed programs use the imports that this one does not, and `id` is what a path often says.
# ruff: noqa: A002, F401

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union
from uuid import UUID

from annotated_types import Ge, Le, Len
from fastapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Path,
    Query,
    Response,
    UploadFile,
)
from fastapi.security import APIKeyHeader
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    computed_field,
    conint,
    constr,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

app = FastAPI(title="Shop", version="1.0.0")
T = TypeVar("T")


class Status(str, Enum):  # noqa: UP042 - one change makes it a StrEnum
    DRAFT = "draft"
    OPEN = "open"
    SOLD = "sold"


class Seller(BaseModel):
    id: UUID
    name: str
    rating: float | None = None


class NewItem(BaseModel):
    title: str = Field(min_length=3, max_length=80)
    price: float = Field(gt=0, le=10_000)
    quantity: int = Field(ge=1, le=100, multiple_of=1)
    sku: str = Field(pattern="^[A-Z]{3}$")
    kind: Literal["new", "used"]
    colours: list[str] = Field(default=[], max_length=5)
    unique_words: set[str] = set()
    note: str | None = None
    available_from: date | None = None
    extra: dict[str, int] = {}


class Item(BaseModel):
    id: int = Field(ge=1)
    title: str
    price: float
    status: Status
    kind: Literal["new", "used"]
    seller: Seller
    created_at: datetime
    note: str | None = None
    code: int | str
    words: list[str] = []
    parts: "list[Item]" = []
    extra: dict[str, Any] = {}


class ItemPage(BaseModel):
    items: list[Item]
    next_cursor: str | None = None


class Card(BaseModel):
    method: Literal["card"]
    number: str


class Transfer(BaseModel):
    method: Literal["transfer"]
    iban: str


class Order(BaseModel):
    payment: Annotated[Card | Transfer, Field(discriminator="method")]
    comment: str = ""


class Receipt(BaseModel):
    payment: Annotated[Card | Transfer, Field(discriminator="method")]
    total: float


class Point(BaseModel):
    x: float
    y: float


class Names(RootModel[list[str]]):
    pass


@app.get("/items")
def list_items(
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    status: Status | None = None,
    tag: Annotated[list[str] | None, Query()] = None,
) -> ItemPage:
    return ItemPage(items=[])


@app.get("/search")
def search(query: str, fuzzy: bool, x_region: Annotated[str, Header()]) -> list[Item]:
    return []


@app.post("/items", status_code=201)
def create_item(item: NewItem) -> Item:
    raise NotImplementedError


@app.get("/items/{id}")
def read_item(id: int) -> Item:
    raise NotImplementedError


@app.post("/items/{id}/orders")
def order_item(id: int, order: Order) -> Receipt:
    raise NotImplementedError


@app.get("/names")
def names() -> list[str]:
    return []


@app.post("/points")
def move(point: Point) -> Point:
    return point


@app.post("/pictures")
def send_picture(picture: UploadFile, caption: Annotated[str, Form()]) -> None:
    return None
