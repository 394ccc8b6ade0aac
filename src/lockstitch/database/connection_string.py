"""Connection strings: ours, which no variable of libpq can bend, and those that people give."""

import os
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from lockstitch.errors import ConfigurationError

# Our connection strings say where and who, so these may stay for the application's own databases.
_OVERRULED = frozenset(
    {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE"}
)
# libpq reads them, although they are no part of a connection string.
_NO_PARAMETERS = frozenset({"PGDATESTYLE", "PGGEQO", "PGREQUIRESSL", "PGTZ"})


def socket_dsn(
    socket_directory: str, port: int, *, role: str, database: str, password_file: Path
) -> str:
    """Return a connection string that names the file with the password, not the password."""
    return make_conninfo(
        host=socket_directory,
        # libpq takes what is left out from its variables, and nothing for what is empty.
        hostaddr="",
        port=port,
        user=role,
        dbname=database,
        password="",
        passfile=str(password_file),
    )


def forget_libpq_variables() -> None:
    """Remove from this process the variables that would change how libpq connects.

    No connection string can overrule all of them: a service of an unknown name, `PGTZ`.
    """
    parameters = {option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    for name in parameters - _OVERRULED | _NO_PARAMETERS:
        os.environ.pop(name, None)


def read_dsn(dsn: str) -> dict[str, str]:
    """Return the parameters of a connection string that somebody gave.

    Raises:
        ConfigurationError: It is none. The message never quotes it, for it holds a password.
    """
    try:
        parameters = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except (psycopg.Error, UnicodeError):
        raise _unreadable() from None
    # An unescaped / or @ of a password ends up here, and libpq would quote it.
    ports = parameters.get("port", "").split(",")
    if any(port and not port.isdigit() for port in ports) or "@" in parameters.get("host", ""):
        raise _unreadable()
    return parameters


def _unreadable() -> ConfigurationError:
    return ConfigurationError(
        "What --dsn or LOCKSTITCH_DATABASE_DSN holds is no connection string. Write "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in the password, write % as %25, @ as "
        "%40 and / as %2F."
    )
