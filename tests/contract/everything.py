"""An application whose contract holds every construct that a Pydantic model can export."""

from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NaiveDatetime,
    StringConstraints,
)


class Stage(Enum):
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class Priority(IntEnum):
    LOW = 1
    HIGH = 10


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inner_score: Annotated[float, Field(ge=0, le=1)]
    seen_at: AwareDatetime | None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AwareDatetime] = Field(init=False)

    known_name: str


class Classification(BaseModel):
    kind: Literal["classification"]
    top_label: str
    judged_at: AwareDatetime | None = None


class Regression(BaseModel):
    kind: Literal["regression"]
    predicted_value: float
    lower_bound: float | None


class Generation(BaseModel):
    kind: Literal["generation", "completion"]
    generated_text: str
    token_times: list[AwareDatetime | None]


class Circle(BaseModel):
    model_config = ConfigDict(extra="forbid")

    radius_cm: Annotated[float, Field(gt=0, lt=1000)]


class Square(BaseModel):
    model_config = ConfigDict(extra="forbid")

    side_cm: Annotated[float, Field(gt=0)]
    drawn_at: AwareDatetime | None = None


class Layer(BaseModel):
    layer_name: str
    created_at: AwareDatetime
    child_layers: "list[Layer]" = Field(default_factory=list)
    layers_by_key: "dict[str, Layer] | None" = None


def _distinct(values: list[int]) -> list[int]:
    if len(set(values)) < len(values):
        raise ValueError("not distinct")
    return values


Result = Annotated[Classification | Regression | Generation, Field(discriminator="kind")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-\d{2,4}$")]


class Everything(BaseModel):
    """All constructs at once.

    The names are those of the wire; TypeScript has them in camelCase.
    """

    plain_text: str
    short_text: Annotated[str, StringConstraints(min_length=1, max_length=5)]
    product_code: Code
    whole_number: Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
    bounded_integer: Annotated[int, Field(ge=0, lt=100)]
    stepped_integer: Annotated[int, Field(multiple_of=5, ge=-1000, le=1000)]
    any_float: Annotated[float, Field(allow_inf_nan=False)]
    unit_interval: Annotated[float, Field(ge=0, le=1)]
    is_active: bool
    always_null: None
    stage: Stage
    priority: Priority
    schema_version: Literal[3]
    mixed_literal: Literal["auto", 0, True]
    item_id: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime | None
    deleted_at: AwareDatetime | None = None
    naive_at: NaiveDatetime | None = None
    birth_date: date
    daily_time: time
    time_to_live: timedelta
    unit_price: Decimal
    nullable_text: str | None
    optional_number: int | None = None
    default_text: str = "default"
    text_list: list[str]
    bounded_list: Annotated[list[int], Field(min_length=1, max_length=3)]
    distinct_list: Annotated[
        list[int],
        AfterValidator(_distinct),
        Field(json_schema_extra={"uniqueItems": True}),
    ]
    text_set: set[str]
    date_list: list[AwareDatetime]
    nested_list: list[list[Closed]]
    fixed_tuple: tuple[str, int, AwareDatetime]
    free_map: dict[str, Any]
    number_map: dict[str, float]
    date_map: dict[str, AwareDatetime | None]
    model_map: dict[str, list[Closed]]
    limited_map: Annotated[dict[str, int], Field(max_length=2)]
    code_map: dict[Code, int]
    stage_map: dict[Stage, int]
    closed: Closed
    nullable_closed: Closed | None
    open: Open
    result: Result
    nullable_result: Result | None
    result_list: list[Result]
    scalar_union: int | bool | str
    list_or_map: list[int] | dict[str, AwareDatetime]
    shape: Circle | Square
    date_or_number: AwareDatetime | int
    layer_tree: Layer
    json_value: JsonValue
    constructor: str
    class_: str
    to_string: Annotated[str | None, Field(alias="toString")] = None


application = FastAPI(title="Everything")


@application.post("/echo", operation_id="echo")
async def echo(body: Everything) -> Everything:
    return body
