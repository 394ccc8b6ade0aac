"""Who is in an organisation, and as what: `/v1/members`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from psycopg.errors import CheckViolation, InsufficientPrivilege
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.description import problems
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, invalidates
from lockstitch.database.session import SERVER
from lockstitch.database.stored import stored_in
from lockstitch.errors import LastOwner, NotFound, RoleTooLow
from lockstitch.identity.audience import person
from lockstitch.identity.principal import Principal, Role

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["organisation"])

_LAST_OWNER = "An organisation needs an owner. Make somebody else an owner first."

# Addresses are in auth.users, which no person may read; the server names the organisation itself.
_SELECT = """
select
    members.person_id as id,
    coalesce(private.person_email(members.person_id), '') as email,
    members.role,
    members.created_at
from public.organisation_members as members
where members.organisation_id = %s
order by private.rank_of(members.role) desc, members.created_at, members.person_id
"""
_UPDATE = """
update public.organisation_members set role = %s
where organisation_id = %s and person_id = %s
"""
_DELETE = "delete from public.organisation_members where organisation_id = %s and person_id = %s"


@stored_in("public.organisation_members", rename={"id": "person_id"}, computed={"email"})
class Member(BaseModel):
    """A person of the organisation."""

    id: UUID
    email: str
    role: Role
    created_at: Timestamp


class MemberList(BaseModel):
    """Everybody in the organisation, the strongest roles first."""

    items: list[Member]


class RoleChange(BaseModel):
    """The role that a member is to have."""

    role: Role = Field(title="Role")


@router.get("/members", operation_id="list_members", summary="List the members")
async def list_members(
    request: Request, principal: Annotated[Principal, Depends(person())]
) -> MemberList:
    """Return everybody who is in the organisation."""
    async with services(request).database.transaction(SERVER) as connection:
        rows = await (await connection.execute(_SELECT, [principal.organisation_id])).fetchall()
    return MemberList(items=[Member(**row) for row in rows])


@router.patch(
    "/members/{id}",
    operation_id="change_role",
    summary="Change a member's role",
    status_code=204,
    responses=problems(LastOwner),
    **declare(invalidates("list_members", "list_audit_log", "get_current_session")),
)
async def change_role(
    id: UUID,  # noqa: A002
    change: RoleChange,
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> None:
    """Give a member another role. Only an owner makes owners, or changes one."""
    await _change(request, principal, id, _UPDATE, (change.role, principal.organisation_id, id))
    found = services(request)
    async with found.database.transaction(SERVER) as connection:
        await found.sessions.renew_soon(connection, id)


@router.delete(
    "/members/{id}",
    operation_id="remove_member",
    summary="Remove a member",
    status_code=204,
    responses=problems(LastOwner),
    **declare(
        invalidates("list_members", "list_audit_log", "list_organisations", "get_current_session")
    ),
)
async def remove_member(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> None:
    """Remove a member; everybody may leave by themselves."""
    await _change(request, principal, id, _DELETE, (principal.organisation_id, id))
    found = services(request)
    async with found.database.transaction(SERVER) as connection:
        await found.sessions.renew_soon(connection, id)


async def _change(
    request: Request, principal: Principal, member: UUID, statement: str, values: tuple[object, ...]
) -> None:
    """Change a membership under the caller's own rights, and say why nothing happened."""
    database = services(request).database
    try:
        async with database.transaction(principal.actor) as connection:
            changed = await connection.execute(statement.encode(), values)
    except CheckViolation:
        raise LastOwner(_LAST_OWNER) from None
    except InsufficientPrivilege:
        changed = None
    if changed is not None and changed.rowcount:
        services(request).sessions.forget_person(member)
        services(request).tokens.forget_person(member)
        return
    async with database.transaction(SERVER) as connection:
        rows = await (await connection.execute(_SELECT, [principal.organisation_id])).fetchall()
    if member not in {row["id"] for row in rows}:
        raise NotFound("There is no such member in your organisation.")
    raise RoleTooLow("Your role does not allow this. Ask an owner of the organisation.")
