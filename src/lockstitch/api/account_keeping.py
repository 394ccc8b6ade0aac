"""Who keeps the accounts: the server itself, or Supabase Auth."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from lockstitch.database.session import ANONYMOUS, Database
from lockstitch.errors import ConfigurationError
from lockstitch.identity.accounts import Accounts
from lockstitch.identity.credentials import Credentials
from lockstitch.identity.mail.outbox import Outbox
from lockstitch.identity.sessions import Sessions
from lockstitch.identity.supabase_accounts import SupabaseAccounts
from lockstitch.identity.supabase_auth import SupabaseAuth
from lockstitch.identity.supabase_credentials import SupabaseCredentials
from lockstitch.identity.upstream_sessions import UpstreamSessions
from lockstitch.settings import Settings

_log = structlog.get_logger("lockstitch.identity")

# Whether whoever has logged in may play the part of Supabase Auth: on a project of Supabase nobody
# may, and on a database that Lockstitch prepared `authenticator` may.
_MAY_KEEP_ACCOUNTS: Final = """
select pg_has_role(session_user, 'supabase_auth_admin', 'member') as may
"""


@dataclass(frozen=True, slots=True)
class AccountKeeping:
    """What sign-in stands on."""

    sessions: Sessions
    accounts: Accounts | SupabaseAccounts
    credentials: Credentials | SupabaseCredentials


@asynccontextmanager
async def keeping_accounts(
    settings: Settings, database: Database, outbox: Outbox
) -> AsyncIterator[AccountKeeping]:
    """Yield what keeps the accounts of an application: the server itself, or Supabase Auth.

    Raises:
        ConfigurationError: The database leaves accounts to a project of Supabase, and none is
            named.
    """
    url, key = settings.supabase_url, settings.supabase_publishable_key
    if await _may_keep_accounts(database):
        if settings.keeps_accounts_on_supabase:
            _log.warning("accounts stay in this database, which is not that of SUPABASE_URL")
        sessions = Sessions(database, settings)
        yield AccountKeeping(
            sessions,
            Accounts(database, sessions, outbox),
            Credentials(database, sessions, outbox),
        )
        return
    if url is None or key is None:
        raise ConfigurationError(
            "The database of LOCKSTITCH_DATABASE_DSN leaves accounts to Supabase Auth. Name the "
            "project: set SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY (docs/supabase.md)."
        )
    async with SupabaseAuth(url, key.get_secret_value()) as auth:
        upstream = UpstreamSessions(database, settings, auth)
        try:
            yield AccountKeeping(
                upstream,
                SupabaseAccounts(database, upstream, auth),
                SupabaseCredentials(database, upstream, auth),
            )
        finally:
            await upstream.close()


async def _may_keep_accounts(database: Database) -> bool:
    async with database.transaction(ANONYMOUS) as connection:
        row = await (await connection.execute(_MAY_KEEP_ACCOUNTS)).fetchone()
    return row is not None and bool(row["may"])
