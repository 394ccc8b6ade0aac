"""The models of the application: `/v1/models`, and a literal path for each one's predictions."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from lockstitch.api.deadline import read_deadline
from lockstitch.api.description import problems
from lockstitch.api.idempotency import keyed_answer
from lockstitch.api.json_answer import JsonAnswer
from lockstitch.api.presence import caller_presence
from lockstitch.api.route import ContractRoute, PredictionRoute
from lockstitch.api.services import ServedModel, services
from lockstitch.api.timestamp import Timestamp, now, spell
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.database.stored import stored_in
from lockstitch.errors import DeadlineExceeded, NotFound
from lockstitch.identity.audience import Audience, person, person_or_machine, public
from lockstitch.identity.principal import Caller
from lockstitch.serving.declaration import declared_types
from lockstitch.serving.encoding import encode_input, encode_output
from lockstitch.serving.model import Model
from lockstitch.serving.recorder import PredictionRow

Output = TypeVar("Output", bound=BaseModel)

# The last bits of an id are random: what they say is as fair as a die, and can be told again.
_SAMPLE_MASK: Final = (1 << 32) - 1


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


@stored_in(
    "public.inference_results",
    rename={"model": "model_versions.model", "model_version": "model_versions.version"},
)
class Prediction(BaseModel, Generic[Output]):
    """One answer of a model; it also stands in the organisation's history."""

    id: UUID
    model: str
    model_version: int
    created_at: Timestamp
    duration_seconds: float
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
    _, output_type = declared_types(model)
    mounted = APIRouter(route_class=PredictionRoute, tags=["predictions"])
    mounted.post(
        predictions_path(model.name),
        operation_id=f"predict_{model.name.replace('-', '_')}",
        summary=f"Predict: {model.title}",
        description=model.description or f"Return what {model.title} says of one input.",
        response_model=Prediction[output_type],  # type: ignore[valid-type]
        responses=problems(DeadlineExceeded),
        **prediction_facts(model),
    )(_predictor(model))
    return mounted


def predictions_path(name: str) -> str:
    """Return the literal path of a model's predictions."""
    return f"/v1/models/{name}/predictions"


def _predictor(model: type[Model[Any, Any]]) -> Callable[..., Awaitable[Response]]:
    name = model.name
    is_kept = model.store != "never"
    input_type, _ = declared_types(model)
    audience = prediction_audience(model)

    async def predict(
        item: BaseModel, request: Request, caller: Annotated[Caller | None, Depends(audience)]
    ) -> Response:
        served = services(request).models[name]
        deadline = read_deadline(request)
        encoded_input = encode_input(item) if is_kept else b""
        started = perf_counter()
        async with caller_presence(request) as presence:
            output = await served.runtime.predict(item, deadline=deadline, presence=presence)
        head = prediction_head(served, started)
        encoded_output = encode_output(output, served.runtime.output_type, name)
        answer = JsonAnswer(encode_prediction(head, encoded_output))
        row = prediction_row(head, served, caller, encoded_input, encoded_output)
        if row is not None:
            keyed = keyed_answer(request, answer)
            await services(request).recorder.record(replace(row, keyed=keyed), deadline=deadline)
        return answer

    predict.__annotations__["item"] = input_type
    predict.__annotations__["caller"] = Annotated[Caller | None, Depends(audience)]
    return predict


class PredictionHead(NamedTuple):
    """What a prediction says of itself besides its output."""

    id: uuid_utils.UUID
    model: str
    model_version: int
    created_at: datetime
    duration_seconds: float


def prediction_audience(model: type[Model[Any, Any]]) -> Audience:
    """Return who may ask a model."""
    return public() if model.public else person_or_machine(role="member", scope="predict")


def prediction_facts(model: type[Model[Any, Any]]) -> dict[str, Any]:
    """Return what a route that asks a model declares."""
    # Whoever nobody knows has no keys; what is never stored may be asked for again.
    repeatable = idempotent("natural" if model.public else "key")
    stale = () if model.store == "never" else (invalidates("list_predictions"),)
    return declare(repeatable, *stale)


def prediction_head(served: ServedModel, started: float) -> PredictionHead:
    """Return what is known of a prediction that was begun at this `perf_counter`."""
    return PredictionHead(
        id=uuid_utils.uuid7(),
        model=served.runtime.name,
        model_version=served.version.version,
        created_at=now(),
        duration_seconds=round(perf_counter() - started, 6),
    )


def prediction_row(
    head: PredictionHead,
    served: ServedModel,
    caller: Caller | None,
    encoded_input: bytes,
    encoded_output: bytes,
) -> PredictionRow | None:
    """Return the row that is stored of a prediction, if one is."""
    if caller is None or not _is_stored(type(served.runtime.model), head.id):
        return None
    return PredictionRow(
        id=UUID(int=head.id.int),
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
    told = (
        f'{{"id":"{head.id}","model":"{head.model}","model_version":{head.model_version},'
        f'"created_at":"{spell(head.created_at)}","duration_seconds":{head.duration_seconds!r},'
        '"output":'
    )
    return b"%b%b}" % (told.encode(), encoded_output)


def _is_stored(model: type[Model[Any, Any]], id_: uuid_utils.UUID) -> bool:
    """Return whether a prediction belongs to what its model stores; its id alone decides."""
    if model.store == "sampled":
        return (id_.int & _SAMPLE_MASK) < model.sample_rate * (_SAMPLE_MASK + 1)
    return model.store == "always"


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
