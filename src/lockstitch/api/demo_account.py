"""The account that `up` prints, so that a new user is one click from a prediction."""

import os
import secrets

from pydantic import BaseModel

from lockstitch.database.session import Database
from lockstitch.identity.accounts import Accounts
from lockstitch.identity.sessions import Sessions
from lockstitch.settings import Settings

EMAIL = "demo@lockstitch.example"
_ORGANISATION = "Demo"
_FILE = "demo-password"


class DemoAccount(BaseModel):
    """What to sign in with."""

    email: str
    password: str


async def ensure_demo_account(settings: Settings, dsn: str) -> DemoAccount | None:
    """Return the demo account, made if need be.

    None where others can reach the service, or where Supabase Auth keeps the accounts.
    """
    if not settings.loopback or settings.https or settings.keeps_accounts_on_supabase:
        return None
    account = DemoAccount(email=EMAIL, password=_password(settings))
    database = Database(dsn, max_connections=1)
    await database.open()
    try:
        accounts = Accounts(database, Sessions(database, settings))
        await accounts.ensure(account.email, account.password, _ORGANISATION)
    finally:
        await database.close()
    return account


def _password(settings: Settings) -> str:
    """Return the configured password, or one that was made at random for this data directory."""
    if settings.demo_password is not None:
        return settings.demo_password.get_secret_value()
    path = settings.data / _FILE
    if not path.is_file():
        settings.data.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text().strip()
