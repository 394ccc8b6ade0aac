"""Who changed what in an organisation: `/v1/audit-log`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, JsonValue
from starlette.requests import Request

from lockstitch.api.paging import PageQuery
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, pages
from lockstitch.database.stored import stored_in
from lockstitch.identity.audience import person
from lockstitch.identity.principal import Principal

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["organisation"])

_PAGE = """
select id, person_id, action, subject, detail, created_at from public.audit_log
where organisation_id = %(organisation_id)s
and (
    %(created_at)s::timestamptz is null
    or (created_at, id) < (%(created_at)s, %(id)s::uuid)
)
order by created_at desc, id desc
limit %(limit)s
"""


@stored_in("public.audit_log")
class AuditEntry(BaseModel):
    """One change."""

    id: UUID
    person_id: UUID | None = Field(description="Null: the service itself, or the person is gone.")
    action: str
    subject: str
    detail: dict[str, JsonValue]
    created_at: Timestamp


class AuditPage(BaseModel):
    """Some changes, the newest first, and where the next page begins."""

    items: list[AuditEntry]
    next_cursor: str | None


@router.get(
    "/audit-log", operation_id="list_audit_log", summary="Read the audit log", **declare(pages())
)
async def list_audit_log(
    query: Annotated[PageQuery, Query()],
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> AuditPage:
    """Return what was changed in the organisation, the newest first."""
    values = {"organisation_id": principal.organisation_id} | query.position()
    async with services(request).database.transaction(principal.actor) as connection:
        rows = await (await connection.execute(_PAGE, values)).fetchall()
    items, next_cursor = query.cut(rows, lambda row: AuditEntry(**row))
    return AuditPage(items=items, next_cursor=next_cursor)
