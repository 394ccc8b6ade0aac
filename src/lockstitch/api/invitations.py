"""Asking people to join an organisation: `/v1/invitations`."""

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.accounts import Email
from lockstitch.api.description import problems
from lockstitch.api.idempotency import keep_answer
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp, now
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.database.session import SERVER, become
from lockstitch.database.stored import stored_in
from lockstitch.errors import (
    AlreadyInvited,
    InvitationInvalid,
    NotFound,
    RoleTooLow,
    TooManyRequests,
)
from lockstitch.identity.accounts import normal_email
from lockstitch.identity.audience import account, person
from lockstitch.identity.principal import Principal, Role, SignedIn

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["organisation"])

_LIFETIME = timedelta(days=7)
_TOKEN_BYTES = 24
_SELECT = """
select id, email, role, invited_by, created_at, expires_at from public.invitations
where organisation_id = %s and accepted_at is null and expires_at > now()
order by created_at desc, id desc
"""
# An invitation that has expired makes room for a new one to the same address.
_MAKE_ROOM = """
delete from public.invitations
where organisation_id = %(organisation_id)s and email = %(email)s
and accepted_at is null and expires_at <= now()
"""
_IS_MEMBER = """
select from public.organisation_members
where organisation_id = %s and private.person_email(person_id) = %s
"""
_INSERT = """
insert into public.invitations
    (organisation_id, email, role, token_hash, invited_by, expires_at)
values (
    %(organisation_id)s, %(email)s, %(role)s, %(token_hash)s, %(invited_by)s, %(expires_at)s
)
returning id, email, role, invited_by, created_at, expires_at
"""
_WITHDRAW = """
delete from public.invitations where organisation_id = %s and id = %s and accepted_at is null
"""
_ACCEPT = """
update public.invitations set accepted_at = now()
where token_hash = %(token_hash)s and email = %(email)s
and accepted_at is null and expires_at > now()
returning organisation_id, role
"""
# The same request again: it lets nobody in who has left since.
_ACCEPTED = """
select organisation_id, invitations.role from public.invitations
join public.organisation_members using (organisation_id)
where token_hash = %(token_hash)s and email = %(email)s and accepted_at is not null
and person_id = %(person_id)s
"""
_JOIN = """
insert into public.organisation_members (organisation_id, person_id, role) values (%s, %s, %s)
on conflict (organisation_id, person_id) do nothing
"""


@stored_in("public.invitations")
class Invitation(BaseModel):
    """An open invitation."""

    id: UUID
    email: str
    role: Role
    invited_by: UUID | None
    created_at: Timestamp
    expires_at: Timestamp


class InvitationList(BaseModel):
    """The open invitations, the newest first."""

    items: list[Invitation]


class NewInvitation(BaseModel):
    """Whom to ask, and what they are to be."""

    email: Email
    role: Role = Field(default="member", title="Role")


class MadeInvitation(Invitation):
    """A new invitation, with the token that is shown this once; it belongs into the letter."""

    token: str


class InvitationToken(BaseModel):
    """The token of an invitation."""

    token: str = Field(title="Invitation", min_length=1, max_length=200, repr=False)


@router.get("/invitations", operation_id="list_invitations", summary="List open invitations")
async def list_invitations(
    request: Request, principal: Annotated[Principal, Depends(person(role="admin"))]
) -> InvitationList:
    """Return the open invitations of the organisation."""
    async with services(request).database.transaction(principal.actor) as connection:
        rows = await (await connection.execute(_SELECT, [principal.organisation_id])).fetchall()
    return InvitationList(items=[Invitation(**row) for row in rows])


@router.post(
    "/invitations",
    operation_id="create_invitation",
    summary="Invite somebody",
    status_code=201,
    responses=problems(AlreadyInvited, TooManyRequests),
    **declare(idempotent(), invalidates("list_invitations", "list_audit_log")),
)
async def create_invitation(
    new: NewInvitation,
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> MadeInvitation:
    """Ask somebody to join, by mail. Nobody gives a stronger role than their own."""
    if not principal.has_role(new.role):
        raise RoleTooLow(f"Only an owner may invite somebody as {new.role}.")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    values: dict[str, Any] = {
        "organisation_id": principal.organisation_id,
        "email": normal_email(new.email),
        "role": new.role,
        "token_hash": _hash(token),
        "invited_by": principal.person_id,
        "expires_at": now() + _LIFETIME,
    }
    await _refuse_member(request, principal, values["email"])
    await services(request).sign_in_limits.mail(request, values["email"])
    try:
        async with services(request).database.transaction(principal.actor) as connection:
            await connection.execute(_MAKE_ROOM, values)
            row = await (await connection.execute(_INSERT, values)).fetchone()
            made = MadeInvitation(**(row or {}), token=token)
            await become(connection, SERVER)
            await services(request).outbox.put(
                connection,
                "invitation",
                values["email"],
                token=token,
                organisation=principal.organisation_name,
                role=new.role,
                inviter=principal.email,
                until=made.expires_at.isoformat(),
            )
            await keep_answer(request, connection, made)
    except UniqueViolation:
        raise AlreadyInvited("An open invitation for this address exists already.") from None
    except InsufficientPrivilege:
        raise RoleTooLow("Your role has changed. Ask an owner of the organisation.") from None
    services(request).outbox.wake()
    return made


@router.delete(
    "/invitations/{id}",
    operation_id="withdraw_invitation",
    summary="Withdraw an invitation",
    status_code=204,
    **declare(invalidates("list_invitations", "list_audit_log")),
)
async def withdraw_invitation(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> None:
    """Take an invitation back."""
    async with services(request).database.transaction(principal.actor) as connection:
        answer = await connection.execute(_WITHDRAW, (principal.organisation_id, id))
    if not answer.rowcount:
        raise NotFound("There is no such open invitation in your organisation.")


@router.post(
    "/invitations:accept",
    operation_id="accept_invitation",
    summary="Accept an invitation",
    status_code=204,
    responses=problems(InvitationInvalid),
    # Not by a key, which belongs to the organisation that the caller acts for: that changes here.
    **declare(idempotent("natural"), invalidates("get_current_session", "list_organisations")),
)
async def accept_invitation(
    invitation: InvitationToken,
    request: Request,
    caller: Annotated[SignedIn, Depends(account(confirmed=True))],
) -> None:
    """Join the organisation that the invitation is for, and act for it from now on."""
    async with services(request).database.transaction(SERVER) as connection:
        values = {
            "token_hash": _hash(invitation.token),
            "email": caller.email,
            "person_id": caller.person_id,
        }
        row = await (await connection.execute(_ACCEPT, values)).fetchone()
        if row is None:
            row = await (await connection.execute(_ACCEPTED, values)).fetchone()
        if row is None:
            raise InvitationInvalid(
                "The invitation is unknown, used, expired, or for another e-mail address."
            )
        organisation = row["organisation_id"]
        await connection.execute(_JOIN, (organisation, caller.person_id, row["role"]))
        await services(request).sessions.act_for(connection, caller, organisation)


async def _refuse_member(request: Request, principal: Principal, email: str) -> None:
    async with services(request).database.transaction(SERVER) as connection:
        found = await connection.execute(_IS_MEMBER, (principal.organisation_id, email))
        if await found.fetchone() is not None:
            raise AlreadyInvited("The holder of this address is a member already.")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
