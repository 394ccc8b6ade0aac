"""Sign-up and sign-in: `/v1/accounts` and `/v1/sessions`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.description import problems
from lockstitch.api.json_body import ONE_LINE
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, invalidates
from lockstitch.database.stored import stored_in
from lockstitch.errors import (
    AccountsUnavailable,
    EmailNotConfirmed,
    EmailTaken,
    NotFound,
    SignInRequired,
    TooManyRequests,
    WrongCredentials,
)
from lockstitch.identity.accounts import normal_email
from lockstitch.identity.audience import account, public
from lockstitch.identity.cookies import clear_token, read_token, set_token
from lockstitch.identity.principal import Role, SignedIn
from lockstitch.settings import Settings

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["identity"])

Email = Annotated[
    str,
    Field(
        title="E-mail address",
        max_length=254,
        # Visible ASCII around one @, with a dot behind it.
        pattern=r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$",
    ),
]

_CHANGES_WHO_IS_SIGNED_IN = declare(invalidates("get_current_session"))

# Left out of the text that a log or a traceback would show.
Password = Annotated[
    str,
    Field(
        title="Password",
        max_length=200,
        repr=False,
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
]


NewPassword = Annotated[Password, Field(min_length=10)]


class SignUp(BaseModel):
    """A new account."""

    email: Email
    password: NewPassword
    organisation_name: str | None = Field(
        default=None, title="Organisation", min_length=1, max_length=200, pattern=ONE_LINE
    )


class SignIn(BaseModel):
    """E-mail address and password."""

    email: Email
    password: Password


class SessionPerson(BaseModel):
    """Who is signed in."""

    id: UUID
    email: str
    email_confirmed_at: Timestamp | None
    must_confirm_email: bool = Field(
        description="Whether nothing of an organisation is shown before the address is confirmed."
    )


@stored_in("public.organisations", rename={"role": "organisation_members.role"})
class SessionOrganisation(BaseModel):
    """The organisation they act for, and their role in it."""

    id: UUID
    name: str
    role: Role


@stored_in("private.sessions", computed={"person"})
class Session(BaseModel):
    """A sign-in that lasts until `expires_at` or until it is ended."""

    person: SessionPerson
    organisation: SessionOrganisation | None
    created_at: Timestamp
    expires_at: Timestamp

    @classmethod
    def of(cls, signed_in: SignedIn, settings: Settings) -> "Session":
        """Return what a caller may know of their own session."""
        confirmed_at = signed_in.email_confirmed_at
        principal = signed_in.principal
        return cls(
            person=SessionPerson(
                id=signed_in.person_id,
                email=signed_in.email,
                email_confirmed_at=confirmed_at,
                must_confirm_email=confirmed_at is None and settings.needs_verified_email,
            ),
            organisation=principal
            and SessionOrganisation(
                id=principal.organisation_id, name=principal.organisation_name, role=principal.role
            ),
            created_at=signed_in.signed_in_at,
            expires_at=signed_in.expires_at,
        )


@stored_in("private.sessions", computed={"current"})
class SignInPlace(BaseModel):
    """One place where a person is signed in."""

    id: UUID
    user_agent: str | None
    current: bool = Field(description="Whether this request comes from there.")
    created_at: Timestamp
    last_seen_at: Timestamp
    expires_at: Timestamp


class SignInList(BaseModel):
    """Where a person is signed in."""

    items: list[SignInPlace]


@router.post(
    "/accounts",
    operation_id="create_account",
    summary="Sign up",
    status_code=201,
    dependencies=[Depends(public())],
    responses=problems(EmailTaken, EmailNotConfirmed, TooManyRequests),
    **_CHANGES_WHO_IS_SIGNED_IN,
)
async def create_account(sign_up: SignUp, request: Request, response: Response) -> Session:
    """Create an account with an organisation of its own, and sign in."""
    await services(request).sign_in_limits.sign_up(request)
    token = await services(request).accounts.create(
        sign_up.email,
        sign_up.password,
        sign_up.organisation_name,
        user_agent=request.headers.get("user-agent"),
    )
    return await _begun(token, request, response)


@router.post(
    "/sessions",
    operation_id="create_session",
    summary="Sign in",
    status_code=201,
    dependencies=[Depends(public())],
    responses=problems(WrongCredentials, EmailNotConfirmed, TooManyRequests),
    **_CHANGES_WHO_IS_SIGNED_IN,
)
async def create_session(sign_in: SignIn, request: Request, response: Response) -> Session:
    """Sign in; the answer sets the session cookie."""
    limits = services(request).sign_in_limits
    attempt = await limits.sign_in(request, normal_email(sign_in.email))
    try:
        token = await services(request).accounts.sign_in(
            sign_in.email, sign_in.password, user_agent=request.headers.get("user-agent")
        )
    except (AccountsUnavailable, TooManyRequests):
        # Nobody looked at the password.
        await limits.forgive(request, attempt)
        raise
    await limits.forgive(request, attempt)
    return await _begun(token, request, response)


@router.get("/sessions/current", operation_id="get_current_session", summary="Who is signed in")
async def get_current_session(
    request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> Session:
    """Return the session that the request carries."""
    return Session.of(caller, services(request).settings)


@router.get("/sessions", operation_id="list_sessions", summary="Where you are signed in")
async def list_sessions(
    request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> SignInList:
    """Return the caller's open sessions, the last used first."""
    rows = await services(request).sessions.of_person(caller.person_id)
    items = [SignInPlace(**row, current=row["id"] == caller.session_id) for row in rows]
    return SignInList(items=items)


@router.delete(
    "/sessions/current",
    operation_id="delete_current_session",
    summary="Sign out",
    status_code=204,
    dependencies=[Depends(public())],
    **_CHANGES_WHO_IS_SIGNED_IN,
)
async def delete_current_session(request: Request, response: Response) -> None:
    """End the session that the request carries, if there is one."""
    settings = services(request).settings
    token = read_token(request, settings)
    if token is not None:
        await services(request).sessions.end(token)
    clear_token(response, settings)


@router.delete(
    "/sessions/{id}",
    operation_id="revoke_session",
    summary="Sign out elsewhere",
    status_code=204,
    **declare(invalidates("list_sessions", "get_current_session")),
)
async def revoke_session(
    id: UUID,  # noqa: A002
    request: Request,
    caller: Annotated[SignedIn, Depends(account())],
) -> None:
    """End one of the caller's own sessions."""
    if not await services(request).sessions.revoke(caller.person_id, id):
        raise NotFound("There is no such session of yours.")


async def _begun(token: str, request: Request, response: Response) -> Session:
    signed_in = await services(request).sessions.find_signed_in(token)
    if signed_in is None:
        raise SignInRequired("The session ended as it began. Sign in again.")
    settings = services(request).settings
    set_token(response, token, settings)
    return Session.of(signed_in, settings)
