"""The models of the application: `/v1/models`, and a literal path for each one's predictions."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from lockstitch.api.deadline import read_deadline
from lockstitch.api.description import problems
from lockstitch.api.idempotency import keyed_answer
from lockstitch.api.presence import caller_presence
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import ServedModel, services
from lockstitch.api.timestamp import Timestamp, now
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.database.stored import stored_in
from lockstitch.errors import DeadlineExceeded, NotFound
from lockstitch.identity.audience import person, person_or_machine
from lockstitch.identity.principal import Caller
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.encoding import encode_input, encode_output
from lockstitch.serving.model import Model
from lockstitch.serving.recorder import PredictionRow

Output = TypeVar("Output", bound=BaseModel)


@stored_in(
    "public.model_versions",
    rename={"name": "model"},
    computed={
        *("title", "description", "state", "predictions_path"),
        *("input_schema", "output_schema", "examples"),
    },
)
class ModelSummary(BaseModel):
    """A model, the version that answers, and what a form for it needs."""

    name: str
    title: str
    description: str
    state: Literal["loading", "ready", "failed"]
    version: int
    created_at: Timestamp
    metrics: dict[str, float]
    labels: list[str] | None
    # A page posts there what a person typed, so the contract keeps it on this service.
    predictions_path: str = Field(pattern=r"^/v1/models/[a-z0-9-]+/predictions$")
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    examples: list[dict[str, JsonValue]]


class ModelList(BaseModel):
    """All models; there are few, so there is one page."""

    items: list[ModelSummary]
    next_cursor: None = None


class PredictionHead(BaseModel):
    """What every prediction has, whatever its model answers."""

    id: UUID
    model: str
    model_version: int
    created_at: Timestamp
    duration_seconds: float


@stored_in(
    "public.inference_results",
    rename={"model": "model_versions.model", "model_version": "model_versions.version"},
)
class Prediction(PredictionHead, Generic[Output]):
    """One answer of a model; it also stands in the organisation's history."""

    output: Output


router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["models"])


@router.get(
    "/models",
    operation_id="list_models",
    summary="List the models",
    dependencies=[Depends(person())],
)
async def list_models(request: Request) -> ModelList:
    """Return every model of the application."""
    return ModelList(items=[_summary(served) for served in services(request).models.values()])


@router.get(
    "/models/{name}",
    operation_id="get_model",
    summary="Get a model",
    dependencies=[Depends(person())],
)
async def get_model(name: str, request: Request) -> ModelSummary:
    """Return one model."""
    served = services(request).models.get(name)
    if served is None:
        raise NotFound("There is no model of this name. GET /v1/models lists them.")
    return _summary(served)


def mount_model(model: type[Model[Any, Any]]) -> APIRouter:
    """Return a router with the prediction route of one model, typed by its input and output."""
    input_type, output_type = declared_types(model)
    mounted = APIRouter(route_class=ContractRoute, tags=["predictions"])
    mounted.post(
        predictions_path(model.name),
        operation_id=f"predict_{model.name.replace('-', '_')}",
        summary=f"Predict: {model.title}",
        description=model.description or f"Return what {model.title} says of one input.",
        response_model=Prediction[output_type],  # type: ignore[valid-type]
        responses=problems(DeadlineExceeded),
        **declare(idempotent(), invalidates("list_predictions")),
    )(_predictor(model.name, input_type))
    return mounted


def predictions_path(name: str) -> str:
    """Return the literal path of a model's predictions."""
    return f"/v1/models/{name}/predictions"


def _predictor(name: str, input_type: type[BaseModel]) -> Callable[..., Awaitable[Response]]:
    async def predict(
        item: BaseModel,
        request: Request,
        caller: Annotated[Caller, Depends(person_or_machine(role="member", scope="predict"))],
    ) -> Response:
        served = services(request).models[name]
        deadline = read_deadline(request)
        encoded_input = encode_input(item)
        started = perf_counter()
        async with caller_presence(request) as presence:
            output = await served.runtime.predict(item, deadline=deadline, presence=presence)
        head = prediction_head(served, started)
        encoded_output = encode_output(output, served.runtime.output_type, name)
        answer = Response(encode_prediction(head, encoded_output), media_type="application/json")
        row = prediction_row(head, served, caller, encoded_input, encoded_output)
        keyed = keyed_answer(request, answer)
        await services(request).recorder.record(replace(row, keyed=keyed), deadline=deadline)
        return answer

    predict.__annotations__["item"] = input_type
    return predict


def prediction_head(served: ServedModel, started: float) -> PredictionHead:
    """Return what is known of a prediction that was begun at this `perf_counter`."""
    return PredictionHead(
        id=uuid7(),
        model=served.runtime.name,
        model_version=served.version.version,
        created_at=now(),
        duration_seconds=round(perf_counter() - started, 6),
    )


def prediction_row(
    head: PredictionHead,
    served: ServedModel,
    caller: Caller,
    encoded_input: bytes,
    encoded_output: bytes,
) -> PredictionRow:
    """Return the row that is stored of a prediction."""
    return PredictionRow(
        id=head.id,
        organisation_id=caller.organisation_id,
        person_id=caller.person_id,
        model_version_id=served.version.id,
        input=encoded_input,
        output=encoded_output,
        duration_seconds=head.duration_seconds,
        created_at=head.created_at,
    )


def encode_prediction(head: PredictionHead, encoded_output: bytes) -> bytes:
    """Return a `Prediction` as JSON; the output is encoded once, for the answer and the row."""
    return b"%s,%s:%s}" % (head.model_dump_json().encode()[:-1], b'"output"', encoded_output)


def _summary(served: ServedModel) -> ModelSummary:
    model = served.runtime.model
    input_type, output_type = declared_types(type(model))
    artefact = served.runtime.artefact
    return ModelSummary(
        name=model.name,
        title=model.title,
        description=model.description,
        state=served.runtime.state,
        version=served.version.version,
        created_at=served.version.created_at,
        metrics=artefact.metrics if artefact else {},
        labels=list(artefact.labels) if artefact and artefact.labels else None,
        predictions_path=predictions_path(model.name),
        input_schema=input_type.model_json_schema(),
        output_schema=output_type.model_json_schema(mode="serialization"),
        examples=[example.model_dump(mode="json", exclude_none=True) for example in model.examples],
    )
