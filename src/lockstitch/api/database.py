"""The database of a project: the given one, or the embedded one brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from lockstitch.database.directory import FOLDER, refuse_foreign_directory
from lockstitch.database.embedded import EmbeddedPostgres
from lockstitch.database.migrations import apply_migrations, sync_migrations
from lockstitch.errors import ConfigurationError
from lockstitch.settings import Settings


@contextmanager
def project_database(settings: Settings) -> Iterator[str]:
    """Yield where to log in as authenticator.

    A given server is taken as it is. Else the embedded one is started, or used where it runs
    already, and gets the migrations that it lacks; in the end it stops if it was started here.

    Raises:
        ConfigurationError: A direct connection to no given server was configured, or accounts are
            kept by Supabase, and its database is not given.
        DatabaseError: The server cannot be started or a migration failed.
    """
    if settings.database_dsn is None and settings.database_direct_dsn is not None:
        raise ConfigurationError(
            "LOCKSTITCH_DATABASE_DIRECT_DSN is the way around a pooler, and there is none: the "
            "embedded Postgres is used. Set LOCKSTITCH_DATABASE_DSN too, or remove the former."
        )
    if settings.database_dsn is not None:
        yield settings.database_dsn.get_secret_value()
        return
    if settings.keeps_accounts_on_supabase:
        raise ConfigurationError(
            "SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY leave accounts to a Supabase project, and "
            "they are in its database. Give that database, too: LOCKSTITCH_DATABASE_DSN."
        )
    refuse_foreign_directory(settings.data)
    with EmbeddedPostgres(settings.data / FOLDER) as server:
        if not settings.migrations.is_dir():
            sync_migrations(settings.migrations)
        apply_migrations(server.dsn("postgres"), settings.migrations)
        yield server.dsn()


def direct_dsn(settings: Settings, dsn: str) -> str:
    """Return where to log in for what a transaction pooler cannot carry, such as `listen`.

    Args:
        settings: Those of the project.
        dsn: What `project_database` has yielded.
    """
    given = settings.database_direct_dsn
    return dsn if given is None else given.get_secret_value()
