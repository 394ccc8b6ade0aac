"""What each route says of its callers, read at run time, by the contract and at start-up alike."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from starlette.requests import Request

from lockstitch.database.session import ANONYMOUS, Actor
from lockstitch.errors import (
    EmailNotConfirmed,
    NoOrganisation,
    RoleTooLow,
    ScopeMissing,
    SignInRequired,
)
from lockstitch.identity.address import client_address
from lockstitch.identity.cookies import read_token
from lockstitch.identity.exposure import refuse_exposed_placeholder, refuse_plain_http
from lockstitch.identity.keys import Keys
from lockstitch.identity.origin import refuse_foreign_write
from lockstitch.identity.principal import Caller, Principal, Role, Scope, SignedIn
from lockstitch.identity.request_limits import RequestLimits, counted
from lockstitch.identity.sessions import Sessions
from lockstitch.identity.tokens import ORGANISATION_HEADER, Tokens, is_token
from lockstitch.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """What the audiences of an application need; kept at `app.state.lockstitch_identity`."""

    settings: Settings
    sessions: Sessions
    keys: Keys
    tokens: Tokens
    limits: RequestLimits


@dataclass(frozen=True)
class Audience(ABC):
    """Who may call a route: a dependency that returns the caller or refuses the call."""

    name: ClassVar[str]
    identified: ClassVar[bool]
    # What the policies of the database can read while such a caller acts.
    claims: ClassVar[frozenset[str]]

    @abstractmethod
    async def __call__(self, request: Request) -> Caller | SignedIn | None:
        """Return who is calling.

        Raises:
            IdentityError: This caller may not.
            TooManyRequests: The caller or the address has no requests left for now.
        """

    @abstractmethod
    def describe(self) -> dict[str, str]:
        """Return what the contract says under `x-lockstitch-audience`."""


def _identity(request: Request, *, limited: bool = True) -> Identity:
    identity: Identity = request.app.state.lockstitch_identity
    refuse_exposed_placeholder(request, identity.settings)
    refuse_plain_http(request, identity.settings)
    if limited:
        address = client_address(request.scope, identity.settings.trusted_proxies)
        identity.limits.take_address(address, counted(request.scope))
    return identity


def _identity_of_personal(request: Request) -> Identity:
    # Whatever the answer is, it depends on who asks: nobody may keep it without being told to.
    request.scope.setdefault("state", {})["lockstitch_personal"] = True
    return _identity(request)


@dataclass(frozen=True)
class Public(Audience):
    """Everybody; writes from other sites are refused all the same."""

    name = "public"
    identified = False
    claims = ANONYMOUS.claim_names

    limited: bool = True

    async def __call__(self, request: Request) -> None:
        """Let everybody in.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            TooManyRequests: The caller or the address has no requests left for now.
        """
        identity = _identity(request, limited=self.limited)
        refuse_foreign_write(request, identity.settings)

    def describe(self) -> dict[str, str]:
        """Return the audience's name."""
        return {"kind": self.name}


@dataclass(frozen=True)
class Person(Audience):
    """People who are signed in and have at least this role in their organisation."""

    name = "person"
    identified = True
    claims = Actor.person(UUID(int=0)).claim_names

    role: Role = "viewer"

    async def __call__(self, request: Request) -> Principal:
        """Return the person whose token the request carries, or else whose session.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            TooManyRequests: The caller or the address has no requests left for now.
            SignInRequired: There is no session, or it is over.
            TokenRefused: There is a token, and it is not taken.
            IssuerUnavailable: The keys of the token's issuer cannot be had.
            NotAMember: The token's person is not in the organisation that it asks for.
            EmailNotConfirmed: The address is to be confirmed first.
            NoOrganisation: The session acts for no organisation.
            RoleTooLow: The person's role does not allow this.
        """
        return await _person(_identity_of_personal(request), request, self.role)

    def describe(self) -> dict[str, str]:
        """Return the audience's name and the least role."""
        return {"kind": self.name, "role": self.role}


@dataclass(frozen=True)
class Account(Audience):
    """People who have proved who they are, even if they act for no organisation."""

    name = "account"
    identified = True
    claims = Person.claims

    # Whether they must have confirmed their address, where the settings ask for that at all.
    confirmed: bool = False
    # Whether it is about the session itself, so that a token is not enough.
    by_session: bool = False

    async def __call__(self, request: Request) -> SignedIn:
        """Return the person whose token the request carries, or else whose session.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            TooManyRequests: The caller or the address has no requests left for now.
            SignInRequired: There is no session, or it is over; or a session is needed.
            TokenRefused: There is a token, and it is not taken.
            IssuerUnavailable: The keys of the token's issuer cannot be had.
            NotAMember: The token's person is not in the organisation that it asks for.
            EmailNotConfirmed: The address is to be confirmed first.
        """
        identity = _identity_of_personal(request)
        signed_in = await _signed_in(identity, request, confirmed=self.confirmed)
        if self.by_session and signed_in.session_id is None:
            raise SignInRequired("A token is not enough for this. Sign in at the console.")
        return signed_in

    def describe(self) -> dict[str, str]:
        """Return the audience's name."""
        return {"kind": self.name}


@dataclass(frozen=True)
class PersonOrMachine(Audience):
    """People with at least this role, and machines whose key has this scope."""

    name = "person-or-machine"
    identified = True
    # A machine reaches the database through the server alone.
    claims = Person.claims

    role: Role
    scope: Scope

    async def __call__(self, request: Request) -> Caller:
        """Return the machine whose key, or the person whose token or session, is there.

        What stands in `Authorization` decides alone; the session counts where there is no such
        header.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            TooManyRequests: The caller or the address has no requests left for now.
            SignInRequired: There is neither key nor session, or it is over.
            TokenRefused: There is a token, and it is not taken.
            IssuerUnavailable: The keys of the token's issuer cannot be had.
            NotAMember: The token's person is not in the organisation that it asks for.
            EmailNotConfirmed: The person's address is to be confirmed first.
            ScopeMissing: The key does not have the scope.
            RoleTooLow: The person's role does not allow this.
        """
        identity = _identity_of_personal(request)
        scheme, credential = _authorization(request)
        if not scheme or (scheme == "bearer" and is_token(credential)):
            return await _person(identity, request, self.role)
        machine = await identity.keys.find(credential) if scheme == "bearer" else None
        if machine is None:
            raise SignInRequired("The API key is unknown, revoked or expired. Use another one.")
        identity.limits.take_caller(machine, counted(request.scope))
        if self.scope not in machine.scopes:
            raise ScopeMissing(
                f"This needs an API key with the scope {self.scope}. Make one in the console."
            )
        return machine

    def describe(self) -> dict[str, str]:
        """Return the audience's name, the least role of people and the scope of machines."""
        return {"kind": self.name, "role": self.role, "scope": self.scope}


def _authorization(request: Request) -> tuple[str, str]:
    """Return the scheme in lower case and the credential, both empty without the header."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    return scheme.lower(), credential.strip()


async def _signed_in(identity: Identity, request: Request, *, confirmed: bool) -> SignedIn:
    scheme, credential = _authorization(request)
    if scheme == "bearer" and is_token(credential):
        # No browser adds it by itself, so the origin says nothing.
        organisation = request.headers.get(ORGANISATION_HEADER)
        signed_in = await identity.tokens.find(credential, organisation)
    else:
        signed_in = await _of_session(identity, request)
    identity.limits.take_caller(signed_in, counted(request.scope))
    if signed_in.renewal_due:
        # Whoever answers replaces the token; see lockstitch.api.renewal.
        request.state.lockstitch_renewal = signed_in
    unconfirmed = signed_in.email_confirmed_at is None
    if confirmed and unconfirmed and identity.settings.needs_verified_email:
        raise EmailNotConfirmed(
            f"Confirm your e-mail address first. A letter was sent to {signed_in.email}."
        )
    return signed_in


async def _of_session(identity: Identity, request: Request) -> SignedIn:
    refuse_foreign_write(request, identity.settings)
    token = read_token(request, identity.settings)
    signed_in = await identity.sessions.find_signed_in(token) if token else None
    if signed_in is None:
        raise SignInRequired("Sign in first. Your session may have ended.")
    return signed_in


async def _person(identity: Identity, request: Request, role: Role) -> Principal:
    signed_in = await _signed_in(identity, request, confirmed=True)
    principal = signed_in.principal
    if principal is None:
        raise NoOrganisation(
            "You act for no organisation. Choose one, make one, or accept an invitation."
        )
    return _with_role(principal, role)


def _with_role(principal: Principal, role: Role) -> Principal:
    if not principal.has_role(role):
        raise RoleTooLow(
            f"This needs the role {role} in {principal.organisation_name}. "
            "Ask an owner of the organisation for it."
        )
    return principal


def public(*, limited: bool = True) -> Public:
    """Declare that everybody may call the route: `Depends(public())`.

    Args:
        limited: Whether requests count for their network address; a probe's should not.
    """
    return Public(limited)


def person(role: Role = "viewer") -> Person:
    """Declare that people with at least this role may call: `Depends(person(role="member"))`."""
    return Person(role)


def account(*, confirmed: bool = False, by_session: bool = False) -> Account:
    """Declare that whoever is signed in may call, even without an organisation.

    Args:
        confirmed: Whether the address must be confirmed, where the settings ask for that at all.
        by_session: Whether a token is not enough, since it is about the session itself.
    """
    return Account(confirmed, by_session)


def person_or_machine(*, role: Role = "viewer", scope: Scope) -> PersonOrMachine:
    """Declare that people with at least this role and machines with this scope may call."""
    return PersonOrMachine(role, scope)
