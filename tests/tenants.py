"""Tenants: organisations with a person each, as real rows."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from lockstitch.database.session import AUTH_ADMIN, SERVER, Actor, Database, become


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation with one person, its owner."""

    organisation_id: UUID
    person_id: UUID
    email: str

    @property
    def actor(self) -> Actor:
        """The person, signed in."""
        return Actor.person(self.person_id)


async def found_tenant(database: Database, name: str) -> Tenant:
    """Create an organisation and its owner, the way that sign-up does."""
    person_id, email = uuid4(), f"owner@{name.lower()}.example"
    async with database.transaction(AUTH_ADMIN) as connection:
        await connection.execute(
            "insert into auth.users (id, email, aud, role, created_at) "
            "values (%s, %s, 'authenticated', 'authenticated', now())",
            [person_id, email],
        )
        await become(connection, SERVER)
        answer = await connection.execute(
            "insert into public.organisations (name) values (%s) returning id", [name]
        )
        row = await answer.fetchone()
        assert row is not None
        await connection.execute(
            "insert into public.organisation_members (organisation_id, person_id, role) "
            "values (%s, %s, 'owner')",
            [row["id"], person_id],
        )
    return Tenant(row["id"], person_id, email)
