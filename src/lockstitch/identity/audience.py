"""What each route says of its callers, read at run time, by the contract and at start-up alike."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from starlette.requests import Request

from lockstitch.database.session import ANONYMOUS, Actor
from lockstitch.errors import RoleTooLow, ScopeMissing, SignInRequired
from lockstitch.identity.cookies import read_token
from lockstitch.identity.exposure import refuse_exposed_placeholder, refuse_plain_http
from lockstitch.identity.keys import Keys
from lockstitch.identity.origin import refuse_foreign_write
from lockstitch.identity.principal import Caller, Principal, Role, Scope
from lockstitch.identity.sessions import Sessions
from lockstitch.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """What the audiences of an application need; kept at `app.state.lockstitch_identity`."""

    settings: Settings
    sessions: Sessions
    keys: Keys


@dataclass(frozen=True)
class Audience(ABC):
    """Who may call a route: a dependency that returns the caller or refuses the call."""

    name: ClassVar[str]
    identified: ClassVar[bool]
    # What the policies of the database can read while such a caller acts.
    claims: ClassVar[frozenset[str]]

    @abstractmethod
    async def __call__(self, request: Request) -> Caller | None:
        """Return who is calling.

        Raises:
            IdentityError: This caller may not.
        """

    @abstractmethod
    def describe(self) -> dict[str, str]:
        """Return what the contract says under `x-lockstitch-audience`."""


def _refuse_unsafe(request: Request) -> Identity:
    identity: Identity = request.app.state.lockstitch_identity
    refuse_exposed_placeholder(request, identity.settings)
    refuse_plain_http(request, identity.settings)
    refuse_foreign_write(request, identity.settings)
    return identity


def _identity_of_personal(request: Request) -> Identity:
    # Whatever the answer is, it depends on who asks: nobody may keep it without being told to.
    request.scope.setdefault("state", {})["lockstitch_personal"] = True
    return _refuse_unsafe(request)


@dataclass(frozen=True)
class Public(Audience):
    """Everybody; writes from other sites are refused all the same."""

    name = "public"
    identified = False
    claims = ANONYMOUS.claim_names

    async def __call__(self, request: Request) -> None:
        """Let everybody in.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
        """
        _refuse_unsafe(request)

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
        """Return the person whose session the request carries.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            SignInRequired: There is no session, or it is over.
            RoleTooLow: The person's role does not allow this.
        """
        return await _person(_identity_of_personal(request), request, self.role)

    def describe(self) -> dict[str, str]:
        """Return the audience's name and the least role."""
        return {"kind": self.name, "role": self.role}


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
        """Return the machine whose key the request carries, or else the person.

        Raises:
            ForeignOrigin: The request is a write from a page of another origin.
            PlaceholderSecret: Others can reach the service and its secret is a placeholder.
            HttpsRequired: The request came over a network by plain http.
            SignInRequired: There is neither key nor session, or it is over.
            ScopeMissing: The key does not have the scope.
            RoleTooLow: The person's role does not allow this.
        """
        identity = _identity_of_personal(request)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return await _person(identity, request, self.role)
        machine = await identity.keys.find(key.strip()) if scheme.lower() == "bearer" else None
        if machine is None:
            raise SignInRequired("The API key is unknown, revoked or expired. Use another one.")
        if self.scope not in machine.scopes:
            raise ScopeMissing(
                f"This needs an API key with the scope {self.scope}. Make one in the console."
            )
        return machine

    def describe(self) -> dict[str, str]:
        """Return the audience's name, the least role of people and the scope of machines."""
        return {"kind": self.name, "role": self.role, "scope": self.scope}


async def _person(identity: Identity, request: Request, role: Role) -> Principal:
    token = read_token(request, identity.settings)
    principal = await identity.sessions.find(token) if token else None
    if principal is None:
        raise SignInRequired("Sign in first. Your session may have ended.")
    if not principal.has_role(role):
        raise RoleTooLow(
            f"This needs the role {role} in {principal.organisation_name}. "
            "Ask an owner of the organisation for it."
        )
    return principal


def public() -> Public:
    """Declare that everybody may call the route: `Depends(public())`."""
    return Public()


def person(role: Role = "viewer") -> Person:
    """Declare that people with at least this role may call: `Depends(person(role="member"))`."""
    return Person(role)


def person_or_machine(*, role: Role = "viewer", scope: Scope) -> PersonOrMachine:
    """Declare that people with at least this role and machines with this scope may call."""
    return PersonOrMachine(role, scope)
