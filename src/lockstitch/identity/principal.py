"""Who is calling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from lockstitch.database.session import Actor

Role = Literal["viewer", "member", "admin", "owner"]

_RANK: dict[Role, int] = {"viewer": 0, "member": 1, "admin": 2, "owner": 3}


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who has proved who they are, within one organisation."""

    session_id: UUID
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
