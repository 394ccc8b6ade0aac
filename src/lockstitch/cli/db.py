"""`lockstitch db`: the embedded Postgres and its migrations."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Annotated, Literal

import typer
from pydantic import BaseModel

from lockstitch.cli.attack import attack
from lockstitch.cli.prepare import prepare
from lockstitch.errors import ConfigurationError
from lockstitch.settings import Settings

db = typer.Typer(name="db", help="The database and its migrations.", no_args_is_help=True)
db.command()(attack)
db.command()(prepare)

Data = Annotated[Path | None, typer.Option("--data", help="Where Lockstitch keeps its data.")]
Dsn = Annotated[str | None, typer.Option("--dsn", help="A running Postgres to use instead.")]
Migrations = Annotated[Path | None, typer.Option(help="The folder of SQL migrations.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Role = Annotated[str, typer.Option(help="The role to log in as.")]


class ServerStatus(BaseModel):
    """Whether the embedded Postgres runs, and how to reach it."""

    state: Literal["running", "stopped"]
    directory: Path
    version: str | None = None
    postgres_pid: int | None = None
    owner_pid: int | None = None
    socket_directory: Path | None = None

    def as_text(self) -> str:
        """Return the status for a terminal."""
        if self.state == "stopped":
            return f"No Postgres runs in {self.directory}."
        owner = f"it ends with process {self.owner_pid}" if self.owner_pid else "on its own"
        return (
            f"Postgres {self.version} runs in {self.directory} "
            f"(pid {self.postgres_pid}, {owner}), socket in {self.socket_directory}."
        )


class MigrationResult(BaseModel):
    """Which migrations were applied, or copied into the project."""

    migrations: list[str]

    def as_text(self, done: str, nothing: str) -> str:
        """Return one line for each migration."""
        return "\n".join(f"{done} {name}" for name in self.migrations) or nothing


class Bridged(BaseModel):
    """How to reach the embedded server over TCP."""

    url: str
    password_file: Path

    def as_text(self) -> str:
        """Return what to write into another terminal."""
        return (
            f"The database is at {self.url}, for this machine alone. Ctrl-C stops.\n"
            f"    export PGPASSFILE={quote(str(self.password_file))}\n"
            f"    psql '{self.url}'\n"
            f"    npx supabase db push --remote='{self.url}'"
        )


@db.command()
def start(data: Data = None, json: AsJson = False) -> None:
    """Start the embedded Postgres and leave it running."""
    from lockstitch.database.embedded import EmbeddedPostgres

    EmbeddedPostgres(_directory(data)).start_detached()
    _print_status(data, json=json)


@db.command()
def stop(data: Data = None, json: AsJson = False) -> None:
    """Stop a Postgres that `start` left running."""
    from lockstitch.database.embedded import stop_detached

    stop_detached(_directory(data))
    _print_status(data, json=json)


@db.command()
def status(data: Data = None, json: AsJson = False) -> None:
    """Say whether the embedded Postgres runs, and where."""
    _print_status(data, json=json)


@db.command(context_settings={"allow_extra_args": True})
def psql(
    context: typer.Context, data: Data = None, dsn: Dsn = None, role: Role = "postgres"
) -> None:
    """Open psql on the running database; what follows `--` is passed on to it."""
    from psycopg.conninfo import make_conninfo

    from lockstitch.database.binaries import find_binaries
    from lockstitch.database.connection_string import read_dsn

    parameters = read_dsn(_dsn(data, dsn, role))
    # Everybody on this machine can read a process's arguments.
    if parameters.get("password"):
        os.environ["PGPASSWORD"] = parameters.pop("password")
    program = find_binaries().program("psql")
    arguments = [str(program), make_conninfo(**parameters), *context.args]
    # psql takes this process's place, so that Ctrl-C and the exit code are its own.
    os.execv(program, arguments)  # noqa: S606 - no shell is wanted.


@db.command()
def migrate(
    data: Data = None, dsn: Dsn = None, migrations: Migrations = None, json: AsJson = False
) -> None:
    """Apply the migrations that the database lacks."""
    from lockstitch.database.migrations import apply_migrations

    folder = Settings.load(migrations=migrations).migrations
    with _started(data, dsn) as target:
        applied = apply_migrations(target, folder)
    result = MigrationResult(migrations=[migration.path.name for migration in applied])
    print(_rendered(result, "Applied", "Every migration is applied already.", json=json))


@db.command()
def sync(migrations: Migrations = None, json: AsJson = False) -> None:
    """Copy new migrations of Lockstitch into the project."""
    from lockstitch.database.migrations import sync_migrations

    copies = sync_migrations(Settings.load(migrations=migrations).migrations)
    result = MigrationResult(migrations=[copy.name for copy in copies])
    print(_rendered(result, "Copied", "The project has every migration of Lockstitch.", json=json))


@db.command()
def bridge(
    data: Data = None,
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 54322,
    json: AsJson = False,
) -> None:
    """Let programs that know no unix socket reach the running database, until Ctrl-C."""
    import asyncio

    from lockstitch.database.bridge import carry, listen
    from lockstitch.database.connection_string import read_dsn
    from lockstitch.database.embedded import running_dsn

    parameters = read_dsn(running_dsn(_directory(data), "postgres"))
    with listen(port) as listener:
        bridged = Bridged(
            url=f"postgresql://postgres@127.0.0.1:{listener.getsockname()[1]}"
            f"/{parameters['dbname']}?sslmode=disable",
            password_file=Path(parameters["passfile"]),
        )
        print(bridged.model_dump_json() if json else bridged.as_text(), flush=True)
        server_socket = Path(parameters["host"]) / f".s.PGSQL.{parameters['port']}"
        with suppress(KeyboardInterrupt):
            asyncio.run(carry(listener, server_socket))


@db.command()
def dump(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    data: Data = None,
    dsn: Dsn = None,
    json: AsJson = False,
) -> None:
    """Write everything of the project's database, and the files of its datasets, into one file."""
    from lockstitch.database.dump.making import dump as dump_database

    with _started(data, dsn) as target:
        result = dump_database(target, file, _storage(data))
    print(result.model_dump_json(indent=2) if json else result.as_text())


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `dump` has made.")],
    data: Data = None,
    dsn: Dsn = None,
    force: Annotated[bool, typer.Option(help="Replace what is in the database.")] = False,
    json: AsJson = False,
) -> None:
    """Put a dump into an empty database; it is restored as a whole or not at all."""
    from lockstitch.database.dump.restoring import restore as restore_database

    with _started(data, dsn) as target:
        result = restore_database(target, file, _storage(data), force=force, alone=not dsn)
    print(result.model_dump_json(indent=2) if json else result.as_text())


@contextmanager
def _started(data: Path | None, dsn: str | None) -> Iterator[str]:
    """Yield the given server, or the embedded one, started for as long as it is needed."""
    from lockstitch.database.embedded import EmbeddedPostgres

    if dsn:
        yield dsn
        return
    if Settings.load().database_dsn is not None:
        raise ConfigurationError(
            "LOCKSTITCH_DATABASE_DSN logs in as authenticator, who may change no table and reads "
            "no row. Give the connection string of the role postgres with --dsn."
        )
    # What another process owns is migrated, too.
    with EmbeddedPostgres(_directory(data), share=True) as server:
        yield server.dsn("postgres")


def _dsn(data: Path | None, dsn: str | None, role: str) -> str:
    """Return the given server, or the embedded one, which must run."""
    from lockstitch.database.embedded import running_dsn

    given = Settings.load(database_dsn=dsn or None).database_dsn
    return given.get_secret_value() if given else running_dsn(_directory(data), role)


def _directory(data: Path | None) -> Path:
    from lockstitch.database.directory import FOLDER, refuse_foreign_directory

    directory = Settings.load(data=data).data
    refuse_foreign_directory(directory)
    return directory / FOLDER


def _storage(data: Path | None) -> Path:
    return Settings.load(data=data).data / "storage"


def _print_status(data: Path | None, *, json: bool) -> None:
    from lockstitch.database.embedded import running_server

    cluster = _directory(data)
    # What --data takes, everywhere.
    directory = cluster.parent
    running = running_server(cluster)
    result = ServerStatus(state="stopped", directory=directory)
    if running is not None:
        result = ServerStatus(
            state="running",
            directory=directory,
            version=running.version,
            postgres_pid=running.postgres_pid,
            owner_pid=running.owner_pid,
            socket_directory=Path(running.socket_directory),
        )
    print(result.model_dump_json(indent=2) if json else result.as_text())


def _rendered(result: MigrationResult, done: str, nothing: str, *, json: bool) -> str:
    return result.model_dump_json(indent=2) if json else result.as_text(done, nothing)
