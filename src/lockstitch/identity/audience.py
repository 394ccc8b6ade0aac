"""What each route says of its callers, read at run time, by the contract and at start-up alike."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from starlette.requests import Request

from lockstitch.database.session import ANONYMOUS, Actor
from lockstitch.errors import RoleTooLow, SignInRequired
from lockstitch.identity.cookies import read_token
from lockstitch.identity.exposure import refuse_exposed_placeholder
from lockstitch.identity.origin import refuse_foreign_write
from lockstitch.identity.principal import Principal, Role
from lockstitch.identity.sessions import Sessions
from lockstitch.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """What the audiences of an application need; kept at `app.state.lockstitch_identity`."""

    settings: Settings
    sessions: Sessions


@dataclass(frozen=True)
class Audience(ABC):
    """Who may call a route: a dependency that returns the caller or refuses the call."""

    name: ClassVar[str]
    identified: ClassVar[bool]
    # What the policies of the database can read while such a caller acts.
    claims: ClassVar[frozenset[str]]

    @abstractmethod
    async def __call__(self, request: Request) -> Principal | None:
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
    refuse_foreign_write(request)
    return identity


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
            SignInRequired: There is no session, or it is over.
            RoleTooLow: The person's role does not allow this.
        """
        identity = _refuse_unsafe(request)
        token = read_token(request, identity.settings)
        principal = await identity.sessions.find(token) if token else None
        if principal is None:
            raise SignInRequired("Sign in first. Your session may have ended.")
        if not principal.has_role(self.role):
            raise RoleTooLow(
                f"This needs the role {self.role} in {principal.organisation_name}. "
                "Ask an owner of the organisation for it."
            )
        return principal

    def describe(self) -> dict[str, str]:
        """Return the audience's name and the least role."""
        return {"kind": self.name, "role": self.role}


def public() -> Public:
    """Declare that everybody may call the route: `Depends(public())`."""
    return Public()


def person(role: Role = "viewer") -> Person:
    """Declare that people with at least this role may call: `Depends(person(role="member"))`."""
    return Person(role)
