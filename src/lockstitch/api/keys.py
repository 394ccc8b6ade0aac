"""The API keys of an organisation: `/v1/api-keys`."""

from datetime import UTC
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.requests import Request

from lockstitch.api.idempotency import keep_answer
from lockstitch.api.json_body import ONE_LINE
from lockstitch.api.paging import PageQuery
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp, now
from lockstitch.contract.declarations import declare, idempotent, invalidates, pages
from lockstitch.database.stored import stored_in
from lockstitch.errors import InvalidRequest, NotFound, Violation
from lockstitch.identity.audience import person
from lockstitch.identity.keys import SHOWN_CHARACTERS, key_hash, new_key
from lockstitch.identity.principal import Principal, Scope

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["organisation"])

# Policies let admins see the keys of their organisations; this is the one they act for.
_PAGE = """
select
    id, name, prefix, scopes, requests_per_minute, created_by, created_at, expires_at, last_used_at,
    revoked_at
from public.api_keys
where organisation_id = %(organisation_id)s
and (
    %(created_at)s::timestamptz is null
    or (created_at, id) < (%(created_at)s, %(id)s::uuid)
)
order by created_at desc, id desc
limit %(limit)s
"""
_INSERT = """
insert into public.api_keys
    (organisation_id, created_by, name, prefix, key_hash, scopes, requests_per_minute, expires_at)
values (
    %(organisation_id)s, %(person_id)s, %(name)s, %(prefix)s, %(key_hash)s, %(scopes)s,
    %(requests_per_minute)s, %(expires_at)s
)
returning
    id, name, prefix, scopes, requests_per_minute, created_by, created_at, expires_at, last_used_at,
    revoked_at
"""
_REVOKE = """
update public.api_keys set revoked_at = coalesce(revoked_at, now())
where organisation_id = %s and id = %s
"""


@stored_in("public.api_keys")
class ApiKey(BaseModel):
    """A key that machines sign in with. The key itself is shown once, when it is made."""

    id: UUID
    name: str
    prefix: str = Field(description="How the key begins.")
    scopes: list[Scope]
    requests_per_minute: int | None = Field(
        description="How often it may call; null: as often as any key of the service."
    )
    created_by: UUID | None
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


class ApiKeyPage(BaseModel):
    """Some keys, the newest first, and where the next page begins."""

    items: list[ApiKey]
    next_cursor: str | None


class NewApiKey(BaseModel):
    """What a new key is for, what it may do, and until when."""

    name: str = Field(title="Name", min_length=1, max_length=200, pattern=ONE_LINE)
    scopes: list[Scope] = Field(title="Scopes", min_length=1, max_length=20)
    requests_per_minute: int | None = Field(
        default=None, ge=1, le=1_000_000, title="Requests per minute"
    )
    expires_at: AwareDatetime | None = Field(default=None, title="Expires")


class MadeApiKey(ApiKey):
    """A new key, with the text that is shown this once."""

    key: str


@router.get("/api-keys", operation_id="list_api_keys", summary="List keys", **declare(pages()))
async def list_api_keys(
    query: Annotated[PageQuery, Query()],
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> ApiKeyPage:
    """Return the keys of the organisation, the newest first."""
    values = {"organisation_id": principal.organisation_id} | query.position()
    async with services(request).database.transaction(principal.actor) as connection:
        rows = await (await connection.execute(_PAGE, values)).fetchall()
    items, next_cursor = query.cut(rows, lambda row: ApiKey(**row))
    return ApiKeyPage(items=items, next_cursor=next_cursor)


@router.post(
    "/api-keys",
    operation_id="create_api_key",
    summary="Make a key",
    status_code=201,
    **declare(idempotent(), invalidates("list_api_keys", "list_audit_log")),
)
async def create_api_key(
    new: NewApiKey,
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> MadeApiKey:
    """Make a key. Its text is in this answer and nowhere else."""
    if new.expires_at is not None and new.expires_at <= now():
        violation = Violation("body", "/expires_at", "future", "This is not in the future")
        raise InvalidRequest([violation])
    key = new_key()
    values: dict[str, Any] = {
        "organisation_id": principal.organisation_id,
        "person_id": principal.person_id,
        "name": new.name,
        "prefix": key[:SHOWN_CHARACTERS],
        "key_hash": key_hash(key),
        "scopes": sorted(set(new.scopes)),
        "requests_per_minute": new.requests_per_minute,
        "expires_at": new.expires_at.astimezone(UTC) if new.expires_at else None,
    }
    async with services(request).database.transaction(principal.actor) as connection:
        row = await (await connection.execute(_INSERT, values)).fetchone()
        made = MadeApiKey(**(row or {}), key=key)
        await keep_answer(request, connection, made)
    return made


@router.delete(
    "/api-keys/{id}",
    operation_id="revoke_api_key",
    summary="Revoke a key",
    status_code=204,
    **declare(invalidates("list_api_keys", "list_audit_log")),
)
async def revoke_api_key(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> None:
    """Revoke a key; it is refused from now on, within a second in other processes."""
    async with services(request).database.transaction(principal.actor) as connection:
        answer = await connection.execute(_REVOKE, (principal.organisation_id, id))
    if not answer.rowcount:
        raise NotFound("There is no such key in your organisation.")
    services(request).keys.forget(id)
