# ruff: noqa: D101, D103 - the classes are the contract, and their names say what they are.
"""A service whose contract is hard to decode truthfully.

Nullable dates inside a tagged union, dictionaries of dates and of mixed scalars, recursion, bounds,
identifiers, and problems per status: each of these is where some generator delivers another value
than the type that it declares.
"""

from datetime import datetime
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, Field

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Stage(Enum):
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class ModelVersion(BaseModel):
    version_id: UUID
    model_name: Annotated[str, Field(min_length=1, max_length=200)]
    stage: Stage
    trained_at: datetime


class LabelShare(BaseModel):
    label_text: str
    label_share: Share


class Classified(BaseModel):
    kind: Literal["classified"]
    best_label: str
    label_shares: list[LabelShare]
    reviewed_at: datetime | None


class Estimated(BaseModel):
    kind: Literal["estimated"]
    estimated_value: float
    lower_bound: float | None
    upper_bound: float | None


class TokenCount(BaseModel):
    prompt_tokens: Count
    answer_tokens: Count


class Written(BaseModel):
    kind: Literal["written"]
    written_text: str
    end_reason: Literal["stop", "length", "filter"]
    token_count: TokenCount
    first_token_at: datetime | None = None


Outcome = Annotated[Classified | Estimated | Written, Field(discriminator="kind")]


class Prediction(BaseModel):
    prediction_id: UUID
    request_name: str
    created_at: datetime
    finished_at: datetime | None
    duration_seconds: Annotated[float, Field(ge=0)]
    model_version: ModelVersion
    outcome: Outcome
    input_tags: list[str]
    feature_values: dict[str, float]
    stage_times: dict[str, datetime | None]
    failure_text: str | None = None
    is_cached: bool


class PredictionPage(BaseModel):
    items: list[Prediction]
    next_cursor: str | None
    total_count: Count


class Layer(BaseModel):
    layer_name: str
    parameter_count: Count
    frozen_at: datetime | None
    child_layers: "list[Layer]" = Field(default_factory=list)


class Training(BaseModel):
    training_id: UUID
    started_at: datetime
    hyper_parameters: dict[str, float | str | bool]
    root_layer: Layer


class Problem(BaseModel):
    error_code: Literal["not_found"]
    error_text: str
    noticed_at: datetime


application = FastAPI(title="Predictions")


@application.get("/predictions", operation_id="list_predictions")
async def list_predictions(page_cursor: str | None = None, page_size: int = 50) -> PredictionPage:
    raise NotImplementedError


@application.get(
    "/predictions/{prediction_id}",
    operation_id="read_prediction",
    responses={404: {"model": Problem}},
)
async def read_prediction(prediction_id: UUID) -> Prediction:
    raise NotImplementedError


@application.get("/trainings/{training_id}", operation_id="read_training")
async def read_training(training_id: UUID) -> Training:
    raise NotImplementedError
