"""Expenses of companies: an ordinary FastAPI application whose models declare their tables."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, Field, PlainSerializer

from lockstitch import stored_in
from lockstitch.contract.declarations import audience, declare

app = FastAPI(title="Ledger", version="1.0.0")
bearer = HTTPBearer()


class Payment(Enum):
    CARD = "card"
    TRANSFER = "transfer"
    CASH = "cash"


State = Literal["draft", "submitted", "approved"]
Tags = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)]
Currency = Annotated[str, Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
Amount = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]
Title = Annotated[str, Field(min_length=3, max_length=200)]
Count = Annotated[int, PlainSerializer(str, return_type=str)]


@stored_in("public.companies")
class Company(BaseModel):
    id: UUID
    name: str
    plan: Literal["free", "team", "enterprise"]
    created_at: AwareDatetime


@stored_in("expenses", rename={"spent": "spent_on"}, filled={"company_id"})
class ExpenseIn(BaseModel):
    title: Title
    amount: Amount
    currency: Currency = "EUR"
    paid_by: Payment = Payment.CARD
    state: State = "draft"
    spent: date
    decided_at: AwareDatetime | None = None
    travel: timedelta | None = None
    distance_metres: int | None = Field(default=None, ge=0, le=100_000_000)
    weight: float | None = Field(default=None, ge=0)
    tags: Tags = []
    details: dict[str, str] = Field(default_factory=dict)
    billable: bool = True


@stored_in("public.expenses", rename={"spent": "spent_on"})
class ExpenseChange(BaseModel):
    title: Title | None = None
    amount: Amount | None = None
    state: State | None = None
    spent: date | None = None


@stored_in("comments", filled=["expense_id", "author_id"])
class CommentIn(BaseModel):
    body: str = Field(min_length=1, max_length=2000)
    stars: Literal[1, 2, 3] | None = None


@stored_in("comments")
class Comment(BaseModel):
    id: int
    expense_id: int
    author_id: UUID
    body: str
    stars: Literal[1, 2, 3] | None
    created_at: AwareDatetime


@stored_in(
    "public.expenses",
    rename={"spent": "spent_on", "company": "companies.name"},
    computed={"overdue"},
)
class Expense(BaseModel):
    id: int
    company_id: UUID
    company: str
    submitted_by: UUID | None
    title: str
    amount: Decimal
    gross: Decimal | None
    currency: str
    paid_by: Payment
    state: State
    spent: date
    decided_at: AwareDatetime | None
    travel: timedelta | None
    distance_metres: int | None
    weight: float | None
    views: Count
    tags: list[str]
    details: dict[str, str]
    billable: bool
    created_at: AwareDatetime
    overdue: bool
    comments: list[Comment]


@stored_in("exchange_rates")
class Rate(BaseModel):
    currency: str
    rate: Decimal
    updated_at: AwareDatetime


class ExpensePage(BaseModel):
    items: list[Expense]
    next_cursor: str | None
    as_of: datetime


Credentials = Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
MEMBER = declare(audience("person", role="member", claims=["sub", "role"]))
EVERYBODY = declare(audience("public"))


@contextmanager
def acting(role: str, claims: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("select set_config('role', %s, true)", [role])
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        yield connection


@app.get("/companies", **MEMBER)
def list_companies(credentials: Credentials) -> list[Company]:
    return rows("authenticated", credentials.credentials, "select * from companies")


@app.get("/expenses", **MEMBER)
def list_expenses(credentials: Credentials) -> ExpensePage:
    items = rows("authenticated", credentials.credentials, "select * from expenses")
    return ExpensePage(items=items, next_cursor=None, as_of=datetime.now(UTC))


@app.post("/expenses", status_code=201, **MEMBER)
def submit_expense(expense: ExpenseIn, credentials: Credentials) -> Expense:
    return rows("authenticated", credentials.credentials, expense.model_dump_json())[0]


@app.patch("/expenses/{number}", **MEMBER)
def change_expense(number: int, change: ExpenseChange, credentials: Credentials) -> Expense:
    return rows("authenticated", credentials.credentials, change.model_dump_json())[number]


@app.delete("/expenses/{number}", status_code=204, **MEMBER)
def delete_expense(number: int, credentials: Credentials) -> None:
    rows("authenticated", credentials.credentials, f"delete from expenses where id = {number}")


@app.post("/expenses/{number}/comments", status_code=201, **MEMBER)
def comment(number: int, comment: CommentIn, credentials: Credentials) -> Comment:
    return rows("authenticated", credentials.credentials, comment.model_dump_json())[number]


@app.get("/rates", **EVERYBODY)
def list_rates() -> list[Rate]:
    return rows("anon", "{}", "select * from exchange_rates")


def rows(role: str, claims: str, query: str) -> Any:
    with acting(role, claims) as connection:
        return connection.execute(query.encode()).fetchall()
