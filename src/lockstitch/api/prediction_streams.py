"""A prediction piece by piece: `POST /v1/models/<name>/predictions:stream`."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from time import perf_counter
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.requests import Request

from lockstitch.api.deadline import read_deadline
from lockstitch.api.description import problems
from lockstitch.api.idempotency import HEADER
from lockstitch.api.models import (
    Prediction,
    encode_prediction,
    prediction_audience,
    prediction_head,
    prediction_row,
    predictions_path,
)
from lockstitch.api.problems import Problem, problem_document, problem_of
from lockstitch.api.route import BoundedRoute
from lockstitch.api.services import services
from lockstitch.contract.declarations import declare, invalidates
from lockstitch.errors import CallerGone, DeadlineExceeded, InvalidRequest, Violation
from lockstitch.identity.principal import Caller
from lockstitch.serving.declaration import declared_piece, declared_types
from lockstitch.serving.encoding import encode_input, encode_output
from lockstitch.serving.streaming import StreamingModel

Piece = TypeVar("Piece", bound=BaseModel)
Output = TypeVar("Output", bound=BaseModel)


class PieceEvent(BaseModel, Generic[Piece]):
    """The next piece of the output."""

    type: Literal["piece"]
    piece: Piece


class FinishedEvent(BaseModel, Generic[Output]):
    """The last event: the prediction with its whole output, as the history holds it."""

    type: Literal["finished"]
    prediction: Prediction[Output]


class FailedEvent(BaseModel):
    """The last event of a stream that was not finished."""

    type: Literal["failed"]
    error: Problem


def mount_stream(model: type[StreamingModel[Any, Any, Any]]) -> APIRouter:
    """Return a router with the streaming route of one model."""
    mounted = APIRouter(route_class=BoundedRoute, tags=["predictions"])
    mounted.post(
        f"{predictions_path(model.name)}:stream",
        operation_id=f"stream_{model.name.replace('-', '_')}",
        summary=f"Stream: {model.title}",
        description=(
            "Send the pieces of the output as they are made, then the prediction. To hang up is "
            "to stop it; what was stopped is not stored."
        ),
        response_class=EventSourceResponse,
        responses=problems(DeadlineExceeded),
        **({} if model.store == "never" else declare(invalidates("list_predictions"))),
    )(_streamer(model))
    return mounted


def _streamer(
    model: type[StreamingModel[Any, Any, Any]],
) -> Callable[..., AsyncGenerator[bytes, None]]:
    input_type, output_type = declared_types(model)
    piece_type = declared_piece(model)
    audience = prediction_audience(model)

    async def stream(
        item: BaseModel, request: Request, caller: Annotated[Caller | None, Depends(audience)]
    ) -> AsyncGenerator[bytes, None]:
        _refuse_key(request)
        served = services(request).models[model.name]
        settings = services(request).settings
        deadline = read_deadline(request, most_seconds=settings.stream_seconds)
        encoded_input = encode_input(item)
        started = perf_counter()
        generation = served.runtime.generate(item, deadline=deadline)
        has_begun = False
        try:
            async for piece in generation:
                yield b'{"type":"piece","piece":%s}' % encode_output(piece, piece_type, model.name)
                has_begun = True
            head = prediction_head(served, started)
            output = encode_output(generation.output, output_type, model.name)
            row = prediction_row(head, served, caller, encoded_input, output)
            if row is not None:
                await services(request).recorder.record(row, deadline=deadline)
            yield b'{"type":"finished","prediction":%s}' % encode_prediction(head, output)
        except CallerGone:
            raise
        except Exception as error:
            if not has_begun:
                raise
            yield _failed(request, error)
        finally:
            generation.close()

    stream.__annotations__["item"] = input_type
    stream.__annotations__["caller"] = Annotated[Caller | None, Depends(audience)]
    stream.__annotations__["return"] = AsyncIterable[
        Annotated[
            PieceEvent[piece_type] | FinishedEvent[output_type] | FailedEvent,  # type: ignore[valid-type]
            Field(discriminator="type"),
        ]
    ]
    return stream


def _refuse_key(request: Request) -> None:
    if HEADER.lower() not in request.headers:
        return
    message = "A stream cannot be answered again. Post to the model's predictions with this key"
    raise InvalidRequest([Violation("header", f"/{HEADER.lower()}", "not_keyed", message)])


def _failed(request: Request, error: Exception) -> bytes:
    document = problem_document(request, problem_of(request, error))
    return b'{"type":"failed","error":%s}' % to_json(document)
