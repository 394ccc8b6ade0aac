"""The history of predictions: `/v1/predictions`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request

from lockstitch.api.paging import PageQuery
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, fresh, pages
from lockstitch.database.stored import stored_in
from lockstitch.errors import NotFound
from lockstitch.identity.audience import person
from lockstitch.identity.principal import Principal

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["predictions"])

_SELECT = """
select
    results.id,
    versions.model,
    versions.version as model_version,
    results.person_id,
    results.created_at,
    results.duration_seconds,
    results.input,
    results.output
from public.inference_results as results
join public.model_versions as versions on versions.id = results.model_version_id
"""

# Policies limit the rows to those that the person may see; the organisation is named as well,
# since a person may belong to several and acts for one.
_PAGE = f"""
{_SELECT}
where results.organisation_id = %(organisation_id)s
and (%(model)s::text is null or versions.model = %(model)s)
and (
    %(created_at)s::timestamptz is null
    or (results.created_at, results.id) < (%(created_at)s, %(id)s::uuid)
)
order by results.created_at desc, results.id desc
limit %(limit)s
"""

_ONE = f"""
{_SELECT}
where results.organisation_id = %s and results.id = %s
"""


@stored_in(
    "public.inference_results",
    rename={"model": "model_versions.model", "model_version": "model_versions.version"},
)
class StoredPrediction(BaseModel):
    """A prediction as it stands in the history, with its input."""

    id: UUID
    model: str
    model_version: int
    person_id: UUID | None
    created_at: Timestamp
    duration_seconds: float
    input: dict[str, JsonValue]
    output: dict[str, JsonValue]


class PredictionPage(BaseModel):
    """Some predictions, the newest first, and where the next page begins."""

    items: list[StoredPrediction]
    next_cursor: str | None


class PredictionQuery(PageQuery):
    """Which predictions to list."""

    model: str | None = Field(default=None, max_length=63, pattern="^[a-z0-9-]+$")


@router.get(
    "/predictions",
    operation_id="list_predictions",
    summary="List the predictions",
    **declare(pages()),
)
async def list_predictions(
    query: Annotated[PredictionQuery, Query()],
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> PredictionPage:
    """Return the organisation's predictions, the newest first."""
    values = {"organisation_id": principal.organisation_id, "model": query.model}
    async with services(request).database.transaction(principal.actor) as connection:
        cursor = await connection.execute(_PAGE, values | query.position())
        rows = await cursor.fetchall()
    items, next_cursor = query.cut(rows, lambda row: StoredPrediction(**row))
    return PredictionPage(items=items, next_cursor=next_cursor)


# A prediction never changes once it is made; who may see it does.
@router.get(
    "/predictions/{id}",
    operation_id="get_prediction",
    summary="Get a prediction",
    **declare(fresh(seconds=300)),
)
async def get_prediction(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> StoredPrediction:
    """Return one prediction of the organisation."""
    async with services(request).database.transaction(principal.actor) as connection:
        cursor = await connection.execute(_ONE, (principal.organisation_id, id))
        row: dict[str, Any] | None = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such prediction in your organisation's history.")
    return StoredPrediction(**row)
