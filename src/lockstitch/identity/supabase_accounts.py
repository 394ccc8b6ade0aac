"""Accounts that Supabase Auth keeps: sign-up and sign-in, and the organisation of a newcomer."""

from typing import Final

from psycopg.errors import ForeignKeyViolation

from lockstitch.database.session import SERVER, Connection, Database
from lockstitch.errors import AccountsUnavailable
from lockstitch.identity.accounts import default_organisation, found_organisation, normal_email
from lockstitch.identity.supabase_auth import Account, Grant, SupabaseAuth
from lockstitch.identity.upstream_sessions import UpstreamSessions

# Under which the account remembers it until its first sign-in.
_NAME: Final = "organisation_name"
_LONGEST_NAME: Final = 200

# Two first sign-ins at once must not found two organisations.
_WAIT: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_BELONGS: Final = "select from public.organisation_members where person_id = %s limit 1"


class SupabaseAccounts:
    """Sign-up and sign-in of one application on Supabase; `auth.users` is never written."""

    def __init__(self, database: Database, sessions: UpstreamSessions, auth: SupabaseAuth) -> None:
        self._database = database
        self._sessions = sessions
        self._auth = auth

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
            EmailNotConfirmed: The account is there, and its address has to be confirmed first; the
                organisation is founded at the first sign-in.
            EmailTaken: There is an account with this address.
            LockstitchError: What else `SupabaseAuth.sign_up` raises.
        """
        data = {} if organisation is None else {_NAME: organisation}
        grant = await self._auth.sign_up(normal_email(email), password, data)
        return await self._begin(grant, user_agent)

    async def sign_in(self, email: str, password: str, *, user_agent: str | None = None) -> str:
        """Return the token of a new session.

        Raises:
            WrongCredentials: No account has this address with this password.
            LockstitchError: What else `SupabaseAuth.sign_in` raises.
        """
        return await self._begin(
            await self._auth.sign_in(normal_email(email), password), user_agent
        )

    async def _begin(self, grant: Grant, user_agent: str | None) -> str:
        try:
            async with self._database.transaction(SERVER) as connection:
                await _ensure_organisation(connection, grant.user)
                return await self._sessions.begin_with(connection, grant, user_agent)
        except ForeignKeyViolation:
            raise AccountsUnavailable(
                "The account is not in this service's database. Whoever runs it must give "
                "SUPABASE_URL and LOCKSTITCH_DATABASE_DSN of the same project."
            ) from None


async def _ensure_organisation(connection: Connection, account: Account) -> None:
    await connection.execute(_WAIT, (str(account.id),))
    belongs = await connection.execute(_BELONGS, (account.id,))
    if await belongs.fetchone() is None:
        await found_organisation(connection, account.id, _name(account))


def _name(account: Account) -> str:
    """Return what the person asked for, which anybody can write, or else the address's."""
    asked = account.user_metadata.get(_NAME)
    if isinstance(asked, str) and 0 < len(asked) <= _LONGEST_NAME and asked.isprintable():
        return asked
    return default_organisation(account.email or "")
