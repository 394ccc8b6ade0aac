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
