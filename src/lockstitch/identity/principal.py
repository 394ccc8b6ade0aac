"""Who is calling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from lockstitch.database.session import Actor

Role = Literal["viewer", "member", "admin", "owner"]

# What a machine may be allowed to do.
Scope = Literal["predict"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_RANK: dict[Role, int] = {"viewer": 0, "member": 1, "admin": 2, "owner": 3}


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who has proved who they are, within one organisation."""

    # None: a bearer token, of which no session is kept here.
    session_id: UUID | None
    person_id: UUID
    email: str
    organisation_id: UUID
    organisation_name: str
    role: Role
    signed_in_at: datetime
    expires_at: datetime

    @property
    def actor(self) -> Actor:
        """The database role and the claims under which their statements run."""
        return Actor.person(self.person_id)

    def has_role(self, least: Role) -> bool:
        """Return whether the role allows what `least` allows."""
        return _RANK[self.role] >= _RANK[least]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who has proved who they are, in an organisation or in none.

    Attributes:
        session_id: Their session; None when they have shown a token.
        email_confirmed_at: When they proved that the address is theirs.
        token_made_at: When the session's token was made.
        renewal_due: Whether the session's token is to be replaced with the next answer.
    """

    session_id: UUID | None
    person_id: UUID
    email: str
    email_confirmed_at: datetime | None
    organisation_id: UUID | None
    organisation_name: str | None
    role: Role | None
    signed_in_at: datetime
    expires_at: datetime
    token_made_at: datetime
    renewal_due: bool

    @property
    def actor(self) -> Actor:
        """The database role and the claims under which their statements run."""
        return Actor.person(self.person_id)

    @property
    def principal(self) -> Principal | None:
        """The person within their organisation, if the session acts for one."""
        if self.organisation_id is None or self.organisation_name is None or self.role is None:
            return None
        return Principal(
            session_id=self.session_id,
            person_id=self.person_id,
            email=self.email,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation_name,
            role=self.role,
            signed_in_at=self.signed_in_at,
            expires_at=self.expires_at,
        )


@dataclass(frozen=True, slots=True)
class Machine:
    """A program that has shown an API key of an organisation."""

    key_id: UUID
    organisation_id: UUID
    scopes: frozenset[str]
    expires_at: datetime | None
    requests_per_minute: int | None = None

    @property
    def person_id(self) -> None:
        """No person stands behind a machine."""
        return


Caller: TypeAlias = Principal | Machine
