"""Signing in elsewhere: `/v1/sign-in-providers` and `/v1/linked-identities`."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.requests import Request

from lockstitch.api.description import problems
from lockstitch.api.route import ContractRoute
from lockstitch.api.services import services
from lockstitch.api.timestamp import Timestamp
from lockstitch.contract.declarations import declare, idempotent, invalidates
from lockstitch.database.stored import stored_in
from lockstitch.errors import (
    LastWayIn,
    NotFound,
    ProviderUnavailable,
    SignInRequired,
    TooManyRequests,
)
from lockstitch.identity.audience import person, public
from lockstitch.identity.cookies import is_secure, read_token, set_token
from lockstitch.identity.principal import Principal
from lockstitch.identity.providers.attempts import Attempt, Attempts
from lockstitch.identity.providers.oauth import Provider, SignInFailed
from lockstitch.settings import Settings

router = APIRouter(prefix="/v1", route_class=ContractRoute, tags=["identity"])

# Nothing that a browser would take for another host: no second slash, no backslash, no space.
LOCAL_PATH: Final = r"^/([!-.0-\[\]-~][!-\[\]-~]*)?$"
_SEE_OTHER: Final = 303

ProviderName = Annotated[str, Path(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
LocalPath = Annotated[str, Field(max_length=1000, pattern=LOCAL_PATH)]
# What RFC 6749 allows in a code, a state and an error (VSCHAR and the space).
Answered = Annotated[str | None, Query(max_length=4000, pattern=r"^[\x20-\x7e]*$")]


class SignInProviderItem(BaseModel):
    """Somewhere that people can sign in."""

    name: str
    title: str = Field(description="What a button says.")


class SignInProviderList(BaseModel):
    """Where people can sign in beside their password."""

    items: list[SignInProviderItem]


class SignInStart(BaseModel):
    """Where a browser goes when it comes back. Both are paths of this site."""

    next: LocalPath = Field(default="/", title="Where to go then")
    back: LocalPath = Field(
        default="/sign-in/",
        title="Where to go if it fails",
        description="`?refused=` and a word for the reason are added to it.",
    )


class SignInAddress(BaseModel):
    """The provider's page. Open it in the browser that asked: it carries the attempt."""

    url: str


@stored_in("private.linked_identities")
class LinkedIdentity(BaseModel):
    """A provider with which a person signs in, and who they are there."""

    id: UUID
    provider: str
    email: str | None
    created_at: Timestamp
    last_used_at: Timestamp


class LinkedIdentityList(BaseModel):
    """What a person is linked with."""

    items: list[LinkedIdentity]


@router.get(
    "/sign-in-providers",
    operation_id="list_sign_in_providers",
    summary="Where people can sign in",
    dependencies=[Depends(public())],
)
async def list_sign_in_providers(request: Request) -> SignInProviderList:
    """Return the providers that the settings name, in their order."""
    given = [provider.given for provider in services(request).linked.providers.values()]
    return SignInProviderList(
        items=[SignInProviderItem(name=one.name, title=one.title) for one in given]
    )


@router.post(
    "/sign-in-providers/{name}:start",
    operation_id="start_sign_in",
    summary="Sign in with a provider",
    dependencies=[Depends(public())],
    responses=problems(ProviderUnavailable),
    **declare(idempotent("natural")),
)
async def start_sign_in(
    name: ProviderName, start: SignInStart, request: Request, response: Response
) -> SignInAddress:
    """Begin to sign in elsewhere; the answer sets a cookie that the way back needs."""
    return await _begun(name, start, request, response, person_id=None)


@router.post(
    "/linked-identities/{name}:start",
    operation_id="start_linking",
    summary="Link a provider",
    responses=problems(ProviderUnavailable),
    **declare(idempotent("natural")),
)
async def start_linking(
    name: ProviderName,
    start: SignInStart,
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(person())],
) -> SignInAddress:
    """Begin to link the caller's account with a provider; they come back signed in as now."""
    if principal.session_id is None:
        raise SignInRequired("A token links nothing. Sign in at the console.")
    return await _begun(name, start, request, response, person_id=str(principal.person_id))


@router.get(
    "/sign-in-providers/{name}/callback",
    operation_id="finish_sign_in",
    summary="Come back from a provider",
    status_code=_SEE_OTHER,
    response_class=RedirectResponse,
    dependencies=[Depends(public())],
)
async def finish_sign_in(
    name: ProviderName,
    request: Request,
    code: Answered = None,
    state: Answered = None,
    iss: Answered = None,
    error: Answered = None,
) -> Response:
    """Take what the provider sends, sign the person in, and go on to where they were going."""
    attempts = _attempts(request)
    attempt = attempts.read(request)
    if attempt is None or not attempt.began_with(name, state):
        # It was begun in another browser, longer than ten minutes ago, or by nobody.
        return _to(SignInStart().back, refused="expired", provider=name)
    given = {"code": code, "iss": iss, "error": error}
    answer = {key: value for key, value in given.items() if value is not None}
    try:
        response = await _finished(attempt, answer, request)
    except SignInFailed as failure:
        response = _to(attempt.back, refused=failure.reason, provider=name)
    except ProviderUnavailable:
        response = _to(attempt.back, refused="unavailable", provider=name)
    except TooManyRequests:
        response = _to(attempt.back, refused="too-many", provider=name)
    attempts.end(response)
    return response


@router.get(
    "/linked-identities",
    operation_id="list_linked_identities",
    summary="What you sign in with",
)
async def list_linked_identities(
    request: Request, principal: Annotated[Principal, Depends(person())]
) -> LinkedIdentityList:
    """Return the providers that the caller is linked with."""
    rows = await services(request).linked.of_person(principal.person_id)
    return LinkedIdentityList(items=[LinkedIdentity(**row) for row in rows])


@router.delete(
    "/linked-identities/{id}",
    operation_id="unlink_identity",
    summary="Unlink a provider",
    status_code=204,
    responses=problems(LastWayIn),
    **declare(invalidates("list_linked_identities")),
)
async def unlink_identity(
    id: UUID,  # noqa: A002
    request: Request,
    principal: Annotated[Principal, Depends(person())],
) -> None:
    """Remove a link. Who is signed in stays so."""
    if not await services(request).linked.unlink(principal.person_id, id):
        raise NotFound("There is no such link of yours.")


async def _begun(
    name: str,
    start: SignInStart,
    request: Request,
    response: Response,
    *,
    person_id: str | None,
) -> SignInAddress:
    settings = services(request).settings
    attempt = Attempt.begin(
        name,
        redirect_uri=f"{_origin(request, settings)}/v1/sign-in-providers/{name}/callback",
        next=start.next,
        back=start.back,
        person_id=person_id,
    )
    url = await _provider(request, name).address(attempt)
    _attempts(request).keep(response, attempt)
    return SignInAddress(url=url)


async def _finished(attempt: Attempt, answer: dict[str, str], request: Request) -> Response:
    """Sign in, sign up or link whoever came back."""
    if "code" not in answer:
        raise SignInFailed("denied", answer.get("error", "no code"))
    provider = _provider(request, attempt.provider)
    linked = services(request).linked
    if attempt.person_id is not None:
        # Asked before the code is used: whoever signed out meanwhile links nothing.
        person_id = await _still_signed_in(request, attempt.person_id)
        await linked.link(provider, await provider.identify(attempt, answer), person_id)
        return _to(attempt.next)
    identity = await provider.identify(attempt, answer)
    user_agent = request.headers.get("user-agent")
    token = await linked.sign_in(provider, identity, user_agent)
    if token is None:
        await services(request).sign_in_limits.sign_up(request)
        token = await linked.sign_up(provider, identity, user_agent)
    response = _to(attempt.next)
    set_token(request, response, token, services(request).settings)
    return response


async def _still_signed_in(request: Request, person_id: str) -> UUID:
    token = read_token(request, services(request).settings)
    principal = await services(request).sessions.find(token) if token else None
    if principal is None or str(principal.person_id) != person_id:
        raise SignInFailed("expired", "Somebody else is signed in now.")
    return principal.person_id


def _provider(request: Request, name: str) -> Provider:
    provider = services(request).linked.providers.get(name)
    if provider is None:
        raise NotFound("There is no such sign-in provider. Ask for the list of them.")
    return provider


def _to(path: str, **query: str) -> RedirectResponse:
    """Return the way to a page of this site."""
    glue = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{glue}{urlencode(query)}" if query else path, _SEE_OTHER)


def _origin(request: Request, settings: Settings) -> str:
    """Return where this browser has the service open; the cookie comes back there alone."""
    if settings.public_url is not None:
        return settings.public_url
    scheme = "https" if is_secure(request, settings) else "http"
    return f"{scheme}://{request.headers.get('host', '')}"


def _attempts(request: Request) -> Attempts:
    settings = services(request).settings
    return Attempts(settings, secure=is_secure(request, settings))
