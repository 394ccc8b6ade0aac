"""`lockstitch db prepare`: a Postgres of one's own gets what migrations stand on."""

import os
from typing import Annotated

import typer

from lockstitch.errors import ConfigurationError

PASSWORD = "LOCKSTITCH_ROLES_PASSWORD"  # noqa: S105 - the name of a variable  # pragma: allowlist secret


def prepare(
    dsn: Annotated[str, typer.Option("--dsn", help="As its superuser supabase_admin.")],
) -> None:
    """Give a Postgres of your own the roles and schemas of Supabase; repeating it does no harm.

    The roles that log in get the password of the variable LOCKSTITCH_ROLES_PASSWORD.
    """
    from lockstitch.database.prelude import prepare_own_server

    password = os.environ.get(PASSWORD, "")
    if not password:
        raise ConfigurationError(
            f"Set {PASSWORD}: the roles postgres and authenticator get it as their password. "
            "Make one: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    prepare_own_server(dsn, password)
    print("The database is ready for: lockstitch db migrate --dsn …, as postgres.")
