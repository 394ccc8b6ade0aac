"""The data of an application while it is verified, so that its real data is not touched."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx2
from psycopg.conninfo import make_conninfo

from lockstitch.api.database import project_database
from lockstitch.api.demo_account import DemoAccount, ensure_demo_account
from lockstitch.errors import ApplicationFailed
from lockstitch.guard.verify.credentials import Credentials
from lockstitch.guard.verify.process import Imported
from lockstitch.settings import KEEP_MAIL, PREFIX, Settings

_SIGN_IN_SECONDS: Final = 30.0
_UNLIMITED: Final = "1000000000"
# What leads to data and accounts that are not thrown away.
_ELSEWHERE: Final = (
    "database_dsn",
    "database_direct_dsn",
    "demo_password",
    "supabase_url",
    "supabase_publishable_key",
)


class ThrowAwayProduct:
    """A database of its own and a demo account, for an application that uses Lockstitch.

    The files of the models are the real ones: they are only read, or made where they lack.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._demo: DemoAccount | None = None
        self._dsn: str | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def prepare(self, imported: Imported) -> dict[str, str]:
        """Return the environment of the application; start its database where it needs one."""
        if not imported.uses_lockstitch:
            return {}
        data = self._data()
        settings = Settings.load(data=data, host="127.0.0.1", port=imported.port, https=False)
        settings = settings.model_copy(update=dict.fromkeys(_ELSEWHERE))
        dsn = self._dsn = self._stack.enter_context(project_database(settings))
        self._demo = asyncio.run(ensure_demo_account(settings, dsn))
        values = {
            "database_dsn": dsn,
            "database_direct_dsn": dsn,
            "data": str(data),
            "host": settings.host,
            "port": str(settings.port),
            "https": "false",
            # Nobody gets a mail from a verification, and nobody waits for one.
            "smtp_url": KEEP_MAIL,
            "require_verified_email": "false",
            "mails_per_email": _UNLIMITED,
            # Thousands of requests come from here on purpose, many of them to sign in.
            "sign_in_failures_per_address": _UNLIMITED,
            "sign_ups_per_address": _UNLIMITED,
        }
        return {f"{PREFIX}{name.upper()}": value for name, value in values.items()}

    def owner_dsn(self) -> str | None:
        """Return where to log in as the owner of the tables, whom no policy binds.

        None where there is no database of ours.
        """
        return None if self._dsn is None else make_conninfo(self._dsn, user="postgres")

    def sign_in(self, imported: Imported) -> Credentials:
        """Return the credentials of the demo account; none where there is no such account."""
        demo = self._demo
        if demo is None:
            return Credentials()
        credentials = Credentials(renew=lambda: _session(imported.url, demo))
        credentials.refresh()
        return credentials

    def _data(self) -> Path:
        artefacts = Settings.load().data.resolve() / "artefacts"
        artefacts.mkdir(parents=True, exist_ok=True)
        data = self._folder / "data"
        data.mkdir()
        (data / artefacts.name).symlink_to(artefacts)
        return data


def _session(url: str, account: DemoAccount) -> dict[str, str]:
    answer = httpx2.post(f"{url}/v1/sessions", json=account.model_dump(), timeout=_SIGN_IN_SECONDS)
    if not answer.is_success:
        raise ApplicationFailed(f"The demo account could not sign in: {answer.text}")
    return {"cookie": "; ".join(f"{name}={value}" for name, value in answer.cookies.items())}
