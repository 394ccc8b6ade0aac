"""Who acts: the people of two organisations, and those who belong to none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

ActorName = Literal[
    "owner",
    "other organisation",
    "lower role",
    "former member",
    "without organisation",
    "anonymous",
]

# In the order of the columns of the matrix; the first one is the positive control.
ACTORS: tuple[ActorName, ...] = (
    "owner",
    "other organisation",
    "lower role",
    "former member",
    "without organisation",
    "anonymous",
)

# Claims of a token whose names say that they tell the tenant, or the role in it.
TENANT_WORDS = ("org", "tenant", "team", "workspace", "company", "account", "group")
_STANDARD_CLAIMS = frozenset({"sub", "role", "aud", "email", "exp", "iat", "iss"})


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: the role of Postgres, and what the policies know of them."""

    name: ActorName
    person_id: UUID | None
    tenant: dict[str, Any] | None
    member_role: str | None = None

    @property
    def role(self) -> str:
        """The role of Postgres that an API takes for them."""
        return "anon" if self.person_id is None else "authenticated"

    def claims(self, read_by_policies: Iterable[str]) -> str:
        """Return the claims of the actor's token, as JSON.

        Args:
            read_by_policies: The claims that some policy reads, such as `app_metadata.org_id`;
                those that name a tenant or a role in one are filled in.
        """
        if self.person_id is None:
            return json.dumps({"role": "anon"})
        claims: dict[str, Any] = {
            "sub": str(self.person_id),
            "role": "authenticated",
            "aud": "authenticated",
            "email": f"{self.person_id}@example.com",
        }
        for path in read_by_policies:
            value = self._claim(path)
            if value is not None and path not in _STANDARD_CLAIMS:
                _put(claims, path.split("."), value)
        return json.dumps(claims)

    def _claim(self, path: str) -> str | None:
        name = path.rsplit(".", 1)[-1].lower()
        if "role" in name:
            return self.member_role
        if self.tenant and any(word in name for word in TENANT_WORDS):
            return str(next(iter(self.tenant.values())))
        return None


@dataclass(slots=True)
class Side:
    """One of the two organisations: its people, and its rows by table.

    Attributes:
        mark: A text that stands in its rows.
        people: `owner`, `member`, `viewer` and `former`.
        rows: Every row that was made for it, by `schema.table`.
    """

    mark: str
    people: dict[str, UUID]
    tenant: dict[str, Any] | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


def _put(claims: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = claims.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        claims = inner
    claims[path[-1]] = value
