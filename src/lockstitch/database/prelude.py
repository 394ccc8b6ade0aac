"""What hosted Supabase has and plain Postgres lacks, put into a database before its migrations."""

import hashlib
from collections.abc import Callable
from importlib.resources import files

import psycopg
from psycopg import sql

from lockstitch.database.cluster import SUPERUSER
from lockstitch.database.connection_string import read_dsn
from lockstitch.errors import ConfigurationError, DatabaseUnavailable

# The database of an embedded server.
DATABASE = "lockstitch"

# In the order in which they build on each other.
_PARTS = ("roles", "auth", "storage", "realtime", "migrations")

_LOGIN_ROLES = ("postgres", "authenticator", "supabase_auth_admin", "supabase_storage_admin")

# Any number will do, as long as nobody else in this database uses it.
_LOCK = 5_042_018_071

_APPLIED = """
    select shobj_description(oid, 'pg_database')
    from pg_database
    where datname = %s
"""


def prepare_database(dsn: Callable[[str, str], str], name: str = DATABASE) -> None:
    """Make the database and apply the prelude to it, unless both are there already.

    Args:
        dsn: Gives the connection string of a role and a database.
        name: The database to prepare.

    Raises:
        psycopg.OperationalError: The server cannot be reached.
    """
    with psycopg.connect(dsn(SUPERUSER, "postgres"), autocommit=True) as server:
        server.execute("select pg_advisory_lock(%s)", [_LOCK])
        found = server.execute(_APPLIED, [name]).fetchone()
        if found == (_description(),):
            return
        if found is None:
            server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(dsn(SUPERUSER, name)) as database:
            apply_prelude(database)


def prepare_own_server(dsn: str, password: str) -> None:
    """Give a server of one's own what Supabase has, in the database that the DSN names.

    Args:
        dsn: As a superuser named `supabase_admin`.
        password: What the login roles get, `postgres` and `authenticator` among them.

    Raises:
        ConfigurationError: The DSN is none, or of another role.
        DatabaseUnavailable: Nobody answers there.
    """
    read_dsn(dsn)
    try:
        connection = psycopg.connect(dsn, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached: {str(error).strip()}. "
            "Check that it runs and that its connection string is right."
        ) from error
    with connection:
        if connection.info.user != SUPERUSER:
            raise ConfigurationError(
                f"{connection.info.user} would not own what Supabase's superuser owns. Make the "
                f"server with the superuser {SUPERUSER}, and log in as it."
            )
        connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        apply_prelude(connection, password)


def apply_prelude(connection: psycopg.Connection, password: str | None = None) -> None:
    """Apply every part in the connection's transaction; it may be applied again.

    Login roles get the password, or that of the superuser, which is the connection's own.
    """
    for part in _PARTS:
        # One of the files of this package, never text from elsewhere.
        connection.execute(_text(part).encode())
    for role in _LOGIN_ROLES:
        _set_password(connection, role, password or connection.info.password)
    connection.execute(
        sql.SQL("comment on database {} is {}").format(
            sql.Identifier(connection.info.dbname), sql.Literal(_description())
        )
    )


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    # Hashed here, so that the password itself reaches neither the server nor its log.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("alter role {} password {}").format(
            sql.Identifier(role), sql.Literal(verifier.decode())
        )
    )


def _description() -> str:
    digest = hashlib.sha256("".join(map(_text, _PARTS)).encode()).hexdigest()
    return f"Lockstitch, prelude {digest[:16]}"


def _text(part: str) -> str:
    return (files("lockstitch.database") / "sql" / "prelude" / f"{part}.sql").read_text("utf-8")
