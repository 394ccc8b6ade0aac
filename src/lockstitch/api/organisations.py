"""The organisations of a person: `/v1/organisations`, and which one a session acts for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.accounts import Session, SessionOrganisation
from lockstitch.api.description import problems
from lockstitch.api.json_body import ONE_LINE
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.database.session import SERVER, Connection
from lockstitch.errors import NotFound, RoleTooLow, SignInRequired, TooManyRequests
from lockstitch.identity.audience import account, person
from lockstitch.identity.changes import Change
from lockstitch.identity.principal import Principal, SignedIn

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["organisation"])

_SELECT = """
select organisations.id, organisations.name, members.role
from public.organisation_members as members
join public.organisations as organisations on organisations.id = members.organisation_id
where members.person_id = %s
order by lower(organisations.name), organisations.id
"""
# Sent again it finds its organisation there, and the caller a member of it.
_INSERT = """
with organisation as (
    insert into public.organisations (id, name) values (%(id)s, %(name)s)
    on conflict (id) do nothing
    returning id
)
insert into public.organisation_members (organisation_id, person_id, role)
select organisation.id, %(person_id)s, 'owner' from organisation
"""
_RENAME = "update public.organisations set name = %s where id = %s"

OrganisationName = Annotated[
    str, Field(title="Name", min_length=1, max_length=200, pattern=ONE_LINE)
]


class OrganisationList(BaseModel):
    """The organisations of a person, by name, and their role in each."""

    items: list[SessionOrganisation]


class NewOrganisation(BaseModel):
    """What a new organisation is called."""

    name: OrganisationName


class OrganisationChoice(BaseModel):
    """Which organisation a session is to act for."""

    organisation_id: UUID


_CHANGES_EVERYTHING = declare(invalidates("get_current_session", "list_organisations"))


@router.get("/organisations", operation_id="list_organisations", summary="Your organisations")
async def list_organisations(
    request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> OrganisationList:
    """Return the organisations that the caller belongs to."""
    async with services(request).database.transaction(SERVER) as connection:
        rows = await (await connection.execute(_SELECT, (caller.person_id,))).fetchall()
    return OrganisationList(items=[SessionOrganisation(**row) for row in rows])


@router.put(
    "/organisations/{id}",
    operation_id="create_organisation",
    summary="Make an organisation",
    responses=problems(TooManyRequests),
    **_CHANGES_EVERYTHING,
)
async def create_organisation(
    id: UUID,  # noqa: A002
    new: NewOrganisation,
    request: Request,
    caller: Annotated[SignedIn, Depends(account(confirmed=True, by_session=True))],
) -> Session:
    """Make an organisation with the caller as owner, and act for it from now on.

    The caller chooses its id, a new UUID, so that a request may be sent again without making two.
    """
    await services(request).sign_in_limits.organisation(request, caller.person_id)
    values: dict[str, Any] = {"id": id, "name": new.name, "person_id": caller.person_id}
    async with services(request).database.transaction(SERVER) as connection:
        await connection.execute(_INSERT, values)
        await _act_for(request, connection, caller, id)
    return await _session(request, caller)


@router.patch(
    "/organisations/current",
    operation_id="rename_organisation",
    summary="Rename the organisation",
    status_code=204,
    **_CHANGES_EVERYTHING,
)
async def rename_organisation(
    new: NewOrganisation,
    request: Request,
    principal: Annotated[Principal, Depends(person(role="admin"))],
) -> None:
    """Give the organisation that the caller acts for another name."""
    async with services(request).database.transaction(principal.actor) as connection:
        answer = await connection.execute(_RENAME, (new.name, principal.organisation_id))
    if not answer.rowcount:
        raise RoleTooLow("Your role has changed. Ask an owner of the organisation.")
    # The caller's next read may come before Postgres has told this process of the name.
    renamed = Change("organisation", principal.organisation_id)
    services(request).sessions.hear(renamed)
    services(request).tokens.hear(renamed)


@router.put(
    "/sessions/current/organisation",
    operation_id="switch_organisation",
    summary="Act for another organisation",
    responses=problems(NotFound),
    **declare(idempotent("natural"), invalidates("get_current_session")),
)
async def switch_organisation(
    choice: OrganisationChoice,
    request: Request,
    caller: Annotated[SignedIn, Depends(account(by_session=True))],
) -> Session:
    """Let this session act for another organisation of the caller's."""
    async with services(request).database.transaction(SERVER) as connection:
        await _act_for(request, connection, caller, choice.organisation_id)
    return await _session(request, caller)


async def _act_for(
    request: Request, connection: Connection, caller: SignedIn, organisation: UUID
) -> None:
    if not await services(request).sessions.act_for(connection, caller, organisation):
        raise NotFound("You belong to no such organisation.")


async def _session(request: Request, caller: SignedIn) -> Session:
    changed = await services(request).sessions.read(caller.session_id)
    if changed is None:
        raise SignInRequired("The session has ended. Sign in again.")
    # The rights have changed, so the token does too.
    request.state.lockstitch_renewal = changed
    return Session.of(changed, services(request).settings)
