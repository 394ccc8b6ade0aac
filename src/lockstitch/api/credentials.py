"""Proving an address, and changing it and the password."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.accounts import Email, NewPassword, Password
from lockstitch.api.description import problems
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.errors import EmailTaken, LinkInvalid, TooManyRequests, WrongCredentials
from lockstitch.identity.accounts import normal_email
from lockstitch.identity.audience import account, public
from lockstitch.identity.principal import SignedIn

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["identity"])

# As it stands behind `#` in the link of a letter.
LinkToken = Annotated[
    str,
    Field(title="Token", min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$", repr=False),
]


class EmailConfirmation(BaseModel):
    """The token of a letter that asks whether an address is yours."""

    token: LinkToken


class ResetRequest(BaseModel):
    """Whose password was forgotten."""

    email: Email


class PasswordReset(BaseModel):
    """The token of a letter, and the password to have from now on."""

    token: LinkToken
    password: NewPassword


class PasswordChange(BaseModel):
    """The password until now, and the one from now on."""

    current_password: Password
    password: NewPassword


class EmailChange(BaseModel):
    """The address to have from now on, and the password as a proof."""

    email: Email
    password: Password


@router.post(
    "/email-confirmations",
    operation_id="request_email_confirmation",
    summary="Send the confirmation again",
    status_code=204,
    responses=problems(TooManyRequests),
    # One letter more does no harm, and they are counted.
    **declare(idempotent("natural")),
)
async def request_email_confirmation(
    request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> None:
    """Send the letter that asks whether the address is the caller's, unless that is known."""
    if caller.email_confirmed_at is not None:
        return
    await services(request).sign_in_limits.mail(request, caller.email)
    await services(request).credentials.request_confirmation(caller.person_id, caller.email)


@router.post(
    "/email-confirmations:use",
    operation_id="confirm_email",
    summary="Confirm an address",
    status_code=204,
    dependencies=[Depends(public())],
    responses=problems(LinkInvalid, EmailTaken),
    **declare(idempotent("natural"), invalidates("get_current_session")),
)
async def confirm_email(confirmation: EmailConfirmation, request: Request) -> None:
    """Take note that an address is its holder's; who asked for the change has it from now on."""
    await services(request).credentials.confirm_email(confirmation.token)


@router.post(
    "/password-resets",
    operation_id="request_password_reset",
    summary="Ask for a new password",
    status_code=204,
    dependencies=[Depends(public())],
    responses=problems(TooManyRequests),
)
async def request_password_reset(reset: ResetRequest, request: Request) -> None:
    """Send a letter, if the address has an account; the answer is the same if it has none."""
    email = normal_email(reset.email)
    await services(request).sign_in_limits.mail(request, email)
    await services(request).credentials.request_reset(email)


@router.post(
    "/password-resets:use",
    operation_id="reset_password",
    summary="Choose a new password",
    status_code=204,
    dependencies=[Depends(public())],
    responses=problems(LinkInvalid),
    **declare(invalidates("get_current_session", "list_sessions")),
)
async def reset_password(reset: PasswordReset, request: Request) -> None:
    """Set the password by the token of a letter, once; every session of the person ends."""
    email = await services(request).credentials.reset_password(reset.token, reset.password)
    await services(request).sign_in_limits.forget(email)


@router.put(
    "/accounts/current/password",
    operation_id="change_password",
    summary="Change the password",
    status_code=204,
    responses=problems(WrongCredentials, TooManyRequests),
    **declare(invalidates("list_sessions")),
)
async def change_password(
    change: PasswordChange, request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> None:
    """Change the caller's password; their other sessions end. Failures count as sign-ins do."""
    limits = services(request).sign_in_limits
    attempt = await limits.sign_in(request, caller.email)
    await services(request).credentials.change_password(
        caller, change.current_password, change.password
    )
    await limits.forgive(request, attempt)


@router.put(
    "/accounts/current/email",
    operation_id="change_email",
    summary="Change the e-mail address",
    status_code=204,
    responses=problems(WrongCredentials, EmailTaken, TooManyRequests),
)
async def change_email(
    change: EmailChange, request: Request, caller: Annotated[SignedIn, Depends(account())]
) -> None:
    """Send a letter to the new address, which counts when it is confirmed."""
    limits = services(request).sign_in_limits
    email = normal_email(change.email)
    attempt = await limits.sign_in(request, caller.email)
    await limits.mail(request, email)
    await services(request).credentials.change_email(caller, email, change.password)
    await limits.forgive(request, attempt)
