"""Accounts: e-mail address and password, kept where Supabase Auth keeps them."""

from contextlib import suppress
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation

from lockstitch.database.session import AUTH_ADMIN, SERVER, Connection, Database, become
from lockstitch.errors import EmailTaken, WrongCredentials
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.passwords import hash_password, password_matches
from lockstitch.identity.sessions import Sessions

# As long as the column of an organisation's name.
_LONGEST_NAME = 200

_INSERT_USER = """
insert into auth.users (id, aud, role, email, encrypted_password, created_at, updated_at)
values (%s, 'authenticated', 'authenticated', %s, %s, now(), now())
"""

_INSERT_ORGANISATION = """
with organisation as (
    insert into public.organisations (name) values (%s) returning id
)
insert into public.organisation_members (organisation_id, person_id, role)
select organisation.id, %s, 'owner' from organisation
"""

_SELECT_USER = """
select id, encrypted_password from auth.users
where email = %s and not is_sso_user and deleted_at is null
and (banned_until is null or banned_until <= now())
"""

_UPDATE_USER = "update auth.users set encrypted_password = %s, updated_at = now() where id = %s"
_VOUCH = """
update auth.users set email_confirmed_at = now()
where email = %s and email_confirmed_at is null and not is_sso_user
"""


class Accounts:
    """Sign-up and sign-in of one application."""

    def __init__(
        self, database: Database, sessions: Sessions, outbox: Outbox | None = None
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._outbox = outbox

    async def create(
        self,
        email: str,
        password: str,
        organisation: str | None = None,
        *,
        user_agent: str | None = None,
    ) -> str:
        """Create an account with an organisation of its own and return a session token.

        Raises:
            EmailTaken: There is an account with this address.
        """
        email = normal_email(email)
        person_id = uuid4()
        password_hash = await hash_password(password)
        try:
            async with self._database.transaction(AUTH_ADMIN) as connection:
                await connection.execute(_INSERT_USER, (person_id, email, password_hash))
                await become(connection, SERVER)
                name = organisation or default_organisation(email)
                await found_organisation(connection, person_id, name)
                if self._outbox is not None:
                    about = {"person_id": str(person_id)}
                    await self._outbox.put(connection, "confirmation", email, **about)
                token = await self._sessions.begin(connection, person_id, user_agent)
        except UniqueViolation:
            raise EmailTaken(
                "An account with this e-mail address exists already. Sign in instead."
            ) from None
        if self._outbox is not None:
            self._outbox.wake()
        return token

    async def sign_in(self, email: str, password: str, *, user_agent: str | None = None) -> str:
        """Return the token of a new session.

        Raises:
            WrongCredentials: No account has this address with this password.
        """
        email = normal_email(email)
        async with self._database.transaction(AUTH_ADMIN) as connection:
            row = await (await connection.execute(_SELECT_USER, (email,))).fetchone()
        matches = await password_matches(password, row["encrypted_password"] if row else None)
        if row is None or not matches:
            raise WrongCredentials("The e-mail address or the password is wrong. Try again.")
        async with self._database.transaction(SERVER) as connection:
            return await self._sessions.begin(connection, row["id"], user_agent)

    async def ensure(self, email: str, password: str, organisation: str) -> None:
        """Create the account if it is not there, and let it have this password.

        Its address counts as confirmed: whoever runs the service vouches for it.
        """
        async with self._database.transaction(AUTH_ADMIN) as connection:
            row = await (await connection.execute(_SELECT_USER, (email,))).fetchone()
        if row is None:
            # Another first start may be creating it at the same time, with the same password.
            with suppress(EmailTaken):
                await self.create(email, password, organisation)
        elif not await password_matches(password, row["encrypted_password"]):
            password_hash = await hash_password(password)
            async with self._database.transaction(AUTH_ADMIN) as connection:
                await connection.execute(_UPDATE_USER, (password_hash, row["id"]))
        async with self._database.transaction(AUTH_ADMIN) as connection:
            await connection.execute(_VOUCH, (normal_email(email),))


async def found_organisation(connection: Connection, person_id: UUID, name: str) -> None:
    """Make an organisation of which the person is the owner. Acts as the server."""
    await connection.execute(_INSERT_ORGANISATION, (name, person_id))


def default_organisation(email: str) -> str:
    """Return the name of an organisation whose founder gave none."""
    return email.partition("@")[0][:_LONGEST_NAME] or "Organisation"


def normal_email(email: str) -> str:
    """Return the spelling under which an address is stored and looked up."""
    return email.strip().lower()
