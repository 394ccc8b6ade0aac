"""The entry point: `lockstitch VERB`."""

import signal
import sys

import typer

from lockstitch.cli.audit import audit
from lockstitch.cli.check import check
from lockstitch.cli.db import db
from lockstitch.cli.diff import diff
from lockstitch.cli.export import export
from lockstitch.cli.generate import generate
from lockstitch.cli.mock import mock
from lockstitch.cli.serve import serve
from lockstitch.cli.up import up
from lockstitch.cli.verify import verify
from lockstitch.cli.web import web
from lockstitch.errors import LockstitchError

COULD_NOT_RUN = 2

app = typer.Typer(
    name="lockstitch",
    help="One contract between Postgres, FastAPI and Next.js.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(export)
app.command()(generate)
app.command()(mock)
app.command()(check)
app.command()(diff)
app.command()(audit)
app.command()(verify)
app.command(hidden=True)(serve)
app.command(hidden=True)(web)
app.add_typer(db, name="db")


def run() -> None:
    """Run the command line; an error of ours is one sentence and exit code 2."""
    # A shell starts its background jobs with SIGINT ignored; ours end on it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app()
    except LockstitchError as error:
        print(error.sentence, file=sys.stderr)
        sys.exit(COULD_NOT_RUN)


if __name__ == "__main__":
    run()
