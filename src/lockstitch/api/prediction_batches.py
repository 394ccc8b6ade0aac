"""Many predictions in one request: `POST /v1/models/<name>/predictions:batch`."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from lockstitch.api.deadline import read_deadline
from lockstitch.api.description import problems
from lockstitch.api.idempotency import keyed_answer
from lockstitch.api.models import (
    Prediction,
    encode_prediction,
    prediction_audience,
    prediction_facts,
    prediction_head,
    prediction_row,
    predictions_path,
)
from lockstitch.api.presence import caller_presence
from lockstitch.api.problems import ProblemReason, problem_of, retry_after_seconds
from lockstitch.api.route import BoundedRoute
from lockstitch.api.services import ServedModel, services
from lockstitch.errors import CallerGone, DeadlineExceeded
from lockstitch.identity.principal import Caller
from lockstitch.serving.batching import Presence
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.encoding import encode_input, encode_output
from lockstitch.serving.model import Model
from lockstitch.serving.recorder import PredictionRow

Input = TypeVar("Input", bound=BaseModel)
Output = TypeVar("Output", bound=BaseModel)

MOST_ITEMS = 256

# The part of the time that is kept for storing what was computed.
_STORING = 0.1


class Batch(BaseModel, Generic[Input]):
    """Many inputs of one model."""

    model_config = ConfigDict(extra="forbid")

    items: list[Input] = Field(min_length=1, max_length=MOST_ITEMS)


class ItemProblem(BaseModel):
    """Why one item has no prediction; `errors` point into the item."""

    type: str
    title: str
    status: int
    detail: str
    retry_after_seconds: int | None = None
    errors: list[ProblemReason] | None = None


class Answered(BaseModel, Generic[Output]):
    """An item with its prediction."""

    outcome: Literal["answered"]
    prediction: Prediction[Output]


class Failed(BaseModel):
    """An item without a prediction."""

    outcome: Literal["failed"]
    error: ItemProblem


class PredictionBatch(BaseModel, Generic[Output]):
    """One outcome for each item, in the order of the request."""

    items: list[Annotated[Answered[Output] | Failed, Field(discriminator="outcome")]]


def mount_batch(model: type[Model[Any, Any]]) -> APIRouter:
    """Return a router with the batch route of one model."""
    input_type, output_type = declared_types(model)
    mounted = APIRouter(route_class=BoundedRoute, tags=["predictions"])
    mounted.post(
        f"{predictions_path(model.name)}:batch",
        operation_id=f"predict_{model.name.replace('-', '_')}_batch",
        summary=f"Predict many: {model.title}",
        description=(
            "Return one outcome for each item, in order. An item that fails does not fail the "
            "others."
        ),
        response_model=PredictionBatch[output_type],  # type: ignore[valid-type]
        responses=problems(DeadlineExceeded),
        **prediction_facts(model),
    )(_predictor(model, input_type))
    return mounted


def _predictor(
    model: type[Model[Any, Any]], input_type: type[BaseModel]
) -> Callable[..., Awaitable[Response]]:
    audience = prediction_audience(model)

    async def predict_batch(
        batch: Any, request: Request, caller: Annotated[Caller | None, Depends(audience)]
    ) -> Response:
        served = services(request).models[model.name]
        deadline = read_deadline(request)
        async with caller_presence(request) as presence:
            # What was computed in time must still be stored in time.
            compute_by = deadline - _STORING * (deadline - asyncio.get_running_loop().time())
            outcomes = await _predict_all(request, served, batch, caller, compute_by, presence)
        content = b'{"items":[%s]}' % b",".join(body for body, _ in outcomes)
        answer = Response(content, media_type="application/json")
        rows = [row for _, row in outcomes if row is not None]
        keyed = keyed_answer(request, answer)
        if rows or keyed is not None:
            await services(request).recorder.record_together(rows, keyed, deadline=deadline)
        return answer

    predict_batch.__annotations__["batch"] = Batch[input_type]  # type: ignore[valid-type]
    predict_batch.__annotations__["caller"] = Annotated[Caller | None, Depends(audience)]
    return predict_batch


async def _predict_all(
    request: Request,
    served: ServedModel,
    batch: Batch[Any],
    caller: Caller | None,
    deadline: float,
    presence: Presence,
) -> list[tuple[bytes, PredictionRow | None]]:
    """Return the JSON of each item's outcome, and its row when it has a prediction."""

    async def predict(item: BaseModel) -> tuple[bytes, PredictionRow | None]:
        try:
            is_kept = served.runtime.model.store != "never"
            encoded_input = encode_input(item) if is_kept else b""
            started = perf_counter()
            output = await served.runtime.predict(item, deadline=deadline, presence=presence)
            head = prediction_head(served, started)
            encoded_output = encode_output(output, served.runtime.output_type, head.model)
        except CallerGone:
            # Nobody reads what the others made either.
            raise
        except Exception as error:  # noqa: BLE001 - each item answers for itself.
            return _failed(request, error), None
        row = prediction_row(head, served, caller, encoded_input, encoded_output)
        prediction = encode_prediction(head, encoded_output)
        return b'{"outcome":"answered","prediction":%s}' % prediction, row

    outcomes = await asyncio.gather(*map(predict, batch.items), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


def _failed(request: Request, error: Exception) -> bytes:
    known = problem_of(request, error)
    document = ItemProblem(
        type=known.urn,
        title=known.title,
        status=known.status,
        detail=known.sentence,
        retry_after_seconds=retry_after_seconds(known),
        **known.extensions(),
    )
    return b'{"outcome":"failed","error":%s}' % document.model_dump_json(by_alias=True).encode()
